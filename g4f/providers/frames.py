"""A streamed answer of an endpoint: its frames one by one, or written on in the step of the loop in which they come."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, Self

from g4f.dialects.face import Reader
from g4f.exchange.answer import Frame, joined
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.reply import Reply, Take

PAGE = Failure(kind=FailureKind.CHALLENGE, message="A web page came instead of an answer.", status=200)


class Sink(Protocol):
    """Takes what an answer says. Both methods tell whether more is wanted now."""

    def take(self, frame: Frame) -> bool: ...

    def take_text(self, wire: bytes, framed: bytes | None) -> bool:
        """As a frame with `content` and nothing else; `framed` as for `Take`."""


def _never(_: bytes) -> bool:
    return False


def _taking(reader: Reader, sink: Sink) -> Take:
    """What takes the pieces that `reader` reads for `sink`."""
    passes = getattr(reader, "passes", _never)  # `Passing`; isinstance is slow for protocols
    take_text = sink.take_text

    def take(piece: bytes, framed: bytes | None = None, /) -> bool:
        if passes(piece):
            return take_text(piece, framed)
        frames = reader.feed(piece)
        more = sink.take(joined(frames)) if frames else True
        reader.check()  # raises what came behind those frames, without waiting for more
        return more and not reader.finished

    return take


class ReplyFrames:
    """The frames of one reply, which `ask` gets when the first of them is asked for. Methods raise AttemptFailed.

    `reader_of` gives what reads a reply that is a stream, and None for one that is not: of its body `whole` makes the
    frames.
    """

    __slots__ = ("_ask", "_ended", "_frames", "_reader", "_reader_of", "_reply", "_whole")

    def __init__(
        self,
        ask: Callable[[], Awaitable[Reply]],
        reader_of: Callable[[Reply], Reader | None],
        whole: Callable[[bytes, Reply], Sequence[Frame]],
    ) -> None:
        self._ask = ask
        self._reader_of = reader_of
        self._whole = whole
        self._reply: Reply | None = None
        self._reader: Reader | None = None
        self._frames: deque[Frame] = deque()
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        while not self._frames:
            if self._ended:
                raise StopAsyncIteration
            await self._read_on()
        return self._frames.popleft()

    async def pour(self, sink: Sink) -> bool:
        """Give all frames to `sink` as they come, until it wants no more for now (then False) or there are no more."""
        while True:
            if self._frames:
                frames = list(self._frames)
                self._frames.clear()
                if not sink.take(joined(frames)):
                    return False
            if self._ended:
                return True
            if self._reply is None or self._reader is None:
                await self._read_on()
                continue
            self._reader.check()
            if await self._reply.pour(_taking(self._reader, sink)):
                self._frames.extend(self._reader.close())
                self._end()
            elif self._reader.finished:
                await self._finish()
            else:
                return False

    async def aclose(self) -> None:
        """Be done with it: the connection is closed unless the reply was read to its end."""
        self._end()

    async def _read_on(self) -> None:
        """Read until there may be another frame."""
        if self._reply is None:
            await self._open()
            return
        reader = self._reader
        assert reader is not None  # noqa: S101 - else it has ended
        reader.check()
        self._feed(reader, await self._reply.next_chunk())
        if reader.finished:
            await self._finish()

    async def _open(self) -> None:
        reply = self._reply = await self._ask()
        reader = self._reader = self._reader_of(reply)
        if reader is None:
            self._frames.extend(self._whole(await reply.read(), reply))
            self._end()
            return
        first = await reply.next_chunk()
        if first.lstrip()[:1] == b"<":
            raise AttemptFailed(PAGE)
        self._feed(reader, first)
        if reader.finished:
            await self._finish()

    def _feed(self, reader: Reader, chunk: bytes) -> None:
        if chunk:
            self._frames.extend(reader.feed(chunk))
        else:
            self._frames.extend(reader.close())
            self._end()

    async def _finish(self) -> None:
        if self._reply is not None and not self._ended:
            await self._reply.settle()
        self._end()

    def _end(self) -> None:
        self._ended = True
        if self._reply is not None:
            self._reply.close()
