"""Names that programs have for providers of g4f, and what became of each: another name here, or nobody.

A name without a successor is still a class, so that a program that imports it starts, lists that hold it go on to
the next provider, and only who asks it alone is told why there is no answer. Nobody is contacted on its behalf.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, ClassVar, NoReturn

import orjson

from g4f.config.load import load_catalog
from g4f.errors import ProviderNotWorkingError
from g4f.providers.base_provider import BaseProvider, ProviderModelMixin

_SITE = "was a website or an app without an official API; none of those is asked any more"
_GATEWAY = "is not in the catalog; what speaks OpenAI's dialect is asked by Client(base_url=..., api_key=...)"


class Retired(BaseProvider, ProviderModelMixin):
    """A provider that is none any more; `why` says so in a sentence."""

    working = False
    why: ClassVar[str] = ""

    @classmethod
    def create_completion(cls, model: str, messages: Sequence[Mapping[str, Any]], **kwargs: Any) -> NoReturn:
        """Raises ProviderNotWorkingError."""
        raise ProviderNotWorkingError(cls.why, code="provider_not_working", param="provider")

    create_async_generator = create_async = create_completion
    create_function = async_create_function = create_completion


def successor(name: str) -> str | None:
    """What the catalog calls a provider that had another name in g4f."""
    renamed = _names()["renamed"].get(name)
    return renamed if renamed in load_catalog().providers else None


@cache
def retired(name: str) -> type[Retired] | None:
    """The class for a provider of g4f that has no successor; None for every other name."""
    known = _names()
    if name in load_catalog().providers or not (name in known["sites"] or name in known["gateways"]):
        return None
    why = f"{name} {_SITE if name in known['sites'] else _GATEWAY} (docs/migration.md)"
    return type(name, (Retired,), {"why": why, "label": name, "__module__": "g4f.Provider", "__doc__": f"{why}."})


def earlier_names() -> list[str]:
    """Every name of a provider in g4f that the catalog does not have."""
    known = _names()
    names = (*known["renamed"], *known["sites"], *known["gateways"])
    return [name for name in names if name not in load_catalog().providers]


def earlier_models() -> Mapping[str, str]:
    """The constants of g4f for models that the catalog does not have, and the names of these."""
    found: Mapping[str, str] = _names()["models"]
    return found


@cache
def _names() -> Mapping[str, Any]:
    read: Mapping[str, Any] = orjson.loads(resources.files("g4f.catalog").joinpath("earlier.json").read_bytes())
    return {
        "renamed": read["renamed"],
        "models": read["models"],
        "sites": frozenset(read["sites"]),
        "gateways": frozenset(read["gateways"]),
    }
