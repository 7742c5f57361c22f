"""A server as a class: programs derive their own from this one, and say no more than its address.

A class that answers by methods of its own is called by them; `super()` is then the server.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from g4f.client.options import checked_row
from g4f.client.providers import CatalogProvider
from g4f.config.schema import Provider
from g4f.errors import ProviderNotFoundError

#: What a class is called by.
_METHODS = frozenset(
    {"create_async_generator", "create_async", "create_completion", "create_function", "async_create_function"}
)


class OpenaiTemplate(CatalogProvider):
    """A server that speaks OpenAI's dialect, at `base_url`. `api_key` goes to that server and nowhere else.

    Deriving from it raises ConfigError for an address that is none.
    """

    base_url: ClassVar[str] = ""
    api_key: ClassVar[str | None] = None
    #: As of other servers' classes; there only where no method of the class's own is to be called.
    own_row: ClassVar[Provider]
    _server: ClassVar[type[CatalogProvider] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        address = cls.base_url or getattr(cls, "api_base", "")
        if not address:
            return
        row = _row(cls, address)
        cls._server = type(cls.__name__, (CatalogProvider,), {"own_row": row, "default_model": cls.default_model})
        if not any(_METHODS & vars(made).keys() for made in cls.__mro__[: cls.__mro__.index(OpenaiTemplate)]):
            cls.own_row = row

    @classmethod
    def create_completion(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool = False, **kwargs: Any
    ) -> Iterator[str]:
        """Yield the text of the answer; with `stream` as it comes."""
        return cls._at().create_completion(model or cls.default_model, messages, stream, **kwargs)

    @classmethod
    async def create_async(cls, model: str, messages: Sequence[Mapping[str, Any]], **kwargs: Any) -> str:
        """Return the text of the answer."""
        return await cls._at().create_async(model or cls.default_model, messages, **kwargs)

    @classmethod
    async def create_async_generator(
        cls, model: str, messages: Sequence[Mapping[str, Any]], stream: bool = True, **kwargs: Any
    ) -> AsyncIterator[str]:
        """Yield the text of the answer as it comes."""
        async for text in cls._at().create_async_generator(model or cls.default_model, messages, stream, **kwargs):
            yield text

    @classmethod
    def _at(cls) -> type[CatalogProvider]:
        if cls._server is None:
            raise ProviderNotFoundError(f"{cls.__name__} has no base_url")
        return cls._server


def _row(made: type[OpenaiTemplate], address: str) -> Provider:
    aliases = {name: own for name, own in made.model_aliases.items() if isinstance(own, str)}
    fields: dict[str, Any] = {"base_url": address, **({"models": aliases} if aliases else {})}
    if made.api_key:
        fields["keys"] = [{"name": "given", "key": made.api_key}]
    return checked_row(made.__name__, fields)
