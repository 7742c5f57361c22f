"""`client.images` of the asynchronous client: make pictures, and change them."""

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, Literal, overload

import orjson

from g4f.client.operations import Operations, file_of
from g4f.client.stream import AsyncStream
from g4f.client.types import ImageEvent, ImagesResponse
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import File, Operation
from g4f.providers.guard import Guard
from g4f.providers.magic import media_type

#: Forms of a picture that OpenAI's API has; what else older programs say means the provider's own.
_FORMS: Final = frozenset({"url", "b64_json"})
_ADDRESSES: Final = ("http://", "https://")


class AsyncImages(Operations):
    """Pictures. `provider` and `model` as for chats; the client's `media_provider` where none is named.

    A picture to start from is a path, bytes, a `data:` URI, an address of the public internet, an open file, an image
    of Pillow's, or a pair of name and file.
    """

    @overload
    def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        stream: Literal[False] | None = False,
        **fields: Any,
    ) -> Coroutine[Any, Any, ImagesResponse]: ...

    @overload
    def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        *,
        stream: Literal[True],
        **fields: Any,
    ) -> AsyncStream[ImageEvent]: ...

    def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        stream: bool | None = False,
        **fields: Any,
    ) -> Coroutine[Any, Any, ImagesResponse] | AsyncStream[ImageEvent]:
        """Make pictures of a description. `response_format` is `url` or `b64_json`; `n`, `size`, `quality` and other
        fields are the API's. With `stream`, the events: `b64_json` of what is there so far, and of the picture."""
        asked = {"prompt": prompt, **_form(response_format), **fields}
        if stream:
            return self.streamed(Operation.IMAGE_GENERATION, model, provider, asked, ImageEvent)
        return self._made(Operation.IMAGE_GENERATION, model, provider, asked)

    async def edit(
        self,
        image: Any,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        *,
        mask: Any = None,
        **fields: Any,
    ) -> ImagesResponse:
        """Change a picture (or a list of them) as a description says, where the `mask` is transparent."""
        images = image if isinstance(image, list) or _is_several(image) else [image]
        files = [await _picture("image", one) for one in images]
        files += [] if mask is None else [await _picture("mask", mask)]
        asked = {"prompt": prompt, **_form(response_format), **fields}
        return await self._made(Operation.IMAGE_EDIT, model, provider, asked, files)

    async def create_variation(
        self,
        image: Any,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        *,
        image_name: str | None = None,
        prompt: str | None = None,
        **fields: Any,
    ) -> ImagesResponse:
        """Make pictures that are like one."""
        asked = {**_form(response_format), **({} if prompt is None else {"prompt": prompt}), **fields}
        files = [await _picture("image", image, image_name)]
        return await self._made(Operation.IMAGE_VARIATION, model, provider, asked, files)

    async_generate = generate
    async_create_variation = create_variation

    async def _made(
        self, operation: Operation, model: Any, provider: Any, asked: Mapping[str, Any], files: Sequence[File] = ()
    ) -> ImagesResponse:
        answer = ImagesResponse(orjson.loads(await self.whole(operation, model, provider, asked, files)))
        if asked.get("response_format") == "url":
            for picture in answer.data or ():
                if picture.b64_json and not picture.url:  # there is no server here to link to
                    picture["url"] = _as_data(picture.b64_json)
        return answer


def _form(response_format: str | None) -> dict[str, str]:
    return {"response_format": response_format} if response_format in _FORMS else {}


def _is_several(image: Any) -> bool:
    """A tuple of pictures, and not one with its name before it."""
    return isinstance(image, tuple) and not (len(image) >= 2 and isinstance(image[0], str | None))


async def _picture(field: str, given: Any, name: str | None = None) -> File:
    """A file of the form; what is given by its address is fetched, from public servers only. Raises RequestError."""
    if not (isinstance(given, str) and given.startswith(_ADDRESSES)):
        return file_of(field, given, name)
    try:
        fetched = (await Guard(schemes=("http", "https")).fetch([given]))[given]
    except AttemptFailed as failed:
        raise RequestError(failed.failure.message, code="invalid_image_url", param=field) from None
    return file_of(field, fetched.content, name)


def _as_data(encoded: str) -> str:
    import base64

    kind = media_type(base64.b64decode(encoded[:64])) or "image/png"
    return f"data:{kind};base64,{encoded}"
