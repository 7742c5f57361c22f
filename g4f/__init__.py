"""One YAML file turns any mix of LLM providers into one endpoint.

`Client(config="g4f.yaml")` and `AsyncClient(config="g4f.yaml")` are the gateway inside a Python program; `g4fd` is
the same as a daemon. Importing this package loads nothing heavy and contacts nobody.
"""

from typing import TYPE_CHECKING, Any

from g4f.version import __version__

if TYPE_CHECKING:
    from g4f.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the clients when they are first asked for."""
    if name in ("AsyncClient", "Client"):
        from g4f import client

        return getattr(client, name)
    raise AttributeError(f"module 'g4f' has no attribute {name!r}")
