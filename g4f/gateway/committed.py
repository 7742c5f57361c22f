"""A committed stream: from its first content on it can only end well or raise, and nobody takes over.

It is read frame by frame, or written on as it comes. One timer serves it either way: it looks at times how long ago
the last frame came.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from g4f.exchange.answer import Frame, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.frames import ReplyFrames
from g4f.providers.types import Frames

#: Seconds that a complete answer is kept open for what may follow its last finish reason: the usage, the terminator.
TERMINATOR = 2.0


class Write(Protocol):
    """Sends bytes to a client; what it returns has to be awaited before the next ones. `framed` is `wire` as a chunk of
    HTTP, where it came as one."""

    def __call__(self, wire: bytes, framed: bytes | None = None, /) -> Awaitable[None] | None: ...


def _nowhere(wire: bytes, framed: bytes | None = None, /) -> None:
    """Where bytes go before anybody pours."""


class AnswerStream:
    """The frames of a committed answer. Reading on raises AttemptFailed when the upstream breaks off or stalls.

    `idle` is in seconds; `deadline` is the loop time at which the answer must have ended.
    """

    def __init__(self, frames: Frames, preface: list[Frame], *, idle: float, deadline: float) -> None:
        self._frames = frames
        self._preface = preface[::-1]
        self._idle = idle
        self._deadline = deadline
        self._now: Callable[[], float] = asyncio.get_running_loop().time
        self._whole = False
        self._ending = b""
        self._timer: asyncio.TimerHandle | None = None
        self._next_look = 0.0
        self._waiter: asyncio.Task[Any] | None = None
        self._since = 0.0
        self._expired = False
        self._over = False
        self._write: Write = _nowhere
        self._room: Awaitable[None] | None = None
        self.usage: Usage | None = None
        self.finish: str | None = None
        finishes = {frame.finish for frame in preface if frame.finish}
        #: It ended before any content, and every reason it gave is the provider's filter.
        self.filtered = finishes == {"content_filter"} and not any(frame.content for frame in preface)

    def __aiter__(self) -> "AnswerStream":
        return self

    async def __anext__(self) -> Frame:
        frame = self._preface.pop() if self._preface else await self._next()
        if frame is None:
            raise StopAsyncIteration
        self._note(frame)
        return frame

    async def pour(self, write: Write) -> Awaitable[None] | None:
        """Write the frames on as they come, until the client has to be waited for: returns what to wait for before the
        next call, or None at the end."""
        self._write, self._room = write, None
        while self._preface:
            if not self.take(self._preface.pop()):
                return self._room
        if self._over:
            return None
        if not isinstance(self._frames, ReplyFrames):
            return await self._pour_one_by_one()
        try:
            await self._watched(self._frames.pour(self))
        except (AttemptFailed, TimeoutError) as error:
            last = self._ended_by(error)
            if last is not None:
                self.take(last)
        return self._room

    async def _pour_one_by_one(self) -> Awaitable[None] | None:
        while (frame := await self._next()) is not None:
            if not self.take(frame):
                break
        return self._room

    def take_text(self, wire: bytes, framed: bytes | None) -> bool:
        """A piece of text came, and nothing else in it."""
        self._since = self._now()
        self._ending = b""
        self._room = room = self._write(wire, framed)
        return room is None

    def take(self, frame: Frame) -> bool:
        """A frame came."""
        self._since = self._now()
        self._note(frame)
        if self._whole and self._waiter is not None and self._next_look > self._limit():
            self._look_at(self._limit())
        if frame.wire:
            self._room = self._write(frame.wire)
        return self._room is None

    def _note(self, frame: Frame) -> None:
        self.usage = frame.usage or self.usage
        self.finish = frame.finish or self.finish
        self._whole = self._whole or frame.last
        self._ending = frame.ending

    async def _next(self) -> Frame | None:
        """The next frame; None at the end."""
        if self._over:
            return None
        try:
            frame: Frame = await self._watched(anext(self._frames))
        except StopAsyncIteration:
            return None
        except (AttemptFailed, TimeoutError) as error:
            return self._ended_by(error)
        return frame

    def _ended_by(self, error: AttemptFailed | TimeoutError) -> Frame | None:
        """The last frame of an answer that was whole already, if its dialect needs one. Raises AttemptFailed for one
        that was not."""
        self._over = True
        broken = error if isinstance(error, AttemptFailed) else None
        if self._whole and (broken is None or broken.failure.kind is FailureKind.DISCONNECTED):
            ending, self._ending = self._ending, b""  # only its terminator is missing: the client gets ours
            return Frame(ending) if ending else None
        if broken is not None:
            raise broken
        if self._now() >= self._deadline:
            message = "The request's time was up before the answer was complete."
            raise AttemptFailed(Failure(kind=FailureKind.DEADLINE, message=message)) from None
        raise AttemptFailed(Failure(kind=FailureKind.TIMEOUT, message="The answer stalled.")) from None

    async def _watched(self, reading: Awaitable[Any]) -> Any:
        """What `reading` comes to, or TimeoutError where no frame came for too long."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is awaited
        cancelled_before = task.cancelling()
        self._waiter, self._since, self._expired = task, self._now(), False
        limit = self._limit()
        if self._timer is None or self._next_look > limit:
            self._look_at(limit)
        try:
            return await reading
        except asyncio.CancelledError:
            if self._expired and task.uncancel() <= cancelled_before:
                raise TimeoutError from None
            raise
        finally:
            self._waiter = None

    def _limit(self) -> float:
        """The loop time at which the present wait has been too long."""
        longest = min(self._idle, TERMINATOR) if self._whole else self._idle
        return min(self._since + longest, self._deadline)

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next_look = when
        self._timer = asyncio.get_running_loop().call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiter is None:
            return  # the next wait sets a timer of its own
        if self._now() < self._limit():
            self._look_at(self._limit())
        else:
            self._expired = True
            self._waiter.cancel()

    async def aclose(self) -> None:
        """Stop the answer: its upstream connection is closed unless it came to its end."""
        if self._timer is not None:
            self._timer.cancel()
        await self._frames.aclose()
