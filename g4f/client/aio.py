"""AsyncClient: the gateway inside a Python program, with the surface of the OpenAI SDK.

It takes the same way as a request to the daemon, from the validated request on: for the same file and the same
upstreams both do the same.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, overload

import orjson

from g4f.client.types import Completion, CompletionChunk
from g4f.dialects.openai.request import decode_request
from g4f.dialects.openai.wire import chunks_of
from g4f.errors import ExhaustedError
from g4f.exchange.failure import ANSWERS, AttemptFailed
from g4f.gateway.answer import Answer
from g4f.gateway.explain import Explanation
from g4f.gateway.gateway import Gateway

Messages = str | Sequence[Mapping[str, Any]]


class AsyncClient:
    """A client over one g4f.yaml. Raises ConfigError for a file that cannot be used; contacts nobody by itself."""

    def __init__(self, config: str | Path) -> None:
        self._gateway = Gateway.from_file(config)
        self.chat = Chat(self._gateway)

    def explain(self, model: str, *, provider: str | None = None) -> Explanation:
        """The chain a request would walk now, and why targets are left out."""
        return self._gateway.explain(model, provider=provider)

    async def close(self) -> None:
        """Close the connections to upstreams."""
        await self._gateway.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Chat:
    """The namespace `client.chat`."""

    def __init__(self, gateway: Gateway) -> None:
        self.completions = Completions(gateway)


class Completions:
    """The namespace `client.chat.completions`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @overload
    async def create(
        self, messages: Messages, model: str, *, stream: Literal[False] = False, **fields: Any
    ) -> Completion: ...

    @overload
    async def create(
        self, messages: Messages, model: str, *, stream: Literal[True], **fields: Any
    ) -> "ChunkStream": ...

    async def create(
        self, messages: Messages, model: str, *, stream: bool = False, **fields: Any
    ) -> "Completion | ChunkStream":
        """Answer a chat. `messages` is a list of messages or the user's words; `fields` are any of the API's.

        With `stream` the first content is there when this returns. Raises RequestError, ModelNotFoundError,
        ProviderNotFoundError, ProviderNotWorkingError and ExhaustedError.
        """
        said = [{"role": "user", "content": messages}] if isinstance(messages, str) else list(messages)
        body = orjson.dumps({**fields, "model": model, "messages": said, "stream": stream})
        request = decode_request(body, request_id=f"req_{uuid.uuid4().hex}")
        answer = await self._gateway.answer(request)
        if answer.completion is None:
            return ChunkStream(answer)
        try:
            return Completion(orjson.loads(answer.completion.wire))
        finally:
            await answer.aclose()


class ChunkStream:
    """The chunks of a streamed answer. Iterate it to its end, or close it. Raises ExhaustedError if it breaks off."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._chunks = self._read()
        self.provider = answer.target.provider

    def __aiter__(self) -> AsyncIterator[CompletionChunk]:
        return self._chunks

    async def __anext__(self) -> CompletionChunk:
        return await anext(self._chunks)

    async def _read(self) -> AsyncIterator[CompletionChunk]:
        try:
            async for frame in self._answer:
                for chunk in chunks_of(frame.wire):
                    yield CompletionChunk(chunk)
        except AttemptFailed as failed:
            told = ANSWERS[failed.failure.kind]
            error = ExhaustedError(failed.failure.message, status=told.status, type=told.type, code=told.code)
            error.attempts = [record.public() for record in self._answer.journey.attempts]
            raise error from None
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the answer and its upstream call. Needless after the last chunk."""
        await asyncio.shield(self._answer.aclose())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
