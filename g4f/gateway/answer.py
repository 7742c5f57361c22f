"""A committed answer, as the gateway hands it out, and the books that are closed when it ends."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Self

from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.failure import AttemptFailed
from g4f.gateway.committed import AnswerStream, Write
from g4f.gateway.record import AttemptRecord, Journey, blame
from g4f.router.health import Health


class Answer:
    """An answer of one target. Either `completion` is the whole of it, or iterating yields it piece by piece.

    `aclose` must be called at the end, however it comes: it closes the upstream connection of an unfinished stream
    and gives back the lease on the snapshot.
    """

    #: Whether it came out of the cache (`hit`) or may go into it (`miss`); None where there is none for its model.
    cache: str | None = None

    def __init__(
        self,
        record: AttemptRecord,
        body: Completion | AnswerStream,
        journey: Journey,
        generation: int,
        health: Health,
        release: Callable[[], Awaitable[None] | None],
    ) -> None:
        self.target = record.target
        self.record = record
        self.journey = journey
        self.generation = generation
        self.completion = body if isinstance(body, Completion) else None
        self._stream = body if isinstance(body, AnswerStream) else None
        self._health = health
        self._release: Callable[[], Awaitable[None] | None] | None = release

    @property
    def dropped(self) -> tuple[str, ...]:
        """What of the request the answering provider had no words for."""
        return self.record.dropped

    @property
    def media_type(self) -> str | None:
        """The media type of a stream that is a file; None for one of events."""
        return self.record.media_type

    @property
    def usage(self) -> Usage | None:
        source = self.completion or self._stream
        return source.usage if source else None

    @property
    def finish(self) -> str | None:
        source = self.completion or self._stream
        return source.finish if source else None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        """The next piece of a streamed answer. Raises AttemptFailed if it breaks off; no other target takes over."""
        if self._stream is None:
            raise StopAsyncIteration
        try:
            return await anext(self._stream)
        except StopAsyncIteration:
            self._health.succeeded(*self.target.site)
            raise
        except AttemptFailed as failed:
            blame(self.record, failed.failure, self._health)
            raise

    async def pour(self, write: Write) -> Awaitable[None] | None:
        """Write a streamed answer on as it comes, until the client has to be waited for: returns what to wait for
        before the next call, or None at the end. Raises as iterating does, and what `write` raises."""
        if self._stream is None:
            return None
        try:
            room = await self._stream.pour(write)
        except AttemptFailed as failed:
            blame(self.record, failed.failure, self._health)
            raise
        if room is None:
            self._health.succeeded(*self.target.site)
        return room

    async def aclose(self) -> None:
        release, self._release = self._release, None
        if release is None:
            return
        try:
            if self._stream is not None:
                await self._stream.aclose()
        finally:
            closing = release()
            if closing is not None:
                await closing


class Heard(Answer, ABC):
    """An answer that somebody listens to while it passes."""

    @abstractmethod
    async def hear(self) -> None:
        """Called once, before anything is given out: a whole answer can be heard here."""

    async def pour(self, write: Write) -> Awaitable[None] | None:
        async for frame in self:
            room = write(frame.wire) if frame.wire else None
            if room is not None:
                return room
        return None
