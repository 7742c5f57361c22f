"""Base classes for providers written in Python.

None of them is needed: whatever has one of the methods below is a provider. A method is called with `model`,
`messages`, `stream` and the other arguments of the request, of which it gets those that it names (all with `**kwargs`):

    create_async_generator   async generator: yields text and objects of `g4f.providers.response`
    create_async             coroutine: returns the whole text
    create_completion        generator or function: may block, and runs in a thread of its own
    async_create_function, create_function    the same under the names of the API reference
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar


class BaseProvider:
    """What is known of a provider; every attribute is optional."""

    url: ClassVar[str | None] = None
    label: ClassVar[str | None] = None
    working: ClassVar[bool] = True
    needs_auth: ClassVar[bool] = False
    supports_stream: ClassVar[bool] = True
    supports_system_message: ClassVar[bool] = True
    supports_message_history: ClassVar[bool] = True
    active_by_default: ClassVar[bool | None] = None
    login_url: ClassVar[str | None] = None
    parent: ClassVar[str | None] = None
    #: What it can be called with, in words.
    params: ClassVar[str] = "model, messages, stream, and the other fields of OpenAI's chat API"

    @classmethod
    def get_dict(cls) -> dict[str, Any]:
        """Name, address and label."""
        return {"name": cls.__name__, "url": cls.url, "label": cls.label}

    @classmethod
    def get_parent(cls) -> str:
        """The provider whose key is used: itself, unless `parent` names another."""
        return cls.parent or cls.__name__


class AbstractProvider(BaseProvider):
    """A provider that may block: give it `create_completion`."""

    @classmethod
    def create_completion(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool, **kwargs: Any
    ) -> Iterator[Any] | str:
        """Yield the answer piece by piece, or return it."""
        raise NotImplementedError(f"{cls.__name__} has no create_completion")


class AsyncProvider(BaseProvider):
    """A provider that answers all at once: give it `create_async`."""

    @classmethod
    async def create_async(cls, model: str, messages: Sequence[Mapping[str, Any]], **kwargs: Any) -> Any:
        """Return the answer."""
        raise NotImplementedError(f"{cls.__name__} has no create_async")


class AsyncGeneratorProvider(BaseProvider):
    """A provider that streams: give it `create_async_generator`."""

    @classmethod
    def create_async_generator(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool = True, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Yield the answer piece by piece."""
        raise NotImplementedError(f"{cls.__name__} has no create_async_generator")


class ProviderModelMixin:
    """The names of a provider's models. `model_aliases` maps a public name to the provider's own, or to several."""

    default_model: ClassVar[str] = ""
    models: ClassVar[Any] = ()
    model_aliases: ClassVar[Mapping[str, Any]] = {}
    image_models: ClassVar[Sequence[str]] = ()
    vision_models: ClassVar[Sequence[str]] = ()
    audio_models: ClassVar[Any] = ()
    video_models: ClassVar[Sequence[str]] = ()

    @classmethod
    def get_models(cls, **kwargs: Any) -> list[str]:
        """The names that may be asked for."""
        listed = list(cls.models)
        return listed or ([cls.default_model] if cls.default_model else [])

    @classmethod
    def get_model(cls, model: str, **kwargs: Any) -> str:
        """The provider's own name for a model; the default one for none."""
        alias = cls.model_aliases.get(model)
        if alias is not None and not isinstance(alias, str):
            alias = next(iter(alias), None)
        return alias or model or cls.default_model
