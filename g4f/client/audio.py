"""`client.audio` of the asynchronous client: speech, and what is said in a sound."""

from collections.abc import Coroutine
from typing import Any, Literal, overload

import orjson

from g4f.client.asker import Asker
from g4f.client.operations import Operations, file_of
from g4f.client.spoken import AsyncStreaming
from g4f.client.stream import AsyncStream
from g4f.client.types import Speech, TranscriptEvent, Transcription
from g4f.errors import RequestError
from g4f.exchange.request import Operation
from g4f.gateway.answer import Answer


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

    @property
    def with_streaming_response(self) -> AsyncStreaming:
        """`create` as a context manager of the bytes as they come: `iter_bytes()`, `stream_to_file(path)`."""
        return AsyncStreaming(self._begin)

    async def _begin(
        self,
        input: str,  # noqa: A002 - the API's own word
        model: Any = "",
        voice: str | None = "alloy",
        provider: Any = None,
        **fields: Any,
    ) -> Answer:
        return await self.ask(Operation.SPEECH, model, provider, {"input": input, "voice": voice, **fields})


class AsyncTranscriptions(Operations):
    """The namespace `client.audio.transcriptions`."""

    @overload
    def create(
        self, file: Any, model: Any = "", provider: Any = None, stream: Literal[False] | None = False, **fields: Any
    ) -> Coroutine[Any, Any, Transcription | str]: ...

    @overload
    def create(
        self, file: Any, model: Any = "", provider: Any = None, *, stream: Literal[True], **fields: Any
    ) -> AsyncStream[TranscriptEvent]: ...

    def create(
        self, file: Any, model: Any = "", provider: Any = None, stream: bool | None = False, **fields: Any
    ) -> Coroutine[Any, Any, Transcription | str] | AsyncStream[TranscriptEvent]:
        """What is said in a sound: an object with `text`, or a string where `response_format` is one of texts. With
        `stream`, the events: `delta` of each piece, and `text` of the last."""
        if stream:
            files = [file_of("file", file)]
            return self.streamed(Operation.TRANSCRIPTION, model, provider, fields, TranscriptEvent, files)
        return transcript(self, Operation.TRANSCRIPTION, file, model, provider, fields)


class AsyncTranslations(Operations):
    """The namespace `client.audio.translations`."""

    async def create(self, file: Any, model: Any = "", provider: Any = None, **fields: Any) -> Transcription | str:
        """What is said in a sound, in English. Raises RequestError for `stream`, which the API does not have."""
        if fields.pop("stream", False):
            raise RequestError("a translation comes as a whole; leave stream out", param="stream")
        return await transcript(self, Operation.TRANSLATION, file, model, provider, fields)


class AsyncAudio:
    """The namespace `client.audio`."""

    def __init__(self, asker: Asker) -> None:
        self.speech = AsyncSpeech(asker)
        self.transcriptions = AsyncTranscriptions(asker)
        self.translations = AsyncTranslations(asker)


async def transcript(
    operations: Operations, operation: Operation, file: Any, model: Any, provider: Any, fields: dict[str, Any]
) -> Transcription | str:
    """The whole text of a sound, in the form that was asked for."""
    wire = await operations.whole(operation, model, provider, fields, [file_of("file", file)])
    if fields.get("response_format") in ("text", "srt", "vtt"):
        return wire.decode()
    return Transcription(orjson.loads(wire))
