"""Between any caller's dialect and any upstream's: relayed where the two agree, through events where not.

That is for chats. Every other operation has one vocabulary, OpenAI's: its requests are decoded into it, its answers
come back in it, and a caller of another dialect gets them translated whole.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from g4f.dialects.face import Decoder, Encoder, Origin, Outgoing, Reader, Upstream
from g4f.dialects.openai import legacy
from g4f.dialects.openai.result_stream import frames_of_result
from g4f.dialects.registry import front
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.request import Dialect, Operation, Request

_CHATS = frozenset({Operation.CHAT, Operation.COUNT_TOKENS})


class Bridge:
    """How one provider is spoken to: in the words of its dialect, about the operations it has."""

    def __init__(self, upstream: Upstream, operations: Collection[Operation]) -> None:
        self._upstream = upstream
        self._only_chats = Operation.COMPLETION not in operations

    def encode(self, request: Request, *, model: str) -> Outgoing:
        """The request as the provider gets it. Raises AttemptFailed and RequestError."""
        if self._goes_by_chat(request):
            chat, dropped = legacy.as_chat(request)
            outgoing = self._upstream.encode_request(chat, model=model)
            return replace(outgoing, dropped=(*outgoing.dropped, *dropped))
        return self._upstream.encode_request(request, model=model)

    def reader(self, origin: Origin) -> Reader | None:
        """What turns the provider's bytes into frames of the caller's dialect. None: it can only answer whole."""
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_reader(origin)
        if self._goes_by_chat(request):
            return legacy.TextReader(self._chat_reader(_by_chat(origin)))
        return self._upstream.relay_result(origin) if request.dialect is Dialect.OPENAI else None

    def completion(self, body: bytes, origin: Origin, *, media_type: str) -> Completion:
        """A whole answer in the caller's dialect. Raises AttemptFailed."""
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_completion(body, origin)
        if self._goes_by_chat(request):
            return legacy.text_of(self._chat_completion(body, _by_chat(origin)))
        return result(self._upstream.decode_result(body, media_type=media_type, origin=origin), origin)

    def frames_of_completion(self, body: bytes, origin: Origin, *, media_type: str) -> list[Frame]:
        """A whole answer to a call that asked for a stream, as frames of the caller's dialect. Raises AttemptFailed."""
        request = origin.request
        if request.operation in _CHATS:
            return self._chat_frames(body, origin)
        if self._goes_by_chat(request):
            return legacy.text_frames(self._chat_frames(body, _by_chat(origin)))
        return result_frames(self._upstream.decode_result(body, media_type=media_type, origin=origin), origin)

    def _goes_by_chat(self, request: Request) -> bool:
        return self._only_chats and request.operation is Operation.COMPLETION

    def _chat_reader(self, origin: Origin) -> Reader:
        dialect = origin.request.dialect
        if dialect is self._upstream.dialect:
            return self._upstream.relay(origin)
        return _Translation(self._upstream.decoder(origin), front(dialect).encoder(origin))

    def _chat_completion(self, body: bytes, origin: Origin) -> Completion:
        dialect = origin.request.dialect
        if dialect is self._upstream.dialect:
            return self._upstream.decode_completion(body, origin)
        return front(dialect).encode_completion(self._upstream.events_of_completion(body, origin), origin)

    def _chat_frames(self, body: bytes, origin: Origin) -> list[Frame]:
        dialect = origin.request.dialect
        if dialect is self._upstream.dialect:
            return self._upstream.frames_of_completion(body, origin)
        encoder = front(dialect).encoder(origin)
        return [*_encoded(encoder, self._upstream.events_of_completion(body, origin)), encoder.close()]


def result(whole: Completion, origin: Origin) -> Completion:
    """An answer in OpenAI's words, in those of the caller."""
    dialect = origin.request.dialect
    return whole if dialect is Dialect.OPENAI else front(dialect).encode_result(whole, origin)


def result_frames(whole: Completion, origin: Origin) -> list[Frame]:
    """An answer in OpenAI's words to a caller who asked for a stream. Raises AttemptFailed."""
    if origin.request.dialect is Dialect.OPENAI:
        return frames_of_result(whole, origin)
    whole = result(whole, origin)
    return [Frame(whole.wire, content=True, usage=whole.usage)]


def _by_chat(origin: Origin) -> Origin:
    chat, _ = legacy.as_chat(origin.request)
    return replace(origin, request=chat)


class _Translation:
    """One dialect read, another written."""

    def __init__(self, decoder: Decoder, encoder: Encoder) -> None:
        self.finished = False
        self._decoder = decoder
        self._encoder = encoder

    def feed(self, chunk: bytes) -> list[Frame]:
        return self._frames(self._decoder.feed(chunk))

    def check(self) -> None:
        self._decoder.check()

    def close(self) -> list[Frame]:
        return self._frames(self._decoder.close())

    def _frames(self, events: Iterable[Event]) -> list[Frame]:
        frames = _encoded(self._encoder, events)
        if self._decoder.finished and not self.finished:
            self.finished = True
            frames.append(self._encoder.close())
        return frames


def _encoded(encoder: Encoder, events: Iterable[Event]) -> list[Frame]:
    return [encoder.encode(event) for event in events]
