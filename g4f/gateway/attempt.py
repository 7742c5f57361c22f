"""One attempt: a single upstream call, its time limits and its commit gate.

A stream is held back until its first content. What comes before (the role, comments, empty deltas) is kept in a
bounded buffer, so that a stream that fails early can still be replaced by another target's. From the first content
on the answer is committed: its iterator can only end well or raise.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Request
from g4f.gateway.limit import TimeLimit
from g4f.providers.types import Adapter, Call
from g4f.router.resolve import Target

#: Frames and bytes that may precede the first content. The Responses API repeats instructions and tools there, twice.
PREFACE_FRAMES = 64
PREFACE_BYTES = 2 << 20
#: Seconds that a complete answer is kept open for what may follow its last finish reason: the usage, the terminator.
TERMINATOR = 2.0


def call(target: Target, request: Request) -> Call:
    """What the adapter of a target is told."""
    return Call(request=request, model=target.model, key=target.key, connect=target.timeouts.connect)


async def complete(adapter: Adapter, call: Call, target: Target, limit: float) -> Completion:
    """A whole answer within `limit` seconds. Raises AttemptFailed."""
    try:
        with TimeLimit(min(limit, target.timeouts.answer)):
            return await adapter.complete(call)
    except TimeoutError:
        raise AttemptFailed(_timeout("No answer in time.")) from None


async def open_stream(adapter: Adapter, call: Call, target: Target, *, limit: float, deadline: float) -> "AnswerStream":
    """A stream whose first content is there, within `limit` seconds. `deadline` is the loop time at which the whole
    answer must have ended. Raises AttemptFailed."""
    frames = adapter.stream(call)
    preface: list[Frame] = []
    try:
        with TimeLimit(min(limit, target.timeouts.first_token)):
            await _until_content(frames, preface)
    except TimeoutError:
        await frames.aclose()
        raise AttemptFailed(_timeout("No content in time.")) from None
    except BaseException:
        await frames.aclose()
        raise
    return AnswerStream(frames, preface, idle=target.timeouts.idle, deadline=deadline)


async def _until_content(frames: AsyncIterator[Frame], preface: list[Frame]) -> None:
    size = 0
    async for frame in frames:
        preface.append(frame)
        if frame.content:
            return
        size += len(frame.wire)
        if len(preface) > PREFACE_FRAMES or size > PREFACE_BYTES:
            message = "Too much came before the first content."
            raise AttemptFailed(Failure(kind=FailureKind.BAD_RESPONSE, message=message))


class AnswerStream:
    """The frames of a committed answer. Iterating raises AttemptFailed when the upstream breaks off or stalls."""

    def __init__(self, frames: AsyncGenerator[Frame], preface: list[Frame], *, idle: float, deadline: float) -> None:
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
        self.usage: Usage | None = None
        self.finish: str | None = None
        finishes = {frame.finish for frame in preface if frame.finish}
        #: It ended before any content, and every reason it gave is the provider's filter.
        self.filtered = finishes == {"content_filter"} and not any(frame.content for frame in preface)

    def __aiter__(self) -> "AnswerStream":
        return self

    async def __anext__(self) -> Frame:
        frame = self._preface.pop() if self._preface else await self._next()
        self.usage = frame.usage or self.usage
        self.finish = frame.finish or self.finish
        self._whole = self._whole or frame.last
        self._ending = frame.ending
        return frame

    async def _next(self) -> Frame:
        try:
            return await self._watched()
        except AttemptFailed as failed:
            if self._whole and failed.failure.kind is FailureKind.DISCONNECTED:
                return self._end()  # only its terminator is missing: the client gets ours
            raise
        except TimeoutError:
            if self._whole:
                return self._end()
            if self._now() >= self._deadline:
                message = "The request's time was up before the answer was complete."
                raise AttemptFailed(Failure(kind=FailureKind.DEADLINE, message=message)) from None
            raise AttemptFailed(_timeout("The answer stalled.")) from None

    def _end(self) -> Frame:
        """What the caller's dialect needs after a whole answer, once; then the end."""
        if not self._ending:
            raise StopAsyncIteration
        return Frame(self._ending)

    async def _watched(self) -> Frame:
        """The next frame, or TimeoutError. One timer serves the whole stream: it looks at times how long we wait."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is awaited
        cancelled_before = task.cancelling()
        self._waiter, self._since, self._expired = task, self._now(), False
        limit = self._limit()
        if self._timer is None or self._next_look > limit:
            self._look_at(limit)
        try:
            return await anext(self._frames)
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


def _timeout(message: str) -> Failure:
    return Failure(kind=FailureKind.TIMEOUT, message=message)
