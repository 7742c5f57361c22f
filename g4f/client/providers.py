"""Handles that can be called as well: each asks its own row of the catalog through the default client."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from g4f.client.completion import default_async_client, default_client
from g4f.client.handles import Handle, attributes, names, suggestion
from g4f.errors import ProviderNotFoundError


class CatalogProvider(Handle):
    """A provider of the catalog: pass it as `provider=`, or call it."""

    @classmethod
    def create_completion(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool = False, **kwargs: Any
    ) -> Iterator[str]:
        """Yield the text of the answer; with `stream` as it comes."""
        completions = default_client().chat.completions
        if stream:
            for chunk in completions.stream(messages, model or cls.default_model, cls, **kwargs):
                yield from _texts(chunk)
        else:
            yield from _texts(completions.create(messages, model or cls.default_model, cls, **kwargs))

    @classmethod
    async def create_async(cls, model: str, messages: Sequence[Mapping[str, Any]], **kwargs: Any) -> str:
        """Return the text of the answer."""
        answer = await default_async_client().chat.completions.create(
            messages, model or cls.default_model, cls, **kwargs
        )
        return "".join(_texts(answer))

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool = True, **kwargs: Any
    ) -> AsyncIterator[str]:
        """Yield the text of the answer as it comes."""
        completions = default_async_client().chat.completions
        async with completions.stream(messages, model or cls.default_model, cls, **kwargs) as chunks:
            async for chunk in chunks:
                for text in _texts(chunk):
                    yield text

    create_function = create_completion
    async_create_function = create_async


class AnyProvider(CatalogProvider):
    """Whoever the configuration names for the model: as if no provider were named."""

    label = "AnyProvider"


@cache
def provider(name: str) -> type[CatalogProvider]:
    """The class for a row of the catalog, the same one every time. Raises ProviderNotFoundError."""
    try:
        return type(name, (CatalogProvider,), attributes(name))
    except KeyError:
        raise ProviderNotFoundError(f"no provider {name[:64]!r} in the catalog{suggestion(name)}") from None


def all_providers() -> list[type[CatalogProvider]]:
    """Every provider of the catalog."""
    return [provider(name) for name in names()]


def _texts(answer: Any) -> Iterator[str]:
    for choice in answer.choices[:1]:
        said = choice.message or choice.delta
        if said is not None and said.content:
            yield said.content
