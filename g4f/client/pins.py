"""From what `provider=` may be to a flat list of providers in the order of trying.

A name, several names in one string, a class or object of the user's own, a handle of the catalog, a list of these, or
one of the lists of `g4f.providers.retry_provider`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from g4f.client.handles import Handle
from g4f.errors import ProviderNotWorkingError, StreamNotSupportedError
from g4f.providers.retry_provider import IterListProvider

#: How deep lists may be in lists.
MAX_DEPTH = 8

#: The name that stands for whoever the configuration names.
ANYBODY = "AnyProvider"

#: What a list gives, and in which order.
Order = Callable[[IterListProvider], Sequence[Any]]


def flat(provider: Any) -> list[Any]:
    """The providers as names, handles and objects, in the order that this request is to try them.

    Raises TypeError for what is none of them.
    """
    return _all(provider, lambda listed: listed.order())


def members(provider: Any) -> list[Any]:
    """As `flat`, in the order they were given, and without taking a turn of a list that rotates."""
    return _all(provider, lambda listed: listed.providers)


def anybody(provider: Any) -> bool:
    """Whether this names no provider but the configuration's choice; an empty name is none."""
    if isinstance(provider, str):
        return provider.strip() in ("", ANYBODY)
    return provider is None or (isinstance(provider, type) and name_of(provider) == ANYBODY)


def usable(providers: list[Any], *, stream: bool, ignore_working: bool, ignore_stream: bool) -> list[Any]:
    """Those that say of themselves that they can be used. Raises where none is left."""
    working = [p for p in providers if ignore_working or isinstance(p, str) or getattr(p, "working", True)]
    if not working:
        raise ProviderNotWorkingError(_reason(providers), code="provider_not_working", param="provider")
    streaming = [p for p in working if isinstance(p, str) or getattr(p, "supports_stream", True)]
    if stream and not ignore_stream and not streaming:
        raise StreamNotSupportedError(
            f"{_listed(working)} cannot stream; ignore_stream=True gives its answer in one piece."
        )
    return streaming if stream and streaming and not ignore_stream else working


def name_of(provider: Any) -> str:
    """What a provider is called."""
    if isinstance(provider, str):
        return provider
    return str(getattr(provider, "__name__", None) or type(provider).__name__)


def _all(provider: Any, order: Order) -> list[Any]:
    found = list(_walk(provider, order, MAX_DEPTH))
    if not found:
        raise TypeError("provider= is a list of no providers")
    return found


def _walk(provider: Any, order: Order, depth: int) -> Iterator[Any]:
    if depth == 0:
        raise TypeError("provider= is a list within too many lists")
    if isinstance(provider, str):
        yield from provider.split()
    elif isinstance(provider, IterListProvider | list | tuple):
        for one in order(provider) if isinstance(provider, IterListProvider) else provider:
            yield from _walk(one, order, depth - 1)
    elif isinstance(provider, Handle) and "catalog_row" in vars(type(provider)):
        yield type(provider)
    elif provider is not None and not isinstance(provider, int | float | bytes | dict):
        yield provider
    else:
        raise TypeError(f"provider= takes a name, a class or a list of them, not {type(provider).__name__}")


def _reason(providers: list[Any]) -> str:
    """Why none of them is asked: their own words, where they have some."""
    whys = dict.fromkeys(getattr(provider, "why", None) for provider in providers)
    if not whys:
        return "every provider of the list is among those that this call ignores"
    if all(whys):
        return "; ".join(f"{why}" for why in whys)
    return f"{_listed(providers)} says of itself that it does not work; ignore_working=True asks it all the same."


def _listed(providers: list[Any]) -> str:
    return ", ".join(dict.fromkeys(map(name_of, providers))) or "the list"
