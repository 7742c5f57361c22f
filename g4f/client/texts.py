"""What the asynchronous client asks for about texts beside chats: continuations, vectors, and whether they harm."""

from collections.abc import Coroutine, Sequence
from typing import Any, Literal, overload

import orjson

from g4f.client.operations import Operations
from g4f.client.stream import AsyncStream
from g4f.client.types import EmbeddingsResponse, Record, TextCompletion
from g4f.exchange.request import Operation


class AsyncTextCompletions(Operations):
    """The namespace `client.completions`: texts that go on, as OpenAI's API had them before chats."""

    @overload
    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        stream: Literal[False] | None = False,
        **fields: Any,
    ) -> Coroutine[Any, Any, TextCompletion]: ...

    @overload
    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        *,
        stream: Literal[True],
        **fields: Any,
    ) -> AsyncStream[TextCompletion]: ...

    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        stream: bool | None = False,
        **fields: Any,
    ) -> Coroutine[Any, Any, TextCompletion] | AsyncStream[TextCompletion]:
        """Go on with a text: `choices[0].text`. With `stream`, an iterator of its pieces in the same form."""
        asked = {"prompt": prompt, **fields}
        if stream:
            return self.streamed(Operation.COMPLETION, model, provider, asked, TextCompletion)
        return self._whole(model, provider, asked)

    async def _whole(self, model: Any, provider: Any, asked: dict[str, Any]) -> TextCompletion:
        return TextCompletion(orjson.loads(await self.whole(Operation.COMPLETION, model, provider, asked)))


class AsyncEmbeddings(Operations):
    """The namespace `client.embeddings`."""

    async def create(
        self,
        input: str | Sequence[Any],  # noqa: A002 - the API's own word
        model: Any = "",
        provider: Any = None,
        **fields: Any,
    ) -> EmbeddingsResponse:
        """The vectors of texts: `data[0].embedding`."""
        wire = await self.whole(Operation.EMBEDDINGS, model, provider, {"input": input, **fields})
        return EmbeddingsResponse(orjson.loads(wire))


class AsyncModerations(Operations):
    """The namespace `client.moderations`."""

    async def create(
        self,
        input: Any,  # noqa: A002 - the API's own word
        model: Any = "",
        provider: Any = None,
        **fields: Any,
    ) -> Record:
        """Whether texts are harmful: `results[0].flagged`."""
        return Record(orjson.loads(await self.whole(Operation.MODERATION, model, provider, {"input": input, **fields})))
