"""The HTTP side of the gateway: an aiohttp server.

`run_api`, `AppConfig` and `create_app` are for programs; they are loaded when they are first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from g4f.api.programmatic import AppConfig, create_app, run_api

__all__ = ["AppConfig", "create_app", "run_api"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from g4f.api import programmatic

        return getattr(programmatic, name)
    raise AttributeError(f"module 'g4f.api' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
