"""Speech as it comes: `with client.audio.speech.with_streaming_response.create(...) as speech`, as in OpenAI's SDK.

Leaving the block closes the call upstream. Speech that breaks off raises, and what came before it was given out.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from g4f.client.background import BACKGROUND
from g4f.client.operations import pieces
from g4f.gateway.answer import Answer

#: Begins the call, from the arguments of `create`.
Opening = Callable[[], Awaitable[Answer]]


class AsyncSpokenStream:
    """A spoken text piece by piece, within `async with`. `provider` says who speaks."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._answer: Answer | None = None
        self.provider: str | None = None

    async def iter_bytes(self, chunk_size: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes as they come, in pieces of at most `chunk_size`. Raises ExhaustedError where they break off."""
        if self._answer is None:
            raise RuntimeError("speech is read within its with block, and once")
        answer, self._answer = self._answer, None
        try:
            async for piece in pieces(answer):
                size = chunk_size or len(piece)
                for start in range(0, len(piece), size):
                    yield piece[start : start + size]
        finally:
            await answer.aclose()

    async def read(self) -> bytes:
        """All of it."""
        return b"".join([piece async for piece in self.iter_bytes()])

    async def stream_to_file(self, path: str | Path) -> None:
        """Write it to a file as it comes."""
        with await asyncio.to_thread(Path(path).open, "wb") as file:
            async for piece in self.iter_bytes():
                file.write(piece)

    async def close(self) -> None:
        """Stop the call upstream."""
        answer, self._answer = self._answer, None
        if answer is not None:
            await answer.aclose()

    async def __aenter__(self) -> Self:
        self._answer = await self._opening()
        self.provider = self._answer.target.provider
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class SpokenStream:
    """As AsyncSpokenStream, within `with`."""

    def __init__(self, stream: AsyncSpokenStream) -> None:
        self._stream = stream

    @property
    def provider(self) -> str | None:
        """Who speaks."""
        return self._stream.provider

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The bytes as they come, in pieces of at most `chunk_size`. Raises ExhaustedError where they break off."""
        come = self._stream.iter_bytes(chunk_size)

        async def following() -> bytes:
            return await anext(come, b"")

        async def stop() -> None:
            await come.aclose()

        try:
            while piece := BACKGROUND.run(following()):
                yield piece
        finally:
            BACKGROUND.run(stop())

    def read(self) -> bytes:
        """All of it."""
        return BACKGROUND.run(self._stream.read())

    def stream_to_file(self, path: str | Path) -> None:
        """Write it to a file as it comes."""
        BACKGROUND.run(self._stream.stream_to_file(path))

    def close(self) -> None:
        """Stop the call upstream."""
        BACKGROUND.run(self._stream.close())

    def __enter__(self) -> Self:
        BACKGROUND.run(self._stream.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStreaming:
    """What `with_streaming_response` is: `create` with the arguments of `audio.speech.create`."""

    def __init__(self, opening: Callable[..., Awaitable[Answer]]) -> None:
        self._opening = opening

    def create(self, *args: Any, **fields: Any) -> AsyncSpokenStream:
        """Say a text; enter the result with `async with`."""
        return AsyncSpokenStream(lambda: self._opening(*args, **fields))


class Streaming:
    """As AsyncStreaming; enter what `create` gives with `with`."""

    def __init__(self, streaming: AsyncStreaming) -> None:
        self._streaming = streaming

    def create(self, *args: Any, **fields: Any) -> SpokenStream:
        """Say a text; enter the result with `with`."""
        return SpokenStream(self._streaming.create(*args, **fields))
