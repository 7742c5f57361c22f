"""Streamed answers to anything but a chat: OpenAI's events, looked at and passed on.

Each operation has its own event types. A stream is complete when an event says that the whole is there (`*.completed`,
`*.done`) or, for texts of the old kind, with `[DONE]`; the end of the bytes proves nothing.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import orjson

from g4f.dialects import sse
from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.mend import mend_head, text_or_none
from g4f.dialects.openai.operation import is_raw
from g4f.dialects.openai.results import usage_of_result
from g4f.dialects.openai.text_results import COMPLETION
from g4f.dialects.openai.wire import Json, asks_for_usage, bad_response, empty_completion, event_of, loads, usage_of
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation

_ENDS = (".completed", ".done")
_WHOLE = {
    Operation.IMAGE_GENERATION: "image_generation.completed",
    Operation.IMAGE_EDIT: "image_edit.completed",
    Operation.TRANSCRIPTION: "transcript.text.done",
}

#: What an event says of its picture where the upstream and the request do not, and the tokens of one that counts none.
_PICTURED = {"size": "auto", "quality": "auto", "background": "auto", "output_format": "png"}
_NOTHING_COUNTED = {
    "input_tokens": 0,
    "output_tokens": 0,
    "total_tokens": 0,
    "input_tokens_details": {"text_tokens": 0, "image_tokens": 0},
}


class ResultRelay:
    """Turns the bytes of one stream into frames. Raises AttemptFailed as `Relay` does."""

    def __init__(self, origin: Origin) -> None:
        self.finished = False
        self._origin = origin
        self._legacy = origin.request.operation is Operation.COMPLETION
        self._usage_wanted = asks_for_usage(origin.request.payload)
        self._parser = sse.Parser(sse.MAX_LARGE_EVENT)
        self._pending: AttemptFailed | None = None
        self._content = False
        self._ended = False
        self._missing = _expected(origin)
        self._id: str | None = None

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames of the events that `chunk` completes."""
        if self._pending is not None:
            raise self._pending
        return self._frames(self._parser.feed, chunk)

    def check(self) -> None:
        """Raise the failure that came behind the frames which `feed` returned, if one did."""
        if self._pending is not None or self._parser.failed:
            self.feed(b"")

    def close(self) -> list[Frame]:
        """The frames of what the end of the bytes left unterminated; raises if the stream is not complete."""
        if self._pending is not None:
            raise self._pending
        frames = self._frames(lambda _: self._parser.close(), b"")
        if not self.finished:
            if not self._ended:
                message = f"{self._origin.provider} ended the stream before the answer was complete"
                raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=message))
            self._finish()
        return frames

    def _frames(self, events: Any, chunk: bytes) -> list[Frame]:
        frames: list[Frame] = []
        try:
            for event in events(chunk):
                if not self.finished:
                    self._take(event, frames)
        except sse.EventTooLarge as error:
            message = f"{self._origin.provider}: {error}"
            self._pending = AttemptFailed(Failure(kind=FailureKind.TOO_LARGE, message=message))
        except AttemptFailed as failed:
            self._pending = failed
        if self._pending is not None and not frames:
            raise self._pending
        return frames

    def _take(self, event: sse.Event, frames: list[Frame]) -> None:
        data = event.data.strip()
        if data == b"[DONE]":
            self._finish()
        elif data:
            value = self._read(data)
            if event.event == "error" or value.get("error") or value.get("type") == "error":
                raise AttemptFailed(failure_of_error(value.get("error") or value, secrets=self._origin.secrets))
            frames.append(self._text(value) if self._legacy else self._event(value))

    def _read(self, data: bytes) -> Json:
        try:
            value, _ = loads(data)
        except ValueError as error:
            raise bad_response(f"{self._origin.provider} sent an event that is not JSON") from error
        if not isinstance(value, dict):
            raise bad_response(f"{self._origin.provider} sent an event that is not a JSON object")
        return value

    def _finish(self) -> None:
        if not self._content:
            raise empty_completion(self._origin.provider)
        self.finished = True

    def _event(self, value: Json) -> Frame:
        """One event of pictures, a transcript or speech; its type is the name of the event, too."""
        kind = text_or_none(value.get("type")) or "message"
        self._content = True
        if kind.endswith(_ENDS):
            self._missing -= 1
            self._ended = True
            self.finished = self._missing <= 0
        return Frame(named_event(kind, value), content=True, usage=usage_of_result(value), last=self.finished)

    def _text(self, value: Json) -> Frame:
        """One chunk of a text of the old kind."""
        request = self._origin.request
        self._id = self._id or text_or_none(value.get("id")) or f"cmpl-{request.id}"
        mend_head(value, kind=COMPLETION, id=self._id, created=self._origin.now, model=request.model)
        choices = value.get("choices")
        choices = value["choices"] = choices if isinstance(choices, list) else []
        content, finish = False, None
        for choice in choices:
            if not isinstance(choice, dict):
                raise bad_response(f"{self._origin.provider} sent a choice that is not a JSON object")
            choice["text"] = text_or_none(choice.get("text")) or ""
            content = content or bool(choice["text"])
            finish = text_or_none(choice.get("finish_reason")) or finish
        self._content = self._content or content
        self._ended = self._ended or finish is not None
        usage = usage_of(value)
        if usage is not None and not choices and not self._usage_wanted:
            return Frame(b"", usage=usage)
        several = self._missing > 1 or isinstance(request.payload.get("prompt"), list)
        return Frame(event_of(value), content=content, finish=finish, usage=usage, last=self._ended and not several)


def _expected(origin: Origin) -> int:
    """How many ends a stream has: each picture has its own."""
    return int(origin.request.payload.get("n", 1))


def named_event(kind: str, value: Json) -> bytes:
    """One event that names its type outside the JSON too, as OpenAI's media streams do."""
    name = kind if kind.isascii() and kind.isprintable() else "message"
    return b"event: " + name.encode() + b"\n" + event_of(value)


def frames_of_result(whole: Completion, origin: Origin) -> list[Frame]:
    """A whole answer to a call that asked for a stream, as the frames of that stream."""
    operation = origin.request.operation
    if operation is Operation.SPEECH:
        return [_spoken(whole, is_raw(operation, origin.request.payload))]
    value: Json = {"text": whole.wire.decode()} if whole.media_type[:5] == "text/" else orjson.loads(whole.wire)
    if operation is Operation.COMPLETION:
        return list(_texts(value, whole, asks_for_usage(origin.request.payload)))
    kind = _WHOLE[operation]
    if operation is Operation.TRANSCRIPTION:
        return [Frame(named_event(kind, {"type": kind, **value}), content=True, usage=whole.usage)]
    asked = {name: origin.request.payload.get(name) or unsaid for name, unsaid in _PICTURED.items()}
    shared = {name: item for name, item in value.items() if name not in ("created", "data")}
    head = {"type": kind, "created_at": value["created"], **asked, "usage": _NOTHING_COUNTED, **shared}
    return [Frame(named_event(kind, {**head, **image}), content=True, usage=whole.usage) for image in value["data"]]


def _spoken(whole: Completion, raw: bool) -> Frame:
    """A file of speech as it is, or as the events that hold it."""
    if raw:
        return Frame(whole.wire, content=True, usage=whole.usage)
    counted = whole.usage or Usage(0, 0)
    usage = {
        "input_tokens": counted.input_tokens,
        "output_tokens": counted.output_tokens,
        "total_tokens": counted.input_tokens + counted.output_tokens,
    }
    audio = {"type": "speech.audio.delta", "audio": b64encode(whole.wire).decode()}
    done = {"type": "speech.audio.done", "usage": usage}
    return Frame(event_of(audio) + event_of(done), content=True, usage=whole.usage)


def _texts(value: Json, whole: Completion, usage_wanted: bool) -> Iterable[Frame]:
    counted = value.pop("usage", None)
    for choice in value["choices"]:
        yield Frame(
            event_of({**value, "choices": [choice]}), content=bool(choice["text"]), finish=choice["finish_reason"]
        )
    if counted is not None:
        wire = event_of({**value, "choices": [], "usage": counted}) if usage_wanted else b""
        yield Frame(wire, usage=whole.usage)
