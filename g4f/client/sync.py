"""Client: the asynchronous client for programs that have no event loop.

It works in scripts, in threads, in notebooks and inside a running loop alike. Ctrl-C interrupts a call and cancels it
upstream.
"""

from types import TracebackType
from typing import Any, Literal, Self, overload

from g4f.client.aio import OPTIONS, AsyncClient
from g4f.client.background import BACKGROUND
from g4f.client.chat import AsyncCompletions
from g4f.client.stream import Stream
from g4f.client.sync_media import Audio, Embeddings, Images, Moderations, TextCompletions, opened
from g4f.client.types import ChatCompletion, ChatCompletionChunk
from g4f.config.refusals import did_you_mean
from g4f.gateway.explain import Explanation
from g4f.typing import Messages


class Client:
    """A client over one g4f.yaml, or over the catalog and the keys of this environment.

    Takes what AsyncClient takes, and raises what it raises.
    """

    def __init__(self, provider: Any = None, media_provider: Any = None, **options: Any) -> None:
        for name in options:
            if name not in OPTIONS:
                raise TypeError(f"Client() has no argument {name!r}{did_you_mean(name, OPTIONS)}")
        self._client = AsyncClient(provider, media_provider, **options)
        self.chat = Chat(self._client)
        self.completions = TextCompletions(self._client.completions)
        self.images = self.media = Images(self._client.images)
        self.audio = Audio(self._client.audio)
        self.embeddings = Embeddings(self._client.embeddings)
        self.moderations = Moderations(self._client.moderations)
        self.models = self._client.models

    def explain(self, model: Any = "", *, provider: Any = None) -> Explanation:
        """The chain a request would walk now, and why targets are left out."""

        async def there() -> Explanation:  # where a provider that is new to the client may be taken in
            return self._client.explain(model, provider=provider)

        return BACKGROUND.run(there())

    def reload(self) -> bool:
        """Serve by the file as it is now; True if it changed. Raises ConfigError, and then nothing changed."""
        return BACKGROUND.run(self._client.reload())

    def close(self) -> None:
        """Close the connections to upstreams."""
        BACKGROUND.run(self._client.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Chat:
    """The namespace `client.chat`."""

    def __init__(self, client: AsyncClient) -> None:
        self.completions = Completions(client.chat.completions)


class Completions:
    """Chats; see AsyncCompletions for the arguments and the errors."""

    def __init__(self, completions: AsyncCompletions) -> None:
        self._completions = completions

    @overload
    def create(
        self,
        messages: Messages | str,
        model: Any = "",
        provider: Any = None,
        stream: Literal[False] = False,
        **fields: Any,
    ) -> ChatCompletion: ...

    @overload
    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, *, stream: Literal[True], **fields: Any
    ) -> Stream[ChatCompletionChunk]: ...

    @overload
    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, stream: bool = False, **fields: Any
    ) -> ChatCompletion | Stream[ChatCompletionChunk]: ...

    def create(
        self, messages: Messages | str, model: Any = "", provider: Any = None, stream: bool = False, **fields: Any
    ) -> ChatCompletion | Stream[ChatCompletionChunk]:
        """Answer a chat. With `stream`, an iterator of chunks, of which the first content is there."""
        if stream:
            return self.stream(messages, model, provider, **fields)
        answer: ChatCompletion = BACKGROUND.run(self._completions.create(messages, model, provider, **fields))
        return answer

    def stream(
        self, messages: Messages | str, model: Any = "", provider: Any = None, **fields: Any
    ) -> Stream[ChatCompletionChunk]:
        """`create` with `stream=True`; the result is an iterator and a context manager."""
        return opened(self._completions.stream(messages, model, provider, **fields))

    def parse(
        self, messages: Messages | str, model: Any = "", provider: Any = None, *, response_format: Any, **fields: Any
    ) -> ChatCompletion:
        """Answer a chat in the form of a pydantic model: `choices[0].message.parsed` is an object of it."""
        return BACKGROUND.run(
            self._completions.parse(messages, model, provider, response_format=response_format, **fields)
        )
