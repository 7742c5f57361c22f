"""What a model and a provider argument come to, without asking anybody; and who was asked last."""

from typing import Any

from g4f import debug
from g4f.client.completion import default_client
from g4f.client.earlier import retired, successor
from g4f.client.handles import names
from g4f.client.pins import flat, usable
from g4f.client.providers import provider as catalog_provider
from g4f.client.registry import REGISTERED, Model
from g4f.errors import ModelNotFoundError
from g4f.providers.base_provider import BaseProvider
from g4f.providers.retry_provider import IterListProvider


def convert_to_provider(written: str) -> type[BaseProvider] | IterListProvider:
    """The provider of that name; of several, separated by spaces, a list in their order. Raises
    ProviderNotFoundError."""
    found = [retired(name) or catalog_provider(successor(name) or name) for name in written.split()]
    return found[0] if len(found) == 1 else IterListProvider(found, shuffle=False)


def get_model_and_provider(
    model: Model | str | None,
    provider: Any = None,
    stream: bool = False,
    ignore_working: bool = False,
    ignore_stream: bool = False,
    logging: bool = True,
    has_images: bool = False,
) -> tuple[str, Any]:
    """The model's name and who would be asked for it. A model that is a provider's name means its default model.

    Raises ModelNotFoundError, ProviderNotFoundError, ProviderNotWorkingError and StreamNotSupportedError.
    """
    name = model.name if isinstance(model, Model) else model or ""
    if provider is None and (name in names() or retired(name) or successor(name)):
        provider = convert_to_provider(name)
        name = getattr(provider, "default_model", "")
    if provider is None:
        provider = _best(model, name)
    elif isinstance(provider, str):
        provider = convert_to_provider(provider)
    usable(flat(provider), stream=stream, ignore_working=ignore_working, ignore_stream=ignore_stream)
    return name, provider


def get_last_provider(as_dict: bool = False) -> Any:
    """The class of the provider that answered last in this process, or its name, address and model; None before."""
    name = debug.last_provider
    if name is None:
        return {} if as_dict else None
    own: type[BaseProvider] = type(name, (BaseProvider,), {"label": name})
    found = catalog_provider(name) if name in names() else own
    return {**found.get_dict(), "model": debug.last_model} if as_dict else found


def _best(model: Model | str | None, name: str) -> Any:
    found = model if isinstance(model, Model) else REGISTERED.get(name)
    if found is not None and found.best_provider is not None:
        return found.best_provider
    targets = default_client().explain(name)
    listed = [*targets.targets, *targets.skipped]
    if not listed:
        raise ModelNotFoundError(f"The model {name[:200]!r} has no provider.", param="model")
    places = dict.fromkeys(target["provider"] for target in listed)
    return IterListProvider([catalog_provider(name) if name in names() else name for name in places], shuffle=False)
