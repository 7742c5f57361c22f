"""A request, whatever it asks for and whatever dialect it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """A wire format that clients or upstreams speak. The values are the names used in g4f.yaml."""

    OPENAI = "openai"
    OPENAI_RESPONSES = "openai-responses"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
    OLLAMA = "ollama"
    COHERE = "cohere"


class ReasoningNames(StrEnum):
    """Under which names OpenAI's clients are told a model's thoughts; the API itself has none."""

    REASONING_CONTENT = "reasoning_content"
    REASONING = "reasoning"
    BOTH = "both"


class Operation(StrEnum):
    """What a request asks for. The same chains, retries and limits serve every one."""

    CHAT = "chat"
    COUNT_TOKENS = "count_tokens"
    """How many tokens the input of a chat comes to; nothing is answered."""
    COMPLETION = "completion"
    EMBEDDINGS = "embeddings"
    MODERATION = "moderation"
    RERANK = "rerank"
    IMAGE_GENERATION = "image-generation"
    IMAGE_EDIT = "image-edit"
    IMAGE_VARIATION = "image-variation"
    TRANSCRIPTION = "transcription"
    TRANSLATION = "translation"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a form. `field` is the form's name for it, `name` the file's own; `content` may be a view of the body
    that it came in."""

    field: str
    content: bytes | memoryview
    name: str = "file"
    media_type: str = "application/octet-stream"


@dataclass(kw_only=True)
class Request:
    """One request. It is not frozen only because freezing triples what making one costs.

    `payload` is the body in the vocabulary of OpenAI's API (for a chat: chat completions), the hub that every dialect
    decodes into, without the fields that only choose a route (`provider`, `proxy`, ...). Fields this project does not
    know are kept: an upstream of the same dialect gets them untouched. `native` is the body in the words of
    `dialect`, where that is not OpenAI's: what an upstream of the same dialect is sent. `passed` are the headers of
    the client that go on to an upstream of the same dialect; a dialect names them, and none is a credential. `lost`
    names what of `native` the hub has no words for, and so only an upstream of the same dialect gets. `files` are what
    a form brought beside its fields. An empty `model` stands for the default of the operation. Nobody changes a
    request: adapters copy what they alter.

    `links` is what links to files kept for the client begin with (`http://127.0.0.1:1337/media/`); None where nothing
    that is made is to be kept or turned. `provider` is the one that it pins, or several in this order, `proxy` the
    name or URL of a proxy that it asks for, `conversation` the id of what its messages continue, and
    `reasoning_names` how it wants thoughts to be called; `cache_control` may hold `no-cache` (a new answer) and `no-
    store` (that is not kept either). `extras` are arguments as a program gave them, for providers written in Python:
    of any type, and never on a wire.
    """

    id: str
    model: str
    payload: Mapping[str, Any]
    operation: Operation = Operation.CHAT
    stream: bool = False
    dialect: Dialect = Dialect.OPENAI
    native: Mapping[str, Any] | None = None
    files: tuple[File, ...] = ()
    links: str | None = None
    lost: tuple[str, ...] = ()
    passed: Mapping[str, str] | None = None
    provider: str | tuple[str, ...] | None = None
    proxy: str | None = None
    conversation: str | None = None
    reasoning_names: ReasoningNames | None = None
    cache_control: str | None = None
    needs: frozenset[str] = field(default=frozenset())
    extras: Mapping[str, Any] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is a chat that asks for a whole answer, and for nothing about how it comes to it."""
        return not (
            self.stream
            or self.needs
            or self.operation is not Operation.CHAT
            or self.provider is not None
            or self.proxy is not None
            or self.conversation is not None
            or self.reasoning_names is not None
            or self.cache_control is not None
            or not self.model
        )

    def saying(self, payload: Mapping[str, Any]) -> "Request":
        """The same request with another payload; `dataclasses.replace` would cost as much as reading one."""
        other = object.__new__(Request)
        other.__dict__.update(self.__dict__)
        other.payload = payload
        return other
