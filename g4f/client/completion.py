"""ChatCompletion: one call without making a client first."""

from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import cache
from typing import Any, Literal, overload

from g4f.client.aio import AsyncClient
from g4f.client.sync import Client
from g4f.client.types import ChatCompletion as Answer
from g4f.client.types import ChatCompletionChunk
from g4f.providers.base_provider import BaseProvider
from g4f.typing import ImageType, Messages


@cache
def default_client() -> Client:
    """The client of calls that name none: over the catalog and the keys of this environment."""
    return Client()


@cache
def default_async_client() -> AsyncClient:
    """As `default_client`, for coroutines."""
    return AsyncClient()


class ChatCompletion:
    """Chats through the catalog's providers, or through the one that is named."""

    @overload
    @staticmethod
    def create(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: Literal[False] = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> str: ...

    @overload
    @staticmethod
    def create(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        *,
        stream: Literal[True],
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> Iterator[ChatCompletionChunk]: ...

    @overload
    @staticmethod
    def create(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: bool = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> str | Iterator[ChatCompletionChunk]: ...

    @staticmethod
    def create(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: bool = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> str | Iterator[ChatCompletionChunk]:
        """Answer a chat: the text or, with `stream`, an iterator of chunks (each prints as its text).

        `image` is shown to the model with the last message. `ignore_working` and `ignore_stream` ask a provider all
        the same that says of itself that it does not work, or cannot stream. `proxy` is that of `G4F_PROXY` where it
        is not among the `provider_kwargs`. Raises what `Client.chat.completions.create` raises.
        """
        fields = _fields(image, image_name, ignore_working, ignore_stream, provider_kwargs)
        completions = default_client().chat.completions
        if stream:
            return completions.stream(messages, model, provider, **fields)
        return _text(completions.create(messages, model, provider, **fields))

    @overload
    @staticmethod
    def create_async(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: Literal[False] = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> Coroutine[Any, Any, str]: ...

    @overload
    @staticmethod
    def create_async(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        *,
        stream: Literal[True],
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> AsyncIterator[ChatCompletionChunk]: ...

    @overload
    @staticmethod
    def create_async(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: bool = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> Coroutine[Any, Any, str] | AsyncIterator[ChatCompletionChunk]: ...

    @staticmethod
    def create_async(
        model: Any,
        messages: Messages | str,
        provider: type[BaseProvider] | str | Any | None = None,
        stream: bool = False,
        image: ImageType | None = None,
        image_name: str | None = None,
        ignore_working: bool = False,
        ignore_stream: bool = False,
        **provider_kwargs: Any,
    ) -> Coroutine[Any, Any, str] | AsyncIterator[ChatCompletionChunk]:
        """As `create`: to be awaited or, with `stream`, to be iterated."""
        fields = _fields(image, image_name, ignore_working, ignore_stream, provider_kwargs)
        completions = default_async_client().chat.completions
        if stream:
            return completions.stream(messages, model, provider, **fields)

        async def whole() -> str:
            return _text(await completions.create(messages, model, provider, **fields))

        return whole()


def _text(answer: Answer) -> str:
    first = answer.choices[0].message if answer.choices else None
    return str(first.content or "") if first is not None else ""


def _fields(
    image: Any, image_name: str | None, ignore_working: bool, ignore_stream: bool, more: dict[str, Any]
) -> dict[str, Any]:
    return {
        **more,
        "image": image,
        "image_name": image_name,
        "ignore_working": ignore_working,
        "ignore_stream": ignore_stream,
    }
