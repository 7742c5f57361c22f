"""GET /v1/models, /v1/models/{id} and /api/{provider}/models."""

import asyncio

from aiohttp import web

from g4f.api.cards import known_models, model_card, own_models, provider_as_model
from g4f.api.fronts import ANTHROPIC_VERSION, GOOGLE_CLIENT
from g4f.api.handlers import anthropic_models, gemini
from g4f.api.keys import GATEWAY, LINE, METER
from g4f.api.responses import json_response
from g4f.errors import ExhaustedError, ModelNotFoundError, ProviderNotFoundError, ProviderNotWorkingError
from g4f.exchange.failure import ANSWERS, AttemptFailed, Failure, FailureKind
from g4f.gateway.gateway import Gateway
from g4f.router.table import ProviderRules, public_names


async def list_models(request: web.Request) -> web.Response:
    """Every model this key may ask for by name, and every provider that can be picked, as the seed document has it."""
    if ANTHROPIC_VERSION in request.headers:
        return anthropic_models.list_models(request)
    if GOOGLE_CLIENT in request.headers:
        return await gemini.list_models(request)
    line = request[LINE]
    table = request.app[GATEWAY].snapshot.table
    routes = ((name, table.find(name)) for name in public_names(table) if line.caller.sees(name))
    prices = request.app[METER].prices
    cards = [model_card(name, route, table, prices) for name, route in routes if route is not None]
    cards += [provider_as_model(rules) for rules in table.providers.values() if rules.pickable]
    return json_response({"object": "list", "data": cards})


async def get_model(request: web.Request) -> web.Response:
    """One model. A name that only a pattern matches exists too: a request for it would be served."""
    if GOOGLE_CLIENT in request.headers:
        return await gemini.get_model(request)
    name = request.match_info["model"]
    table = request.app[GATEWAY].snapshot.table
    rules, route = table.providers.get(name), table.find(name)
    if rules is not None and rules.pickable and (route is None or route.pattern):
        return json_response(provider_as_model(rules))
    if route is not None:
        request[LINE].caller.check_model(name)
        own = ANTHROPIC_VERSION in request.headers
        prices = request.app[METER].prices
        return json_response(anthropic_models.card(name) if own else model_card(name, route, table, prices))
    raise ModelNotFoundError(f"The model {name[:200]!r} does not exist here.", param="model")


async def provider_models(request: web.Request) -> web.Response:
    """The models of one provider, as it lists them itself; what the file knows of them where it cannot say."""
    gateway, name = request.app[GATEWAY], request.match_info["provider"]
    rules, table = find_provider(gateway, name), gateway.snapshot.table
    try:
        names = await gateway.provider_models(name)
    except (AttemptFailed, TimeoutError) as error:
        names = known_models(rules, table)
        if not names:
            raise _failed(name, error) from None
    return json_response({"object": "list", "data": own_models(names, rules, table)})


def find_provider(gateway: Gateway, name: str) -> ProviderRules:
    """The rules of a provider that the file names. Raises ProviderNotFoundError, ProviderNotWorkingError."""
    rules = gateway.snapshot.table.providers.get(name)
    if rules is None or not rules.listed:
        raise ProviderNotFoundError(f"No provider {name[:64]!r} is configured here.", param="provider")
    if name not in gateway.snapshot.adapters:
        why = "it is in ignored_providers" if rules.ignored else "it has no key"
        raise ProviderNotWorkingError(
            f"Provider {name!r} cannot be used: {why}.", code="provider_not_working", param="provider"
        )
    return rules


def _failed(name: str, error: AttemptFailed | asyncio.TimeoutError) -> ExhaustedError:
    timeout = Failure(kind=FailureKind.TIMEOUT, message="No answer in time.")
    failure = error.failure if isinstance(error, AttemptFailed) else timeout
    told = ANSWERS[failure.kind]
    message = f"{name} did not list its models: {failure.message}"
    return ExhaustedError(message, status=told.status, type=told.type, code=told.code)
