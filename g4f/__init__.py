"""One YAML file turns any mix of LLM providers into one endpoint.

`Client(config="g4f.yaml")` and `AsyncClient(config="g4f.yaml")` are the gateway inside a Python program; `g4fd` is
the same as a daemon. Importing this package loads nothing heavy and contacts nobody: what it exports is loaded when
it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f.version import __version__

if TYPE_CHECKING:
    from g4f import cookies, debug, errors, typing, version
    from g4f.client import AsyncClient, Client
    from g4f.cookies import get_cookies, set_cookies

__all__ = [
    "AsyncClient",
    "Client",
    "__version__",
    "cookies",
    "debug",
    "errors",
    "get_cookies",
    "set_cookies",
    "typing",
    "version",
]

_MODULES = frozenset({"cookies", "debug", "errors", "typing", "version"})
_HOMES = {
    "AsyncClient": "client",
    "Client": "client",
    "get_cookies": "cookies",
    "set_cookies": "cookies",
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
