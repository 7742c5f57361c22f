"""A streamed answer as an iterator of chunks that can be left at any time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from g4f.client.asker import own_words
from g4f.client.background import Background, start
from g4f.client.types import Record
from g4f.dialects.openai.wire import chunks_of
from g4f.exchange.failure import AttemptFailed
from g4f.gateway.answer import Answer
from g4f.gateway.exhausted import broken_off

R = TypeVar("R", bound=Record)


class _Come(Generic[R]):
    """The chunks that came and were not given to the program yet. It is what reading waits for after each piece: not
    at all, for nothing is read before the program asks for it."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind
        self.chunks: deque[R] = deque()

    def take(self, wire: bytes, framed: bytes | None = None, /) -> Awaitable[None]:
        """Take in what came at once."""
        self.chunks.extend(map(self._kind, chunks_of(wire)))
        return self

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


class AsyncStream(Generic[R]):
    """The chunks of a streamed answer. Iterate it to its end, or close it; awaiting it waits for the first content.

    `provider` says who answers, from the first content on. Iterating raises the errors of the call, and ExhaustedError
    (or the provider's own exception) where the answer breaks off: nobody takes over then. It is closed when the program
    lets go of it.
    """

    def __init__(self, opening: Callable[[], Awaitable[Answer]], kind: type[R]) -> None:
        self._opening: Callable[[], Awaitable[Answer]] | None = opening
        self._answer: Answer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._come = _Come(kind)  # known to the answer, which must not know this stream: it would keep it alive
        self._broken: Exception | None = None
        self.provider: str | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        return self._opened().__await__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        chunks = self._come.chunks
        if not chunks:
            await self._more()
        if not chunks:
            raise StopAsyncIteration
        return chunks.popleft()

    async def some(self) -> deque[R]:
        """The next chunks, all that came at once; none at the end."""
        if not self._come.chunks:
            await self._more()
        some = self._come.chunks.copy()
        self._come.chunks.clear()
        return some

    async def _more(self) -> None:
        """Wait for the next chunks, or the end."""
        await self._opened()
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        while not self._come.chunks and self._answer is not None:
            await self._read(self._answer)

    async def _opened(self) -> Self:
        opening, self._opening = self._opening, None
        if opening is not None:
            self._answer = await opening()
            self._loop = asyncio.get_running_loop()
            self.provider = self._answer.target.provider
        return self

    async def _read(self, answer: Answer) -> None:
        """Take in what comes next of the answer; what ends it, well or not, closes it."""
        try:
            more = await answer.pour(self._come.take)
        except AttemptFailed as failed:
            await self.close()
            broken = own_words(broken_off(failed.failure, answer.journey))
            if not self._come.chunks:
                raise broken from None
            self._broken = broken  # what came before it is seen first
            return
        except BaseException:
            await self.close()
            raise
        if more is None:
            await self.close()

    async def close(self) -> None:
        """Stop the answer and its upstream call. Needless after the last chunk."""
        self._opening = None
        answer, self._answer = self._answer, None
        if answer is not None:
            await asyncio.shield(answer.aclose())

    def __del__(self) -> None:
        answer, loop = getattr(self, "_answer", None), getattr(self, "_loop", None)
        if answer is not None and loop is not None and not loop.is_closed():
            start(loop, answer.aclose)

    aclose = close

    async def __aenter__(self) -> Self:
        return await self._opened()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Stream(Generic[R]):
    """As AsyncStream, for programs without a loop. It is closed when the program lets go of it."""

    def __init__(self, stream: AsyncStream[R], background: Background) -> None:
        self._stream = stream
        self._background = background
        self._ended = False
        self._come: deque[R] = deque()

    @property
    def provider(self) -> str | None:
        """Who answers."""
        return self._stream.provider

    def __iter__(self) -> Iterator[R]:
        return self

    def __next__(self) -> R:
        if not self._come and not self._ended:
            try:
                self._come = self._background.run(self._stream.some())
            except BaseException:
                self.close()
                raise
            self._ended = not self._come
        if not self._come:
            raise StopIteration
        return self._come.popleft()

    def close(self) -> None:
        """Stop the answer and its upstream call. Needless after the last chunk."""
        self._come.clear()
        if not self._ended:
            self._ended = True
            self._background.run(self._stream.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_ended", True):
            self._background.post(self._stream.close)
