"""A whole answer of Ollama's, checked. It has the form of a stream's only line, and is read as one."""

from collections.abc import Iterable

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.ollama.events import LineDecoder
from g4f.dialects.ollama.relay import LineRelay
from g4f.dialects.ollama.wire import Json
from g4f.dialects.openai.wire import bad_response, loads
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Event
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind


def frames_of_completion(body: bytes, origin: Origin) -> list[Frame]:
    """A whole answer to a call that asked for a stream, for a client of the same dialect. Raises AttemptFailed."""
    relay = LineRelay(origin)
    frames = relay.feed(_body(body, origin))
    relay.check()
    return [*frames, *relay.close()]


def events_of_completion(body: bytes, origin: Origin) -> list[Event]:
    """A whole answer as events. Raises AttemptFailed."""
    decoder = LineDecoder(origin)
    events = decoder.feed(_body(body, origin))
    decoder.check()
    return [*events, *decoder.close()]


def decode_completion(body: bytes, origin: Origin) -> Completion:
    """The answer for a client of the same dialect, also where it was streamed to a call that asked for none."""
    frames = frames_of_completion(body, origin)
    last = frames[-1]
    wire = frames[0].wire if len(frames) == 1 else orjson.dumps(fold(orjson.loads(frame.wire) for frame in frames))
    return Completion(
        wire.rstrip(b"\n"), usage=last.usage, finish=last.finish, filtered=last.finish == "content_filter"
    )


def fold(pieces: Iterable[Json]) -> Json:
    """The lines of a stream as the one answer that they are the pieces of."""
    whole: Json = {}
    message: Json = {}
    words: Json = {}
    for piece in pieces:
        whole |= {key: value for key, value in piece.items() if key not in ("message", "response", "thinking")}
        if isinstance(piece.get("message"), dict):
            _append(message, piece["message"])
        _append(words, {key: piece[key] for key in ("response", "thinking") if piece.get(key) is not None})
    return {**whole, **words, **({"message": message} if message else {})}


def _append(whole: Json, piece: Json) -> None:
    for key, value in piece.items():
        if key in ("content", "thinking", "response") and isinstance(value, str):
            whole[key] = whole.get(key, "") + value
        elif isinstance(value, list):
            whole[key] = [*whole.get(key, ()), *value]
        else:
            whole[key] = value


def _body(body: bytes, origin: Origin) -> bytes:
    """The body as lines: a whole answer that was written over several is put on one."""
    if body.lstrip().startswith(b"<"):
        message = f"{origin.provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    try:
        value, _ = loads(body)
    except ValueError:
        return body  # several lines, or nothing that can be read
    if not isinstance(value, dict):
        raise bad_response(f"{origin.provider} answered with something that is not a JSON object")
    return orjson.dumps(value)
