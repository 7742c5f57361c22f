"""Cohere's answers, read: whole ones, and streams of its own events.

A stream is complete by `message-end`. What the model plans before it calls tools is told as its thoughts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects import sse
from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.wire import bad_response, empty_completion, is_count, loads
from g4f.dialects.reading import Reading
from g4f.exchange.answer import Usage
from g4f.exchange.events import Citation, Event, Finish, Reasoning, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Json = dict[str, Any]

_FINISHES = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR_TOXIC": "content_filter",
}


class MessageDecoder(Reading[sse.Event, Event]):
    """A stream as events."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(sse.Parser(), origin.provider)
        self._origin = origin
        self._said = False

    def _take(self, piece: sse.Event, out: list[Event]) -> None:
        data = piece.data.strip()
        if not data or data == b"[DONE]":
            return
        value = _object(data, self._provider)
        made = list(self._events(value))
        self._said = self._said or any(isinstance(event, Text | Reasoning | ToolCall) for event in made)
        out += made

    def _end(self, out: list[Event]) -> None:
        raise self._broken_off()

    def _events(self, value: Json) -> Iterator[Event]:
        delta = _dict(value.get("delta"))
        message = _dict(delta.get("message"))
        match value.get("type"):
            case "message-start":
                yield Start(value.get("id"))
            case "content-start" | "content-delta":
                yield from _content(_dict(message.get("content")))
            case "tool-plan-delta":
                yield from _thought(message.get("tool_plan"))
            case "tool-call-start" | "tool-call-delta":
                index = value.get("index")
                yield _call(_dict(message.get("tool_calls")), index if is_count(index) else 0)
            case "citation-start":
                yield from _citation(_dict(message.get("citations")))
            case "message-end":
                yield from self._finish(delta)
            case None:
                raise AttemptFailed(failure_of_error(value, secrets=self._origin.secrets))

    def _finish(self, delta: Json) -> Iterator[Event]:
        finish = finish_of(delta, self._provider)
        if not self._said and finish == "stop":
            raise empty_completion(self._provider)
        self.finished = True
        yield Finish(finish)
        usage = usage_of(delta)
        if usage is not None:
            yield Tokens(usage)


def events_of_completion(body: bytes, origin: Origin) -> list[Event]:
    """A whole answer as events. Raises AttemptFailed."""
    body = body.strip()
    if body.startswith(b"<"):
        page = Failure(kind=FailureKind.CHALLENGE, message=f"{origin.provider} answered with an HTML page")
        raise AttemptFailed(page)
    value = _object(body, origin.provider)
    message = value.get("message")
    if not isinstance(message, dict):
        raise bad_response(f"{origin.provider} answered without a message")
    events: list[Event] = [Start(value.get("id")), *_thought(message.get("tool_plan"))]
    content = message.get("content")
    for part in content if isinstance(content, list) else ():
        events += _content(_dict(part))
    for citation in message.get("citations") or ():
        events += _citation(_dict(citation))
    for number, call in enumerate(message.get("tool_calls") or ()):
        events.append(_call(_dict(call), number))
    finish = finish_of(value, origin.provider)
    if finish == "stop" and not any(isinstance(event, Text | Reasoning | ToolCall) for event in events):
        raise empty_completion(origin.provider)
    events.append(Finish(finish))
    usage = usage_of(value)
    return [*events, Tokens(usage)] if usage is not None else events


def finish_of(holder: Mapping[str, Any], provider: str) -> str:
    """Why an answer ended. Raises AttemptFailed where it is that it failed."""
    reason = holder.get("finish_reason")
    if reason in ("ERROR", "TIMEOUT", "ERROR_LIMIT"):
        message = f"{provider} failed within its answer ({reason})"
        raise AttemptFailed(Failure(kind=FailureKind.SERVER_ERROR, message=message))
    return _FINISHES.get(str(reason), "stop")


def usage_of(holder: Mapping[str, Any]) -> Usage | None:
    """The tokens of an answer; what was billed, where there is no other count."""
    usage = _dict(holder.get("usage"))
    for counts in (_dict(usage.get("tokens")), _dict(usage.get("billed_units"))):
        asked, said = _whole(counts.get("input_tokens")), _whole(counts.get("output_tokens"))
        if asked is not None and said is not None:
            cached = _whole(usage.get("cached_tokens"))
            return Usage(asked, said, cached_tokens=cached or 0)
    return None


def _whole(count: Any) -> int | None:
    """A count, which Cohere may write as a decimal."""
    return int(count) if isinstance(count, int | float) and not isinstance(count, bool) and count >= 0 else None


def _object(data: bytes, provider: str) -> Json:
    try:
        value, _ = loads(data)
    except ValueError as error:
        raise bad_response(f"{provider} sent something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{provider} sent something that is not a JSON object")
    return value


def _content(part: Json) -> Iterator[Event]:
    yield from _thought(part.get("thinking"))
    if isinstance(part.get("text"), str) and part["text"]:
        yield Text(part["text"])


def _thought(text: Any) -> Iterator[Event]:
    if isinstance(text, str) and text:
        yield Reasoning(text)


def _call(call: Json, index: int) -> ToolCall:
    function = _dict(call.get("function"))
    return ToolCall(index, function.get("arguments") or "", id=call.get("id"), name=function.get("name"))


def _citation(citation: Json) -> Iterator[Event]:
    """One for each source; a document of the request's own has an id in place of a URL."""
    for source in citation.get("sources") or ():
        document = _dict(_dict(source).get("document"))
        yield Citation(
            document.get("url"),
            document.get("title") or _dict(source).get("id"),
            citation.get("start"),
            citation.get("end"),
            citation.get("text"),
        )


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
