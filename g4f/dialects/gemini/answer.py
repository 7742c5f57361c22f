"""Gemini's answers, read: a stream is pieces of the form that a whole answer has.

A stream has no terminator of its own: it is complete when each candidate gave its reason to finish, and then ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from g4f.dialects import sse
from g4f.dialects.face import Origin
from g4f.dialects.gemini.wire import FINISHES, SIGNED_BY_GEMINI, Json, event_of, objects, usage_of
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.mend import call_id
from g4f.dialects.openai.wire import bad_response, empty_completion, is_count, loads
from g4f.dialects.reading import Reading
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.events import Citation, Event, Finish, Image, Reasoning, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

#: A broken call says that the model failed, not that the answer is complete.
_FAILURES = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "NO_IMAGE"})


class _Pieces:
    """What is known of an answer while its pieces come."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._finished: set[int] = set()
        self._seen: set[int] = set()
        self.said = False
        self.blocked = False

    def check(self, data: bytes) -> tuple[Json, bytes]:
        """One piece, checked. Raises AttemptFailed."""
        provider = self._origin.provider
        try:
            piece, source = loads(data)
        except ValueError as error:
            raise bad_response(f"{provider} sent something that is not JSON") from error
        if isinstance(piece, list) and len(piece) == 1:
            piece = piece[0]
        if not isinstance(piece, dict):
            raise bad_response(f"{provider} sent something that is not a JSON object")
        if piece.get("error"):
            raise AttemptFailed(failure_of_error(piece["error"], secrets=self._origin.secrets))
        feedback = piece.get("promptFeedback")
        self.blocked = self.blocked or (isinstance(feedback, dict) and bool(feedback.get("blockReason")))
        for candidate in objects(piece.get("candidates")):
            self._note(candidate)
        return piece, source

    def _note(self, candidate: Json) -> None:
        index = index_of(candidate)
        self._seen.add(index)
        self.said = self.said or any(_says_something(part) for part in parts_in(candidate))
        reason = candidate.get("finishReason")
        if not isinstance(reason, str):
            return
        if reason in _FAILURES:
            message = f"{self._origin.provider} failed to answer ({reason})"
            raise AttemptFailed(Failure(kind=FailureKind.SERVER_ERROR, message=message))
        self._finished.add(index)
        if self.whole and not self.said and FINISHES.get(reason, "stop") == "stop":
            raise empty_completion(self._origin.provider)

    @property
    def whole(self) -> bool:
        """Whether nothing but bookkeeping can follow."""
        n = self._origin.request.payload.get("n")
        expected = n if type(n) is int else 1
        return self.blocked or len(self._finished) >= max(expected, len(self._seen))


class PieceRelay(Reading[sse.Event, Frame]):
    """A stream for a client of the same dialect: each event goes on as it came."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(sse.Parser(sse.MAX_LARGE_EVENT), origin.provider)
        self._pieces = _Pieces(origin)

    def _take(self, piece: sse.Event, out: list[Frame]) -> None:
        data = piece.data.strip()
        if not data or data == b"[DONE]":
            return
        value, source = self._pieces.check(data)
        regular = b"\n" not in source
        wire = b"data: " + source + b"\r\n\r\n" if regular else event_of(value)
        finish = next((reason for item in objects(value.get("candidates")) if (reason := finish_of(item))), None)
        if self._pieces.blocked and finish is None:
            finish = "content_filter"
        content = any(_says_something(part) for item in objects(value.get("candidates")) for part in parts_in(item))
        out.append(Frame(wire, content=content, finish=finish, usage=usage_of(value), last=self._pieces.whole))

    def _end(self, out: list[Frame]) -> None:
        if not self._pieces.whole:
            raise self._broken_off()
        self.finished = True


class PieceDecoder(Reading[sse.Event, Event]):
    """A stream for a client of another dialect."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(sse.Parser(sse.MAX_LARGE_EVENT), origin.provider)
        self._pieces = _Pieces(origin)
        self._events = _Events(origin)

    def _take(self, piece: sse.Event, out: list[Event]) -> None:
        data = piece.data.strip()
        if data and data != b"[DONE]":
            value, _ = self._pieces.check(data)
            out += self._events.of(value)

    def _end(self, out: list[Event]) -> None:
        if not self._pieces.whole:
            raise self._broken_off()
        self.finished = True
        out += self._events.end(blocked=self._pieces.blocked)


class _Events:
    """Pieces as events. Why a candidate finished is told at the end: what was called may come after it was said."""

    def __init__(self, origin: Origin) -> None:
        self._seed = origin.request.id
        self._begun = False
        self._calls: dict[int, int] = {}
        self._finishes: dict[int, str] = {}
        self._tokens: Tokens | None = None

    def of(self, piece: Json) -> Iterator[Event]:
        if not self._begun:
            self._begun = True
            yield Start(piece.get("responseId"), piece.get("modelVersion"))
        for candidate in objects(piece.get("candidates")):
            index = index_of(candidate)
            for part in parts_in(candidate):
                yield from self._part(part, index)
            yield from _citations(candidate, index)
            reason = finish_of(candidate)
            if reason is not None:
                self._finishes[index] = reason
        usage = usage_of(piece)
        self._tokens = Tokens(usage) if usage is not None else self._tokens

    def end(self, *, blocked: bool) -> Iterator[Event]:
        if blocked and not self._finishes:
            self._finishes[0] = "content_filter"
        for index, reason in sorted(self._finishes.items()):
            called = reason == "stop" and self._calls.get(index)
            yield Finish("tool_calls" if called else reason, index)
        if self._tokens is not None:
            yield self._tokens

    def _part(self, part: Json, index: int) -> Iterator[Event]:
        signature = part.get("thoughtSignature")
        if isinstance(signature, str):
            yield Reasoning("", index, signature=signature, redacted=True, format=SIGNED_BY_GEMINI)
        text, call, inline = part.get("text"), part.get("functionCall"), part.get("inlineData")
        if isinstance(text, str) and text:
            yield Reasoning(text, index) if part.get("thought") is True else Text(text, index)
        if isinstance(call, dict):
            yield self._call(call, index)
        if isinstance(inline, dict):
            yield Image(f"data:{inline.get('mimeType', 'image/png')};base64,{inline.get('data', '')}", index)
        for text in _code(part):
            yield Text(text, index)

    def _call(self, call: Json, index: int) -> Event:
        number = self._calls.get(index, 0)
        self._calls[index] = number + 1
        own = call.get("id") or call_id(self._seed, index, number)
        return ToolCall(number, orjson.dumps(call.get("args") or {}).decode(), own, str(call.get("name")), index)


def events_of_completion(body: bytes, origin: Origin) -> list[Event]:
    """A whole answer as events. Raises AttemptFailed."""
    pieces, events = _Pieces(origin), _Events(origin)
    value, _ = pieces.check(_body(body, origin))
    _check_whole(pieces, origin)
    return [*events.of(value), *events.end(blocked=pieces.blocked)]


def decode_completion(body: bytes, origin: Origin) -> Completion:
    """A whole answer for a client of the same dialect."""
    pieces = _Pieces(origin)
    value, source = pieces.check(_body(body, origin))
    if "totalTokens" not in value:
        _check_whole(pieces, origin)
    candidates = objects(value.get("candidates"))
    finish = finish_of(candidates[0]) if candidates else "content_filter" if pieces.blocked else None
    filtered = finish == "content_filter" and not pieces.said
    return Completion(source, usage=usage_of(value), finish=finish, filtered=filtered)


def frames_of_completion(body: bytes, origin: Origin) -> list[Frame]:
    """A whole answer to a call that asked for a stream, for a client of the same dialect."""
    relay = PieceRelay(origin)
    value, _ = _Pieces(origin).check(_body(body, origin))
    return [*relay.feed(event_of(value)), *relay.close()]


def _check_whole(pieces: _Pieces, origin: Origin) -> None:
    if not pieces.whole and not pieces.said:
        raise bad_response(f"{origin.provider} answered without candidates")


def _body(body: bytes, origin: Origin) -> bytes:
    body = body.strip()
    if body.startswith(b"<"):
        message = f"{origin.provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    return body


def index_of(candidate: Mapping[str, Any]) -> int:
    """Which answer it is a piece of; the first where it does not say."""
    index = candidate.get("index")
    return index if is_count(index) else 0


def parts_in(candidate: Mapping[str, Any]) -> list[Json]:
    """The parts of a candidate's content."""
    content = candidate.get("content")
    return objects(content.get("parts")) if isinstance(content, dict) else []


def finish_of(candidate: Mapping[str, Any]) -> str | None:
    """Why a candidate finished, in the hub's words."""
    reason = candidate.get("finishReason")
    return FINISHES.get(reason, "stop") if isinstance(reason, str) and reason != "FINISH_REASON_UNSPECIFIED" else None


def _says_something(part: Json) -> bool:
    return bool(part.get("text") or part.get("functionCall") or part.get("inlineData") or list(_code(part)))


def _code(part: Json) -> Iterator[str]:
    """Code that the model ran at Google's, and what it printed: other dialects have it as text."""
    code, result = part.get("executableCode"), part.get("codeExecutionResult")
    if isinstance(code, dict) and isinstance(code.get("code"), str):
        yield f"\n```{str(code.get('language', '')).lower()}\n{code['code']}\n```\n"
    if isinstance(result, dict) and isinstance(result.get("output"), str):
        yield f"\n```\n{result['output']}\n```\n"


def _citations(candidate: Json, index: int) -> Iterator[Event]:
    """The web pages an answer is grounded on."""
    grounding = candidate.get("groundingMetadata")
    for chunk in objects(grounding.get("groundingChunks")) if isinstance(grounding, dict) else ():
        web = chunk.get("web")
        if isinstance(web, dict):
            yield Citation(web.get("uri"), web.get("title"), choice=index)
