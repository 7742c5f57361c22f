"""Which provider and which credentials one call is about, where they are not the client's own."""

from collections.abc import Collection, Mapping
from typing import Any

from g4f.client.asker import Asker
from g4f.client.handles import is_handle
from g4f.client.pins import anybody, members, name_of
from g4f.client.registry import REGISTERED, Model
from g4f.errors import RequestError
from g4f.providers.retry_provider import IterListProvider


def chosen(asker: Asker, provider: Any, model: Any) -> tuple[Any, Any]:
    """The provider and the name of the model to ask for: what a registered model says, where the call says nothing.

    The configuration knows its own names best, so only models that it does not have, or that are given with a provider
    of the program's own, are taken from the registry.
    """
    given = isinstance(model, Model)
    found = model if given else _registered(asker, model)
    if found is None:
        return provider, model
    if anybody(provider) and anybody(asker.options.provider) and not _of_catalog(found.best_provider):
        provider = found.best_provider
    return provider, found.name


def for_call(asker: Asker, provider: Any, fields: dict[str, Any]) -> tuple[Asker, dict[str, Any]]:
    """The asker that a call's `api_key`, `base_url`, `proxy` and `ignored` lead to, and the fields without the first
    three.

    A key goes to the one provider that is named beside it and to nobody else. Raises RequestError where none is.
    """
    ignored = ignored_in(fields)
    if ignored and anybody(provider) and anybody(asker.options.provider):
        asker = asker.variant(ignored=ignored)
    loose_key = asker.options.api_key if asker.composition.main_provider is None else None
    key = fields.get("api_key") or (loose_key if isinstance(loose_key, str) else None)
    address, proxy = fields.get("base_url"), fields.get("proxy")
    if not (key or address or proxy):
        return asker, fields
    named, objects = _named(asker, provider if provider is not None else asker.options.provider)
    if objects:  # they are called with whatever the program gives them
        return asker, {**fields, "api_key": key} if key else fields
    owner = named[0] if len(set(named)) == 1 else None
    if isinstance(key, str) and owner is None and not (address or asker.options.base_url):
        raise RequestError(
            "api_key belongs to one provider: name it with provider= or base_url=", status=422, param="api_key"
        )
    kept = {name: value for name, value in fields.items() if name not in ("api_key", "base_url", "proxy")}
    return asker.variant(provider=owner, api_key=key, base_url=address, proxy=proxy), kept


def ignored_in(fields: Mapping[str, Any]) -> frozenset[str]:
    """The providers that a call does not want, from its `ignored`. Raises RequestError."""
    wanted = fields.get("ignored") or ()
    names = wanted.split() if isinstance(wanted, str) else wanted
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise RequestError("ignored must be a list of names of providers", status=422, param="ignored")
    return frozenset(names)


def _named(asker: Asker, provider: Any) -> tuple[list[str], bool]:
    """The names among the providers, and whether there is one that is none of the catalog's or the file's."""
    leaves = [] if anybody(provider) else asker.composition.known(members(provider))
    named = [name_of(leaf) for leaf in leaves if isinstance(leaf, str) or is_handle(leaf)]
    return named, len(named) < len(leaves)


def _registered(asker: Asker, model: Any) -> Model | None:
    if not isinstance(model, str) or not model or asker.gateway.snapshot.table.find(model) is not None:
        return None
    return REGISTERED.get(model)


def _of_catalog(provider: Any) -> bool:
    """Whether these are providers that the configuration knows by name, if it wants to."""
    if isinstance(provider, IterListProvider):
        return all(_of_catalog(one) for one in provider.providers)
    if isinstance(provider, Mapping | list | tuple):
        return all(_of_catalog(one) for one in provider)
    return provider is None or isinstance(provider, str) or is_handle(provider)
