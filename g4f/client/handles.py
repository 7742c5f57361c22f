"""The providers of the catalog as classes, to be named in Python: `provider=Provider.Groq`."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

from g4f.config.load import load_catalog
from g4f.config.refusals import did_you_mean
from g4f.config.schema import Model, Provider
from g4f.exchange.request import Operation
from g4f.providers.base_provider import BaseProvider, ProviderModelMixin


class Handle(BaseProvider, ProviderModelMixin):
    """A row of the catalog: its name, and what is known of it. It is asked by passing it to a client."""

    models: ClassVar[list[str]] = []
    capabilities: ClassVar[frozenset[str]] = frozenset()
    description: ClassVar[str] = ""
    key_env: ClassVar[str | None] = None


def is_handle(provider: object) -> bool:
    """Whether this is a row of the catalog itself, and not a class that somebody derived from one."""
    return isinstance(provider, type) and "catalog_row" in vars(provider)


def own_row(provider: object) -> Provider | None:
    """The row of a class that stands for a server of the program's own."""
    row = vars(provider).get("own_row") if isinstance(provider, type) else None
    return row if isinstance(row, Provider) else None


def names() -> list[str]:
    """The providers of the catalog."""
    return list(load_catalog().providers)


def suggestion(name: str) -> str:
    """`; did you mean ...?`, where there is something to mean."""
    return did_you_mean(name, names())


def attributes(name: str) -> dict[str, Any]:
    """What a class for a row of the catalog has. Raises KeyError."""
    row = load_catalog().providers[name]
    vision = "vision" in row.capabilities
    models = served(name)
    own = [row.models.get(model, model) for model in models]
    return {
        "catalog_row": name,
        "__module__": "g4f.Provider",
        "__doc__": row.description,
        "url": row.url or None,
        "label": name,
        "description": row.description,
        "working": True,
        "needs_auth": not row.keyless,
        "key_env": row.key_env,
        "supports_stream": True,
        "capabilities": row.capabilities,
        "default_model": first_for_chats(models),
        "models": models,
        "model_aliases": dict(zip(models, own, strict=True)),
        "vision_models": models if vision else [],
    }


@cache
def _served() -> Mapping[str, list[str]]:
    catalog = load_catalog()
    found: dict[str, list[str]] = {name: list(row.models) for name, row in catalog.providers.items()}
    for name, model in (catalog.models or {}).items():
        for entry in (entry for tier in model.chain for entry in tier):
            if name not in found[entry.provider]:
                found[entry.provider].append(name)
    return found


def served(name: str) -> list[str]:
    """The catalog's models that a provider answers for."""
    return list(_served().get(name, ()))


def first_for_chats(models: Iterable[str], known: Mapping[str, Model] | None = None) -> str:
    """The model for chats that name none: the first that is not for something else. `known` are a file's own models,
    which stand before the catalog's. Empty where there is none at all."""
    listed, catalog = list(models), load_catalog().models or {}
    for name in listed:
        model = (known or {}).get(name) or catalog.get(name)
        if model is None or model.operations is None or Operation.CHAT in model.operations:
            return name
    return next(iter(listed), "")
