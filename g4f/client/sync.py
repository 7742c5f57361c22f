"""Client: the asynchronous client for programs that have no event loop.

One loop in one background thread serves it, so it works in scripts, in threads, in notebooks and inside a running
loop alike. Ctrl-C interrupts a call and cancels it upstream.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, overload

from g4f.client.aio import AsyncClient, ChunkStream, Messages
from g4f.client.types import Completion, CompletionChunk
from g4f.gateway.explain import Explanation

T = TypeVar("T")


class Client:
    """A client over one g4f.yaml. Raises ConfigError for a file that cannot be used; contacts nobody by itself."""

    def __init__(self, config: str | Path) -> None:
        self._client = AsyncClient(config)
        self._background = Background()
        self.chat = Chat(self._client, self._background)

    def explain(self, model: str, *, provider: str | None = None) -> Explanation:
        """The chain a request would walk now, and why targets are left out."""
        return self._client.explain(model, provider=provider)

    def close(self) -> None:
        """Close the connections to upstreams and end the background thread."""
        if self._background.running:
            self._background.run(self._client.close())
            self._background.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Chat:
    """The namespace `client.chat`."""

    def __init__(self, client: AsyncClient, background: "Background") -> None:
        self.completions = Completions(client, background)


class Completions:
    """The namespace `client.chat.completions`."""

    def __init__(self, client: AsyncClient, background: "Background") -> None:
        self._completions = client.chat.completions
        self._background = background

    @overload
    def create(
        self, messages: Messages, model: str, *, stream: Literal[False] = False, **fields: Any
    ) -> Completion: ...

    @overload
    def create(
        self, messages: Messages, model: str, *, stream: Literal[True], **fields: Any
    ) -> Iterator[CompletionChunk]: ...

    def create(
        self, messages: Messages, model: str, *, stream: bool = False, **fields: Any
    ) -> Completion | Iterator[CompletionChunk]:
        """Answer a chat; see AsyncClient. With `stream`, an iterator of chunks that may be closed early."""
        if stream:
            opening = self._completions.create(messages, model, stream=True, **fields)
            return self._iterate(self._background.run(opening))
        answer: Completion = self._background.run(self._completions.create(messages, model, **fields))
        return answer

    def _iterate(self, chunks: ChunkStream) -> Iterator[CompletionChunk]:
        try:
            while True:
                chunk = self._background.run(_next(chunks))
                if chunk is None:
                    return
                yield chunk
        finally:
            self._background.run(chunks.close())


async def _next(chunks: ChunkStream) -> CompletionChunk | None:
    return await anext(chunks, None)


class Background:
    """An event loop in a daemon thread, started on first use."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._loop is not None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for it here; an exception that interrupts the wait cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(loop,), name="g4f", daemon=True).start()
                self._loop = loop
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
