"""Answers from any upstream dialect to any caller's: relayed where the two agree, through events where not."""

from collections.abc import Iterable

from g4f.dialects.face import Decoder, Encoder, Origin, Reader, Upstream
from g4f.dialects.registry import front
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event


def reader(upstream: Upstream, origin: Origin) -> Reader:
    """What turns the upstream's bytes into frames of the caller's dialect."""
    dialect = origin.request.dialect
    if dialect is upstream.dialect:
        return upstream.relay(origin)
    return _Translation(upstream.decoder(origin), front(dialect).encoder(origin))


def completion(upstream: Upstream, body: bytes, origin: Origin) -> Completion:
    """A whole answer in the caller's dialect. Raises AttemptFailed."""
    dialect = origin.request.dialect
    if dialect is upstream.dialect:
        return upstream.decode_completion(body, origin)
    return front(dialect).encode_completion(upstream.events_of_completion(body, origin), origin)


def frames_of_completion(upstream: Upstream, body: bytes, origin: Origin) -> list[Frame]:
    """A whole answer to a call that asked for a stream, as frames of the caller's dialect. Raises AttemptFailed."""
    dialect = origin.request.dialect
    if dialect is upstream.dialect:
        return upstream.frames_of_completion(body, origin)
    encoder = front(dialect).encoder(origin)
    return [*_encoded(encoder, upstream.events_of_completion(body, origin)), encoder.close()]


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
