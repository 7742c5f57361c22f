"""What the synchronous client asks for beside chats: the methods of `g4f.client.media`, run in the background."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from g4f.client.background import BACKGROUND
from g4f.client.media import (
    AsyncAudio,
    AsyncEmbeddings,
    AsyncImages,
    AsyncModerations,
    AsyncSpeech,
    AsyncTranscriptions,
)

P = ParamSpec("P")
T = TypeVar("T")


def waiting(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The method as one that waits for its result."""

    @wraps(method)
    def waits(*args: P.args, **kwargs: P.kwargs) -> T:
        return BACKGROUND.run(method(*args, **kwargs))

    return waits


class Images:
    """Pictures; see AsyncImages."""

    def __init__(self, images: AsyncImages) -> None:
        self.generate = waiting(images.generate)
        self.edit = waiting(images.edit)
        self.create_variation = waiting(images.create_variation)
        #: For coroutines that have only this client.
        self.async_generate = images.generate
        self.async_create_variation = images.create_variation


class Speaking:
    """The namespace `client.audio.speech`."""

    def __init__(self, speech: AsyncSpeech) -> None:
        self.create = waiting(speech.create)


class Transcriptions:
    """The namespaces `client.audio.transcriptions` and `client.audio.translations`."""

    def __init__(self, transcriptions: AsyncTranscriptions) -> None:
        self.create = waiting(transcriptions.create)


class Audio:
    """The namespace `client.audio`."""

    def __init__(self, audio: AsyncAudio) -> None:
        self.speech = Speaking(audio.speech)
        self.transcriptions = Transcriptions(audio.transcriptions)
        self.translations = Transcriptions(audio.translations)


class Embeddings:
    """The namespace `client.embeddings`."""

    def __init__(self, embeddings: AsyncEmbeddings) -> None:
        self.create = waiting(embeddings.create)


class Moderations:
    """The namespace `client.moderations`."""

    def __init__(self, moderations: AsyncModerations) -> None:
        self.create = waiting(moderations.create)
