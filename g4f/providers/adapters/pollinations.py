"""Pollinations: with a key by its OpenAI-compatible API, without one by the hosts that serve anybody.

With a key everything is OpenAI's dialect (https://gen.pollinations.ai/api/docs). Without one chats and speech go to
`text.` and pictures to `image.pollinations.ai` (https://github.com/pollinations/pollinations, APIDOCS.md), few at a
time. What is made there without `private` is shown to everybody, so it is always said unless the request says
otherwise. A `base_url` of the file's own stands for all three hosts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.answer import Completion
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.adapters.one_picture import OnePicture
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter, Call, Frames

_KEYED = "gen.pollinations.ai"
_TEXT, _IMAGE = "https://text.pollinations.ai", "https://image.pollinations.ai"
#: Parameters of a picture beside its size (APIDOCS.md, Text-To-Image).
_PICTURE = ("seed", "nologo", "private", "enhance", "safe", "transparent", "negative_prompt")
#: What the hosts for everybody can be asked for.
_OPEN = frozenset({Operation.CHAT, Operation.IMAGE_GENERATION, Operation.SPEECH})


class Pollinations:
    """The provider with all of its hosts."""

    def __init__(self, options: EndpointOptions, pools: Pools) -> None:
        self.name = options.name
        own = urlsplit(options.base_url).hostname != _KEYED
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(options.base_url))
        nobody = replace(options, keys={}, headers={}, operations=options.operations & _OPEN)
        self._keyed = Endpoint(options, pools)
        self._text = Endpoint(replace(nobody, base_url=origin if own else _TEXT), pools, TextFace())
        self._image = OnePicture(replace(nobody, base_url=origin if own else _IMAGE), pools, ImageFace())

    async def complete(self, call: Call) -> Completion:
        return await self._place(call).complete(call)

    def stream(self, call: Call) -> Frames:
        return self._place(call).stream(call)

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        if key is not None:
            return await self._keyed.models(key=key, connect=connect)
        texts = await self._text.models(key=None, connect=connect)
        return [*texts, *await self._image.models(key=None, connect=connect)]

    async def close(self) -> None:
        for endpoint in (self._keyed, self._text, self._image):
            await endpoint.close()

    def _place(self, call: Call) -> Endpoint:
        if call.key is not None:
            return self._keyed
        if call.request.operation not in _OPEN:
            raise asked.unsupported(f"{call.request.operation} without a key")
        return self._image if call.request.operation is Operation.IMAGE_GENERATION else self._text


class TextFace(OpenAIUpstream):
    """The host for texts: chats in OpenAI's dialect, and speech by its address."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        if request.operation is Operation.SPEECH:
            return _speech(request, model)
        private = {"private": True, **request.payload}
        return replace(super().encode_request(request.saying(private), model=model), path="/openai")

    def decode_models(self, body: bytes) -> Sequence[str]:
        return _names(body)


class ImageFace(OpenAIUpstream):
    """The host for pictures: the prompt is the address."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        payload = request.payload
        said = {"private": True, **{name: payload[name] for name in _PICTURE if name in payload}}
        return Outgoing(
            method="GET",
            path=asked.path_of("prompt", payload["prompt"], model=model, **dict(asked.sides(payload)), **said),
            dropped=asked.dropped(payload, {"prompt", "size", *_PICTURE}),
        )

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        return asked.picture(body, media_type, origin)

    def decode_models(self, body: bytes) -> Sequence[str]:
        return _names(body)


def _speech(request: Request, model: str) -> Outgoing:
    payload = request.payload
    if payload.get("response_format") not in (None, "mp3"):
        raise asked.unsupported("other sound than mp3 without a key")
    voice = asked.voice_of(payload)
    return Outgoing(
        method="GET",
        path=asked.path_of(asked.text_of(payload), model=model, voice=voice, private=True),
        dropped=asked.dropped(payload, {"input", "voice"}),
    )


def _names(body: bytes) -> list[str]:
    """A list of names, or of objects that have one."""
    listed: list[Any] = orjson.loads(body)
    return [item["name"] if isinstance(item, dict) else str(item) for item in listed]


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Pollinations(options, pools)
