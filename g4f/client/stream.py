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


class AsyncStream(Generic[R]):
    """The chunks of a streamed answer. Iterate it to its end, or close it; awaiting it waits for the first content.

    `provider` says who answers, from the first content on. Iterating raises the errors of the call, and ExhaustedError
    (or the provider's own exception) where the answer breaks off: nobody takes over then. It is closed when the program
    lets go of it.
    """

    def __init__(self, opening: Callable[[], Awaitable[Answer]], kind: type[R]) -> None:
        self._kind = kind
        self._opening: Callable[[], Awaitable[Answer]] | None = opening
        self._answer: Answer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._come: deque[R] = deque()
        self.provider: str | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        return self._opened().__await__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        if not self._come:
            self._come = await self.some()
        if not self._come:
            raise StopAsyncIteration
        return self._come.popleft()

    async def some(self) -> deque[R]:
        """The next chunks, all that came at once; none at the end."""
        await self._opened()
        while not self._come and self._answer is not None:
            await self._read(self._answer)
        come, self._come = self._come, deque()
        return come

    async def _opened(self) -> Self:
        opening, self._opening = self._opening, None
        if opening is not None:
            self._answer = await opening()
            self._loop = asyncio.get_running_loop()
            self.provider = self._answer.target.provider
        return self

    async def _read(self, answer: Answer) -> None:
        """Take in the next piece of the answer; what ends it, well or not, closes it."""
        try:
            frame = await anext(answer, None)
        except AttemptFailed as failed:
            await self.close()
            raise own_words(broken_off(failed.failure, answer.journey)) from None
        except BaseException:
            await self.close()
            raise
        if frame is None:
            await self.close()
        else:
            self._come.extend(map(self._kind, chunks_of(frame.wire)))

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
