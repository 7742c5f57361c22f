"""The contract of an adapter: what a provider must be able to do, and what it is told.

A provider written in Python outside of this package is a class with one method (`base_provider.py`), not an adapter.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from g4f.exchange.answer import Completion, Frame
from g4f.exchange.request import Request
from g4f.providers.base_provider import BaseProvider
from g4f.providers.reply import Reply
from g4f.providers.retry_provider import BaseRetryProvider

__all__ = ["Adapter", "BaseProvider", "BaseRetryProvider", "Call", "ProviderType"]

#: Sends a prepared request, as `Transport.send` does.
Send = Callable[..., Awaitable[Reply]]

#: What stands for a provider in a program: a class, or an object with the same methods.
ProviderType = type[BaseProvider] | BaseProvider | Any


@dataclass(slots=True, kw_only=True)
class Call:
    """One upstream call. `model` is the provider's own name of the model, `key` the name of the key to use and
    `connect` the seconds for TCP and TLS. All other time limits are kept by the caller, who cancels. `dropped` is
    the adapter's word on what of the request the provider has no words for, and `media_type` on what it streams, where
    that is not events of the caller's dialect. `trace` are the headers for a provider that is told the trace. `send`
    stands for that of the transport, where the request went out already."""

    request: Request
    model: str
    key: str | None
    connect: float
    dropped: tuple[str, ...] = ()
    media_type: str | None = None
    trace: Mapping[str, str] | None = None
    send: Send | None = None


class Frames(Protocol):
    """A streamed answer: an async generator will do. One that has `pour` as well (`frames.py`) can be written on
    without a task being woken for each piece."""

    def __aiter__(self) -> AsyncIterator[Frame]: ...
    async def __anext__(self) -> Frame: ...
    async def aclose(self) -> None: ...


class Adapter(Protocol):
    """A provider, ready to be called. Methods raise `AttemptFailed`; cancelling one closes its connection. One that has
    `straight` as well (`endpoint.py`) can be called without a task that waits for it."""

    name: str

    async def complete(self, call: Call) -> Completion:
        """The whole answer, in the caller's dialect, validated."""

    def stream(self, call: Call) -> Frames:
        """The answer piece by piece, in the caller's dialect. It ends normally only if the upstream said that it is
        complete. Closing it closes the upstream connection."""

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        """The provider's own names of its models, asked for now."""

    async def close(self) -> None:
        """Give back what the adapter holds. Called when the last snapshot that uses it has ended."""
