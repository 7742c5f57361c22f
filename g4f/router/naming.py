"""Which model a request is about that names none, or a provider in its place.

A provider that can be picked is listed among the models, so clients offer its name as one: it stands for the first
model that the configuration knows of it.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from g4f.errors import RequestError
from g4f.exchange.request import Operation, Request
from g4f.router.table import RoutingTable

#: Which models a caller may use.
Sees = Callable[[str], bool]

#: What a model is for of which nothing is known.
_TEXT = frozenset({Operation.CHAT, Operation.COMPLETION})


def with_model(request: Request, table: RoutingTable, sees: Sees) -> Request:
    """The request with the default model where it names none, and where it names a provider in place of one.

    Raises RequestError where no model is for what it asks.
    """
    name, operation = request.model, request.operation
    if name:
        picks = name in table.providers and request.provider in (None, name)
        meant = _stands_for(table, name, operation, sees) if picks else None
        return request if meant is None else replace(request, provider=name, model=meant)
    picked = (request.provider,) if isinstance(request.provider, str) else request.provider or ()
    model = _default(table, operation, picked, sees)
    if model is None:
        message = f"model is required: no model here is the default for {operation}"
        raise RequestError(message, status=422, code="missing_required_parameter", param="model")
    return replace(request, model=model)


def _default(table: RoutingTable, operation: Operation, providers: Collection[str], sees: Sees) -> str | None:
    """The model for requests that name none: the first one that is for the operation, of those that a caller `sees`
    and, where some are picked, that one of the `providers` serves. Of chats it is the file's default."""
    if operation is Operation.CHAT and (table.default_model is not None or not providers):
        return table.default_model
    if operation in _TEXT and providers:
        return next((name for provider in providers if (name := _first(table, provider, operation, sees))), None)
    for name, route in table.routes.items():
        fits = route.operations is not None and operation in route.operations and not route.pattern
        if fits and (not providers or not set(providers).isdisjoint(route.providers())) and sees(name):
            return name
    return None


def _stands_for(table: RoutingTable, name: str, operation: Operation, sees: Sees) -> str | None:
    """The model that a provider's name stands for where a model's is asked for; None for every other name."""
    if not table.providers[name].pickable or name in table.routes or name in table.aliases:
        return None
    return _first(table, name, operation, sees)


def _first(table: RoutingTable, provider: str, operation: Operation, sees: Sees) -> str | None:
    """The first model of a provider, as the configuration names them, that is for the operation."""
    rules = table.providers.get(provider)
    if rules is None:
        return None
    routes = [route for route in table.routes.values() if not route.pattern and provider in route.providers()]
    known = {route.name: route.operations or _TEXT for route in routes}
    known |= {name: table.known.get(name, _TEXT) for name in rules.aliases if name not in known}
    return next((name for name, made_for in known.items() if operation in made_for and sees(name)), None)
