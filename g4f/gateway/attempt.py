"""One attempt: a single upstream call, its time limits and its commit gate.

A stream is held back until its first content. What comes before (the role, comments, empty deltas) is kept in a
bounded buffer, so that a stream that fails early can still be replaced by another target's.
"""

from collections.abc import AsyncIterator

from g4f.exchange.answer import Completion, Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Request
from g4f.gateway import alternatives, several
from g4f.gateway.committed import AnswerStream
from g4f.gateway.limit import TimeLimit
from g4f.providers.types import Adapter, Call, Frames
from g4f.router.resolution import Target

#: Frames and bytes that may precede the first content. The Responses API repeats instructions and tools there, twice.
PREFACE_FRAMES = 64
PREFACE_BYTES = 2 << 20


def call(target: Target, request: Request) -> Call:
    """What the adapter of a target is told."""
    return Call(request=request, model=target.model, key=target.key, connect=target.timeouts.connect)


async def complete(adapter: Adapter, call: Call, target: Target, limit: float) -> Completion:
    """A whole answer within `limit` seconds. Raises AttemptFailed."""
    try:
        with TimeLimit(min(limit, target.timeouts.answer)):
            if "n" in call.request.payload and several.are_wanted(call.request):
                return await several.complete(adapter, call)
            return await adapter.complete(call)
    except TimeoutError:
        raise AttemptFailed(_timeout("No answer in time.")) from None


async def open_stream(adapter: Adapter, call: Call, target: Target, *, limit: float, deadline: float) -> AnswerStream:
    """A stream whose first content is there, within `limit` seconds. `deadline` is the loop time at which the whole
    answer must have ended. Raises AttemptFailed."""
    many = "n" in call.request.payload and several.are_wanted(call.request)
    frames: Frames = alternatives.stream(adapter, call) if many else adapter.stream(call)
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


def _timeout(message: str) -> Failure:
    return Failure(kind=FailureKind.TIMEOUT, message=message)
