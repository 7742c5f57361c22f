"""What a dialect must be able to do: as a server to clients, and as a client to upstreams.

Hub and spoke: a request is decoded into OpenAI's vocabulary and encoded from it, an answer is decoded into
`exchange.events` and encoded from them, so a new dialect is two faces and never a translator for each pair. Where both
sides speak the same dialect nothing is translated: the answer is relayed. Everything here is sans-IO.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import Failure
from g4f.exchange.request import Dialect, Request


@dataclass(slots=True, kw_only=True)
class Origin:
    """Where an answer comes from, and for which request: what an encoder writes into its head.

    `model` is the public name; `now` is the Unix time in seconds. `secrets` are never repeated in an error's text.
    """

    request: Request
    provider: str
    now: int
    secrets: Collection[str] = ()


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """A request as an upstream gets it. `path` is appended to the provider's `base_url`; `headers` are added to the
    prepared ones, and `replacing` (name and value) takes the place of one of `Upstream.headers`. `content_type` is the
    body's where that is not JSON. `dropped` names what the dialect has no words for (`logit_bias`,
    `messages[2].audio`). A GET has no body."""

    path: str
    body: bytes = b""
    method: Literal["POST", "GET"] = "POST"
    content_type: str | None = None
    headers: Mapping[str, str] | None = None
    replacing: tuple[str, str] | None = None
    dropped: tuple[str, ...] = ()


class Encoder(Protocol):
    """Writes the events of one streamed answer as frames. After the last `Finish` its frames are `last`, with what the
    dialect still needs as their `ending`."""

    def encode(self, event: Event) -> Frame:
        """The frame of one event; its wire may be empty."""

    def close(self) -> Frame:
        """What follows when the upstream has said that the answer is complete: all that `Front.terminator` is not."""


class Decoder(Protocol):
    """Reads the bytes of one streamed answer as events.

    `finished` turns true when the upstream has said that the answer is complete; what comes after is ignored. Where a
    chunk holds good events before a bad one they are returned first, and the next call raises. Raises AttemptFailed.
    """

    @property
    def finished(self) -> bool: ...

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events that `chunk` completes."""

    def check(self) -> None:
        """Raise the failure that came behind the events which `feed` returned, if one did."""

    def close(self) -> Sequence[Event]:
        """The events of what the end of the bytes left unterminated. Raises if the answer is not complete."""


class Reader(Protocol):
    """As `Decoder`, with frames of the caller's dialect in place of events."""

    @property
    def finished(self) -> bool: ...

    def feed(self, chunk: bytes) -> list[Frame]: ...

    def check(self) -> None: ...

    def close(self) -> list[Frame]: ...


class Passing(Protocol):
    """What a `Reader` may have besides: a short way for the chunks that are most of a stream."""

    def passes(self, chunk: bytes) -> bool:
        """Whether `chunk` says text, nothing but text, and can go to the caller as it is, without being fed."""


class Front(Protocol):
    """The server's face: what clients of the dialect say and hear.

    `media_type` is that of a stream, `terminator` what ends a complete one (it is not among the frames), and
    `keepalive` what a waiting client may be sent without noticing (empty: nothing). `id_header` is where its clients
    look for the id of a request.
    """

    dialect: Dialect
    media_type: str
    terminator: bytes
    keepalive: bytes
    id_header: str

    def decode_request(
        self, body: bytes | bytearray, *, request_id: str, path: Mapping[str, str], headers: Mapping[str, str]
    ) -> Request:
        """The chat that a client asks for. `path` holds the variables of the URL, and what the route itself says of the
        request. Raises RequestError."""

    def encoder(self, origin: Origin) -> Encoder:
        """For one streamed answer."""

    def encode_completion(self, events: Iterable[Event], origin: Origin) -> Completion:
        """A whole answer made of its events."""

    def encode_result(self, whole: Completion, origin: Origin) -> Completion:
        """A whole answer to anything but a chat, given in OpenAI's words (`openai/results.py`)."""

    def encode_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """The body of an error answer. `error` is OpenAI's error object: message, type, param, code, and more."""

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """What ends a stream that broke: every client must raise on it."""


class Upstream(Protocol):
    """The client's face: how an upstream of the dialect is asked, and how its answer is read. Raises AttemptFailed
    for an answer that is none, and RequestError for a request that cannot be written.

    `models_path` is where it lists its models, from `base_url`.
    """

    dialect: Dialect
    models_path: str

    def headers(self, key: str | None) -> Mapping[str, str]:
        """What every request carries: the credential, the version of the API."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        """The request, whatever its operation, asking for the upstream's own `model`."""

    def relay(self, origin: Origin) -> Reader:
        """A stream for a caller of the same dialect."""

    def decoder(self, origin: Origin) -> Decoder:
        """A stream for a caller of another dialect."""

    def decode_completion(self, body: bytes, origin: Origin) -> Completion:
        """A whole answer for a caller of the same dialect."""

    def frames_of_completion(self, body: bytes, origin: Origin) -> list[Frame]:
        """A whole answer to a call that asked for a stream, as that stream, for a caller of the same dialect."""

    def events_of_completion(self, body: bytes, origin: Origin) -> Sequence[Event]:
        """A whole answer for a caller of another dialect."""

    def decode_result(self, body: bytes, *, media_type: str, origin: Origin) -> Completion:
        """A whole answer to anything but a chat, in OpenAI's words: see `openai/results.py: result_of`."""

    def relay_result(self, origin: Origin) -> Reader | None:
        """A streamed answer to anything but a chat, for a caller of OpenAI's dialect. None: it always comes whole."""

    def decode_error(
        self, *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
    ) -> Failure:
        """What an answer other than 200 means. `now` is the Unix time in seconds."""

    def decode_models(self, body: bytes) -> Sequence[str]:
        """The names in a list of models. Raises ValueError, KeyError or TypeError for what is none."""
