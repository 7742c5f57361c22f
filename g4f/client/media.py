"""What the asynchronous client asks for beside chats: pictures, speech, transcripts, embeddings, moderations.

By the same chains as the daemon, and checked by the same code.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from g4f.client.asker import Asker
from g4f.client.asking import CONTROLS
from g4f.client.content import kind_of, read
from g4f.client.types import EmbeddingsResponse, ImagesResponse, Record, Speech, Transcription
from g4f.client.variants import chosen, for_call
from g4f.dialects.openai.operation import build_request
from g4f.errors import RequestError
from g4f.exchange.request import File, Operation
from g4f.gateway.answer import Answer

#: Forms of a picture that OpenAI's API has; what else older programs say means the provider's own.
_FORMS = frozenset({"url", "b64_json"})


class Operations:
    """Requests of one kind after the other, each through the chain of its model."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def ask(
        self,
        operation: Operation,
        model: Any,
        provider: Any,
        fields: Mapping[str, Any],
        files: Sequence[File] = (),
    ) -> Answer:
        """The committed answer. Raises what a chat raises."""
        provider, model = chosen(self._asker, provider, model)
        if provider is None and operation in _MEDIA:
            provider = self._asker.options.media_provider
        asker, given = for_call(self._asker, provider, dict(fields))
        pins = asker.pins(provider, ignore_working=bool(given.get("ignore_working")))
        name = str(getattr(model, "name", model) or "")
        body = {key: value for key, value in given.items() if key not in CONTROLS and key != "extra_body"}
        # Which model is the default is the gateway's to say, but the words of a request have to name one.
        payload = {**body, **(given.get("extra_body") or {}), "model": name or "default"}
        request = build_request(operation, payload, files, request_id=f"req_{uuid.uuid4().hex}")
        extras = dict(given) if asker.takes_objects(pins) else None
        request = replace(request, model=name, provider=pins, extras=extras)
        if not (name or extras is not None):
            request = asker.gateway.with_model(request)
        return await asker.ask(request)

    async def whole(
        self, operation: Operation, model: Any, provider: Any, fields: Mapping[str, Any], **more: Any
    ) -> bytes:
        """The body of the answer."""
        answer = await self.ask(operation, model, provider, fields, **more)
        try:
            if answer.completion is not None:
                return answer.completion.wire
            return b"".join([frame.wire async for frame in answer])
        finally:
            await answer.aclose()


class AsyncImages(Operations):
    """Pictures. `provider` and `model` as for chats; the client's `media_provider` where none is named."""

    async def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        **fields: Any,
    ) -> ImagesResponse:
        """Make pictures of a description. `response_format` is `url` or `b64_json`; `n`, `size`, `quality` and other
        fields are the API's."""
        asked = {"prompt": prompt, **_form(response_format), **fields}
        return _images(await self.whole(Operation.IMAGE_GENERATION, model, provider, asked))

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
        """Change a picture (or several) as a description says, where the `mask` is transparent."""
        images = image if isinstance(image, list | tuple) else [image]
        files = [_file("image", one) for one in images] + ([] if mask is None else [_file("mask", mask)])
        asked = {"prompt": prompt, **_form(response_format), **fields}
        return _images(await self.whole(Operation.IMAGE_EDIT, model, provider, asked, files=files))

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
        files = [_file("image", image, image_name)]
        return _images(await self.whole(Operation.IMAGE_VARIATION, model, provider, asked, files=files))

    async_generate = generate
    async_create_variation = create_variation


class AsyncSpeech(Operations):
    """The namespace `client.audio.speech`."""

    async def create(
        self,
        input: str,  # noqa: A002 - the API's own word
        model: Any = "",
        voice: str | None = "alloy",
        provider: Any = None,
        **fields: Any,
    ) -> Speech:
        """Say a text. `response_format` is `mp3`, `wav`, `opus`, ..."""
        asked = {"input": input, "voice": voice, **fields}
        return Speech(await self.whole(Operation.SPEECH, model, provider, asked))


class AsyncTranscriptions(Operations):
    """The namespaces `client.audio.transcriptions` and `client.audio.translations`."""

    def __init__(self, asker: Asker, operation: Operation) -> None:
        super().__init__(asker)
        self._operation = operation

    async def create(self, file: Any, model: Any = "", provider: Any = None, **fields: Any) -> Transcription | str:
        """What is said in a sound: an object with `text`, or a string where `response_format` is one of texts."""
        if fields.pop("stream", False):
            raise RequestError("a transcript comes as a whole here; leave stream out", param="stream")
        wire = await self.whole(self._operation, model, provider, fields, files=[_file("file", file)])
        if fields.get("response_format") in ("text", "srt", "vtt"):
            return wire.decode()
        return Transcription(orjson.loads(wire))


class AsyncAudio:
    """The namespace `client.audio`."""

    def __init__(self, asker: Asker) -> None:
        self.speech = AsyncSpeech(asker)
        self.transcriptions = AsyncTranscriptions(asker, Operation.TRANSCRIPTION)
        self.translations = AsyncTranscriptions(asker, Operation.TRANSLATION)


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


_MEDIA = frozenset({Operation.IMAGE_GENERATION, Operation.IMAGE_EDIT, Operation.IMAGE_VARIATION})


def _form(response_format: str | None) -> dict[str, str]:
    return {"response_format": response_format} if response_format in _FORMS else {}


def _images(wire: bytes) -> ImagesResponse:
    return ImagesResponse(orjson.loads(wire))


def _file(field: str, given: Any, name: str | None = None) -> File:
    """A file of a form, from bytes, a path, an open file, or (name, file) as the OpenAI SDK takes it."""
    if isinstance(given, list | tuple) and len(given) >= 2 and isinstance(given[0], str | None):
        name, given = given[0] or name, given[1]
    content, own = read(given)
    shown = Path(name or own or field).name
    return File(field=field, content=content, name=shown, media_type=kind_of(content, shown))
