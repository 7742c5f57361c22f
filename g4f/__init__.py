"""One YAML file turns any mix of LLM providers into one endpoint.

`Client(config="g4f.yaml")` and `AsyncClient(config="g4f.yaml")` are the gateway inside a Python program; `g4fd` is
the same as a daemon. Importing this package loads nothing heavy and contacts nobody: what it exports is loaded when
it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f.version import __version__

if TYPE_CHECKING:
    from g4f import Provider, client, cookies, debug, errors, models, providers, typing, version
    from g4f.client import AsyncClient, Client
    from g4f.client.calling import (
        async_concat_chunks,
        concat_chunks,
        get_async_provider_method,
        get_provider_method,
        to_sync_generator,
    )
    from g4f.client.completion import ChatCompletion
    from g4f.client.factory import ClientFactory, create_custom_provider
    from g4f.client.registry import Model
    from g4f.client.service import get_last_provider, get_model_and_provider
    from g4f.cookies import get_cookies, set_cookies
    from g4f.models import ModelRegistry

__all__ = [
    "AsyncClient",
    "ChatCompletion",
    "Client",
    "ClientFactory",
    "Model",
    "ModelRegistry",
    "Provider",
    "__version__",
    "async_concat_chunks",
    "client",
    "concat_chunks",
    "cookies",
    "create_custom_provider",
    "debug",
    "errors",
    "get_async_provider_method",
    "get_cookies",
    "get_last_provider",
    "get_model_and_provider",
    "get_provider_method",
    "models",
    "providers",
    "set_cookies",
    "to_sync_generator",
    "typing",
    "version",
]

_MODULES = frozenset(
    {"Provider", "client", "cookies", "debug", "errors", "image", "models", "providers", "typing", "version"}
)
_HOMES = {
    "AsyncClient": "client",
    "ChatCompletion": "client.completion",
    "Client": "client",
    "ClientFactory": "client.factory",
    "Model": "client.registry",
    "ModelRegistry": "models",
    "async_concat_chunks": "client.calling",
    "concat_chunks": "client.calling",
    "create_custom_provider": "client.factory",
    "get_async_provider_method": "client.calling",
    "get_cookies": "cookies",
    "get_last_provider": "client.service",
    "get_model_and_provider": "client.service",
    "get_provider_method": "client.calling",
    "set_cookies": "cookies",
    "to_sync_generator": "client.calling",
}


def __getattr__(name: str) -> Any:
    """Load what is exported when it is first asked for."""
    if name in _MODULES:
        return import_module(f"g4f.{name}")
    if name in _HOMES:
        return getattr(import_module(f"g4f.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'g4f' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
