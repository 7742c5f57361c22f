"""What the synchronous client asks for beside chats: the methods of the asynchronous one, run in the background."""

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar, overload

from g4f.client.audio import AsyncAudio, AsyncSpeech, AsyncTranscriptions, AsyncTranslations
from g4f.client.background import BACKGROUND
from g4f.client.images import AsyncImages
from g4f.client.spoken import Streaming
from g4f.client.stream import AsyncStream, Stream
from g4f.client.texts import AsyncEmbeddings, AsyncModerations, AsyncTextCompletions
from g4f.client.types import ImageEvent, ImagesResponse, Record, TextCompletion, TranscriptEvent, Transcription

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record)


def waiting(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The method as one that waits for its result."""

    @wraps(method)
    def waits(*args: P.args, **kwargs: P.kwargs) -> T:
        return BACKGROUND.run(method(*args, **kwargs))

    return waits


def opened(stream: AsyncStream[R]) -> Stream[R]:
    """The stream for a program without a loop, of which the first content is there."""

    async def wait() -> AsyncStream[R]:
        return await stream

    return Stream(BACKGROUND.run(wait()), BACKGROUND)


class Images:
    """Pictures; see AsyncImages."""

    def __init__(self, images: AsyncImages) -> None:
        self._images = images
        self.edit = waiting(images.edit)
        self.create_variation = waiting(images.create_variation)
        #: For coroutines that have only this client.
        self.async_generate = images.generate
        self.async_create_variation = images.create_variation

    @overload
    def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        stream: Literal[False] | None = False,
        **fields: Any,
    ) -> ImagesResponse: ...

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
    ) -> Stream[ImageEvent]: ...

    def generate(
        self,
        prompt: str,
        model: Any = "",
        provider: Any = None,
        response_format: str | None = None,
        stream: bool | None = False,
        **fields: Any,
    ) -> ImagesResponse | Stream[ImageEvent]:
        """Make pictures of a description."""
        if stream:
            return opened(self._images.generate(prompt, model, provider, response_format, stream=True, **fields))
        made: ImagesResponse = BACKGROUND.run(self._images.generate(prompt, model, provider, response_format, **fields))
        return made


class Speaking:
    """The namespace `client.audio.speech`."""

    def __init__(self, speech: AsyncSpeech) -> None:
        self.create = waiting(speech.create)
        self._speech = speech

    @property
    def with_streaming_response(self) -> Streaming:
        """`create` as a context manager of the bytes as they come: `iter_bytes()`, `stream_to_file(path)`."""
        return Streaming(self._speech.with_streaming_response)


class Transcriptions:
    """The namespace `client.audio.transcriptions`."""

    def __init__(self, transcriptions: AsyncTranscriptions) -> None:
        self._transcriptions = transcriptions

    @overload
    def create(
        self, file: Any, model: Any = "", provider: Any = None, stream: Literal[False] | None = False, **fields: Any
    ) -> Transcription | str: ...

    @overload
    def create(
        self, file: Any, model: Any = "", provider: Any = None, *, stream: Literal[True], **fields: Any
    ) -> Stream[TranscriptEvent]: ...

    def create(
        self, file: Any, model: Any = "", provider: Any = None, stream: bool | None = False, **fields: Any
    ) -> Transcription | str | Stream[TranscriptEvent]:
        """What is said in a sound; see AsyncTranscriptions."""
        if stream:
            return opened(self._transcriptions.create(file, model, provider, stream=True, **fields))
        said: Transcription | str = BACKGROUND.run(self._transcriptions.create(file, model, provider, **fields))
        return said


class Translations:
    """The namespace `client.audio.translations`."""

    def __init__(self, translations: AsyncTranslations) -> None:
        self.create = waiting(translations.create)


class Audio:
    """The namespace `client.audio`."""

    def __init__(self, audio: AsyncAudio) -> None:
        self.speech = Speaking(audio.speech)
        self.transcriptions = Transcriptions(audio.transcriptions)
        self.translations = Translations(audio.translations)


class TextCompletions:
    """The namespace `client.completions`; see AsyncTextCompletions."""

    def __init__(self, completions: AsyncTextCompletions) -> None:
        self._completions = completions

    @overload
    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        stream: Literal[False] | None = False,
        **fields: Any,
    ) -> TextCompletion: ...

    @overload
    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        *,
        stream: Literal[True],
        **fields: Any,
    ) -> Stream[TextCompletion]: ...

    def create(
        self,
        prompt: str | Sequence[Any],
        model: Any = "",
        provider: Any = None,
        stream: bool | None = False,
        **fields: Any,
    ) -> TextCompletion | Stream[TextCompletion]:
        """Go on with a text."""
        if stream:
            return opened(self._completions.create(prompt, model, provider, stream=True, **fields))
        text: TextCompletion = BACKGROUND.run(self._completions.create(prompt, model, provider, **fields))
        return text


class Embeddings:
    """The namespace `client.embeddings`."""

    def __init__(self, embeddings: AsyncEmbeddings) -> None:
        self.create = waiting(embeddings.create)


class Moderations:
    """The namespace `client.moderations`."""

    def __init__(self, moderations: AsyncModerations) -> None:
        self.create = waiting(moderations.create)
