"""`client.chat.completions` of the asynchronous client."""

from collections.abc import Coroutine
from typing import Any, Literal, overload

import orjson

from g4f.client.asker import Asker, within
from g4f.client.asking import chat_request, limit_of
from g4f.client.parsed import parsed, schema_format
from g4f.client.stream import AsyncStream
from g4f.client.types import ChatCompletion, ChatCompletionChunk
from g4f.client.variants import chosen, for_call, ignored_in
from g4f.gateway.answer import Answer
from g4f.typing import Messages


class AsyncCompletions:
    """Chats. Raises RequestError, ModelNotFoundError, ProviderNotFoundError, ProviderNotWorkingError,
    StreamNotSupportedError, TimeoutError and ExhaustedError (by its finer classes); a provider written in Python that
    is the only one to fail raises its own exception."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    @overload
    def create(
        self,
        messages: Messages | str,
        model: Any = "",
        provider: Any = None,
        stream: Literal[False] = False,
        **fields: Any,
    ) -> Coroutine[Any, Any, ChatCompletion]: ...

    @overload
    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, *, stream: Literal[True], **fields: Any
    ) -> AsyncStream[ChatCompletionChunk]: ...

    @overload
    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, stream: bool = False, **fields: Any
    ) -> Coroutine[Any, Any, ChatCompletion] | AsyncStream[ChatCompletionChunk]: ...

    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, stream: bool = False, **fields: Any
    ) -> Coroutine[Any, Any, ChatCompletion] | AsyncStream[ChatCompletionChunk]:
        """Answer a chat: await the whole answer or, with `stream`, iterate over its chunks.

        `messages` is a list of messages or the user's words. `model` is a name or a `Model`; an empty one is the
        default model. `provider` pins the request (see `g4f.client.pins`). `fields` are any of the API's, and:
        `image`, `image_name`, `images`, `media` (files for the last message), `timeout` (seconds until the first
        content), `api_key` and `base_url` (of the provider that is named), `proxy`, `extra_body`, `ignore_working`,
        `ignore_stream`.
        """
        if stream:
            return AsyncStream(lambda: self._ask(messages, model, provider, True, fields), ChatCompletionChunk)
        return self._whole(messages, model, provider, fields)

    def stream(
        self, messages: Messages | str, model: Any = "", provider: Any = None, **fields: Any
    ) -> AsyncStream[ChatCompletionChunk]:
        """`create` with `stream=True`; the result is an iterator and a context manager."""
        return AsyncStream(lambda: self._ask(messages, model, provider, True, fields), ChatCompletionChunk)

    async def parse(
        self, messages: Messages | str, model: Any = "", provider: Any = None, *, response_format: Any, **fields: Any
    ) -> ChatCompletion:
        """Answer a chat in the form of a pydantic model: `choices[0].message.parsed` is an object of it.

        Raises ResponseError for an answer that is not in that form.
        """
        asked = {**fields, "response_format": schema_format(response_format)}
        return parsed(await self._whole(messages, model, provider, asked), response_format)

    async def _whole(self, messages: Any, model: Any, provider: Any, fields: dict[str, Any]) -> ChatCompletion:
        answer = await self._ask(messages, model, provider, False, fields)
        try:
            return ChatCompletion(orjson.loads(answer.completion.wire) if answer.completion else {})
        finally:
            await answer.aclose()

    async def _ask(self, messages: Any, model: Any, provider: Any, stream: bool, fields: dict[str, Any]) -> Answer:
        provider, model = chosen(self._asker, provider, model)
        asker, fields = for_call(self._asker, provider, fields)
        pins = asker.pins(
            provider,
            stream=stream,
            ignore_working=bool(fields.get("ignore_working")),
            ignore_stream=bool(fields.get("ignore_stream")),
            ignored=ignored_in(fields),
        )
        request = chat_request(
            asker.model(model, pins),
            messages,
            stream=stream,
            fields=fields,
            pins=pins,
            objects=asker.takes_objects(pins),
        )
        return await within(limit_of(fields), asker.ask(request))
