"""Call one provider directly, and read what it gives: functions that programs written for g4f import from `g4f`."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, TypeVar

from g4f.client.background import BACKGROUND
from g4f.client.completion import default_async_client, default_client

T = TypeVar("T")


def get_provider_method(provider: Any) -> Callable[..., Iterator[str]]:
    """A function `(model, messages, stream=True, **fields)` that yields the texts of this provider's answer."""

    def create_completion(model: Any, messages: Any, stream: bool = True, **fields: Any) -> Iterator[str]:
        completions = default_client().chat.completions
        if stream:
            yield from map(str, completions.stream(messages, model, provider, **fields))
        else:
            yield str(completions.create(messages, model, provider, **fields).choices[0].message.content or "")

    return create_completion


def get_async_provider_method(provider: Any) -> Callable[..., AsyncIterator[str]]:
    """As `get_provider_method`, for coroutines."""

    async def create_completion(model: Any, messages: Any, stream: bool = True, **fields: Any) -> AsyncIterator[str]:
        completions = default_async_client().chat.completions
        if stream:
            async for chunk in completions.stream(messages, model, provider, **fields):
                yield str(chunk)
        else:
            answer = await completions.create(messages, model, provider, **fields)
            yield str(answer.choices[0].message.content or "")

    return create_completion


def concat_chunks(chunks: Iterable[Any]) -> str:
    """The text of an answer that came in pieces."""
    return "".join(str(chunk) for chunk in chunks if chunk and not isinstance(chunk, Exception))


async def async_concat_chunks(chunks: AsyncIterable[Any]) -> str:
    """As `concat_chunks`, for an asynchronous iterator."""
    return concat_chunks([chunk async for chunk in chunks])


def to_sync_generator(chunks: AsyncIterable[T], stream: bool = True) -> Iterator[T]:
    """An asynchronous iterator as one for programs without a loop. Without `stream` everything is waited for first."""
    if not stream:
        yield from BACKGROUND.run(_all(chunks))
        return
    iterator, end = aiter(chunks), object()
    while (chunk := BACKGROUND.run(_next(iterator, end))) is not end:
        yield chunk


async def _all(chunks: AsyncIterable[T]) -> list[T]:
    return [chunk async for chunk in chunks]


async def _next(iterator: AsyncIterator[Any], end: object) -> Any:
    return await anext(iterator, end)
