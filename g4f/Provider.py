"""The providers of the catalog as classes (`from g4f.Provider import Groq`), and what one is written with.

Every row of the catalog is here under its name; nothing is loaded or contacted before a client asks it.
"""

from typing import TYPE_CHECKING, Any

from g4f.client.handles import names, suggestion
from g4f.client.providers import CatalogProvider, all_providers, provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OWN = (
    "AbstractProvider",
    "AsyncGeneratorProvider",
    "AsyncProvider",
    "BaseProvider",
    "CatalogProvider",
    "IterListProvider",
    "ProviderModelMixin",
    "RetryProvider",
    "RotatedProvider",
)

__map__: "Mapping[str, type[CatalogProvider]]"
__providers__: "Sequence[type[CatalogProvider]]"


def __getattr__(name: str) -> Any:
    """The provider of that name."""
    if name in ("__all__", "__providers__", "__map__"):
        listed = {"__all__": [*_OWN, *names()], "__providers__": all_providers()}
        return listed[name] if name in listed else {one.__name__: one for one in all_providers()}
    if name in names():
        return provider(name)
    raise AttributeError(f"g4f.Provider has no {name!r}{suggestion(name)}")


def __dir__() -> list[str]:
    return sorted([*_OWN, *names()])
