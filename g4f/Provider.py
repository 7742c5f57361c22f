"""The providers of the catalog as classes (`from g4f.Provider import Groq`), and what one is written with.

Every row of the catalog is here under its name; nothing is loaded or contacted before a client asks it. Names of
providers of g4f are here too, also as the modules in which g4f had them (`from g4f.Provider.Groq import Groq`).
"""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from g4f.client import template
from g4f.client.earlier import earlier_names, retired, successor
from g4f.client.handles import names, suggestion
from g4f.client.providers import AnyProvider as AnyProvider
from g4f.client.providers import CatalogProvider, all_providers, provider
from g4f.client.template import OpenaiTemplate as OpenaiTemplate
from g4f.providers import base_provider, prompts, response, retry_provider, types
from g4f.providers.base_provider import AbstractProvider as AbstractProvider
from g4f.providers.base_provider import AsyncGeneratorProvider as AsyncGeneratorProvider
from g4f.providers.base_provider import AsyncProvider as AsyncProvider
from g4f.providers.base_provider import BaseProvider as BaseProvider
from g4f.providers.base_provider import ProviderModelMixin as ProviderModelMixin
from g4f.providers.retry_provider import BaseRetryProvider as BaseRetryProvider
from g4f.providers.retry_provider import IterListProvider as IterListProvider
from g4f.providers.retry_provider import RetryProvider as RetryProvider
from g4f.providers.retry_provider import RotatedProvider as RotatedProvider
from g4f.providers.types import ProviderType as ProviderType

if TYPE_CHECKING:
    from g4f.catalog.provider_names import *  # noqa: F403

_OWN: Final = (
    "AbstractProvider",
    "AnyProvider",
    "AsyncGeneratorProvider",
    "AsyncProvider",
    "BaseProvider",
    "BaseRetryProvider",
    "CatalogProvider",
    "IterListProvider",
    "OpenaiTemplate",
    "ProviderModelMixin",
    "ProviderType",
    "ProviderUtils",
    "RetryProvider",
    "RotatedProvider",
)
#: Folders in which g4f kept providers.
_FOLDERS: Final = ("needs_auth", "not_working", "deprecated", "hf_space", "local", "audio", "nexra", "selenium")

__map__: Mapping[str, type[CatalogProvider]]
__providers__: Sequence[type[CatalogProvider]]


class ProviderUtils:
    """The providers by name, under the name that older programs use."""

    convert: Mapping[str, type[CatalogProvider]] = {one.__name__: one for one in all_providers()}


def __getattr__(name: str) -> Any:
    """The provider of that name."""
    if name == "__all__":
        return [*_OWN, *names()]
    if name in ("__providers__", "__map__"):
        return all_providers() if name == "__providers__" else ProviderUtils.convert
    if name in names():
        return provider(name)
    renamed = successor(name)
    found = retired(name) if renamed is None else provider(renamed)
    if found is None:
        raise AttributeError(f"g4f.Provider has no {name!r}{suggestion(name)}")
    return found


def __dir__() -> list[str]:
    return sorted([*_OWN, *names()])


# An import of a module that is there already looks for no file, and leaves the class under its name as it is.
sys.modules.update(
    {
        f"{__name__}.{name}": module
        for module, module_names in (
            (sys.modules[__name__], (*names(), *earlier_names(), *_FOLDERS)),
            *((module, (module.__name__.rpartition(".")[2],)) for module in (base_provider, retry_provider, response)),
            (prompts, ("helper",)),
            (types, ("types",)),
            (template, ("template", "template.OpenaiTemplate")),
        )
        for name in module_names
    }
)
