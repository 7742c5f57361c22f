"""A streamed answer, read piece by piece: what the relays and decoders of a dialect have in common.

Where a chunk holds good pieces before a bad one, what they came to is given out first, and the next call raises.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from g4f.dialects.sse import EventTooLarge
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Piece = TypeVar("Piece")
Cut = TypeVar("Cut", covariant=True)
Out = TypeVar("Out")


class Splitter(Protocol[Cut]):
    """Cuts bytes that arrive in any chunks into pieces. Raises EventTooLarge; with `failed` the next call does."""

    @property
    def failed(self) -> bool: ...

    def feed(self, chunk: bytes) -> Sequence[Cut]: ...

    def close(self) -> Sequence[Cut]: ...


class Reading(ABC, Generic[Piece, Out]):
    """Turns the bytes of one stream into what `_take` makes of its pieces. `finished` turns true when the upstream has
    said that the answer is complete; what comes after is ignored. `feed` and `close` raise AttemptFailed."""

    def __init__(self, splitter: Splitter[Piece], provider: str) -> None:
        self.finished = False
        self._splitter = splitter
        self._provider = provider
        self._pending: AttemptFailed | None = None

    @abstractmethod
    def _take(self, piece: Piece, out: list[Out]) -> None:
        """Add to `out` what a piece says. Raises AttemptFailed."""

    @abstractmethod
    def _end(self, out: list[Out]) -> None:
        """The bytes have ended before the answer was said to be complete. Raises AttemptFailed unless it was whole."""

    def feed(self, chunk: bytes) -> list[Out]:
        """What `chunk` completes."""
        out: list[Out] = []
        if self._pending is not None:
            raise self._pending
        if not self.finished:
            self._guarded(chunk, out)
        return out

    def check(self) -> None:
        """Raise the failure that came behind what `feed` returned, if one did."""
        if self._pending is not None or (self._splitter.failed and not self.finished):
            self.feed(b"")

    def close(self) -> list[Out]:
        """What the end of the bytes left unterminated. Raises if the answer is not complete."""
        out: list[Out] = []
        if self._pending is not None:
            raise self._pending
        if self.finished:
            return out
        try:
            self._take_all(self._splitter.close(), out)
        except EventTooLarge as error:
            raise self._too_large(error) from None
        except AttemptFailed as failed:
            # The last piece may have been cut anywhere: that it is no JSON says only that the stream broke.
            if failed.failure.kind is not FailureKind.BAD_RESPONSE:
                raise
        if not self.finished:
            self._end(out)
        return out

    def _guarded(self, chunk: bytes, out: list[Out]) -> None:
        try:
            self._take_all(self._splitter.feed(chunk), out)
        except EventTooLarge as error:
            self._pending = self._too_large(error)
        except AttemptFailed as failed:
            self._pending = failed
        if self._pending is not None and not out:
            raise self._pending

    def _take_all(self, pieces: Sequence[Piece], out: list[Out]) -> None:
        for piece in pieces:
            if not self.finished:
                self._take(piece, out)

    def _too_large(self, error: EventTooLarge) -> AttemptFailed:
        return AttemptFailed(Failure(kind=FailureKind.TOO_LARGE, message=f"{self._provider}: {error}"))

    def _broken_off(self) -> AttemptFailed:
        message = f"{self._provider} ended the stream before the answer was complete"
        return AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=message))
