"""Streams of the Responses API: relayed to callers of the same dialect, decoded for others.

A stream is complete by `response.completed` or `response.incomplete`, never by the end of its bytes. Relayed events
are only looked at: the first that says something commits, the last one is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from g4f.dialects import sse
from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.wire import bad_response, empty_completion, loads
from g4f.dialects.responses.answer import (
    call_of,
    citation_of,
    events_of_item,
    finish_of,
    proof_of,
    usage_of,
)
from g4f.exchange.answer import Frame
from g4f.exchange.events import Event, Finish, LogProbs, Reasoning, Refusal, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Json = dict[str, Any]
T = TypeVar("T")


_ENDS = frozenset({"response.completed", "response.incomplete"})
_REASONING = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
_SILENT = frozenset({"message", "reasoning"})
"""Items that say something only with their deltas."""


class _Stream(ABC, Generic[T]):
    """What reading has in common: events in, whatever `take` makes of one out."""

    def __init__(self, origin: Origin) -> None:
        self.finished = False
        self._origin = origin
        self._parser = sse.Parser(sse.MAX_LARGE_EVENT)  # the last event holds the whole response
        self._pending: AttemptFailed | None = None
        self._said = False

    def feed(self, chunk: bytes) -> list[T]:
        if self._pending is not None:
            raise self._pending
        made: list[T] = []
        try:
            for event in self._parser.feed(chunk):
                if not self.finished:
                    made += self._take(event)
        except sse.EventTooLarge as error:
            self._pending = AttemptFailed(
                Failure(kind=FailureKind.TOO_LARGE, message=f"{self._origin.provider}: {error}")
            )
        except AttemptFailed as failed:
            self._pending = failed
        if self._pending is not None and not made:
            raise self._pending
        return made

    def check(self) -> None:
        if self._pending is not None or self._parser.failed:
            self.feed(b"")

    def close(self) -> list[T]:
        made = [] if self.finished else self._rest()
        if not self.finished:
            message = f"{self._origin.provider} ended the stream before the answer was complete"
            raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message=message))
        return made

    def _rest(self) -> list[T]:
        if self._pending is not None:
            raise self._pending
        try:
            return [made for event in self._parser.close() for made in self._take(event)]
        except sse.EventTooLarge as error:
            raise self._too_large(error) from None
        except AttemptFailed as failed:
            if failed.failure.kind is not FailureKind.BAD_RESPONSE:  # the last piece may have been cut anywhere
                raise
            return []

    @abstractmethod
    def _take(self, event: sse.Event) -> Sequence[T]:
        """What an event of the upstream's comes to."""

    def _value(self, event: sse.Event) -> Json:
        try:
            value, _ = loads(event.data.strip())
        except ValueError as error:
            raise bad_response(f"{self._origin.provider} sent an event that is not JSON") from error
        if not isinstance(value, dict):
            raise bad_response(f"{self._origin.provider} sent an event that is not a JSON object")
        return value

    def _end(self, value: Json) -> Json:
        """The whole response of the last event."""
        whole = value.get("response")
        if not isinstance(whole, dict):
            raise bad_response(f"{self._origin.provider} ended with an event that holds no response")
        if not self._said and not whole.get("output") and whole.get("status") != "incomplete":
            raise empty_completion(self._origin.provider)
        self.finished = True
        return whole

    def _too_large(self, error: sse.EventTooLarge) -> AttemptFailed:
        return AttemptFailed(Failure(kind=FailureKind.TOO_LARGE, message=f"{self._origin.provider}: {error}"))

    def _failed(self, value: Json) -> AttemptFailed:
        response = value.get("response")
        error = value.get("error") or (response.get("error") if isinstance(response, dict) else None) or value
        return AttemptFailed(failure_of_error(error, secrets=self._origin.secrets))


class ResponseRelay(_Stream[Frame]):
    """Upstream bytes in, frames for callers of the same dialect out."""

    def _take(self, event: sse.Event) -> Sequence[Frame]:
        data = event.data.strip()
        if not data or data == b"[DONE]":
            return ()
        kind = event.event
        value: Json | None = None
        if kind is None:
            value = self._value(event)
            kind = str(value.get("type"))
        if kind in ("error", "response.failed"):
            raise self._failed(value or self._value(event))
        wire = b"event: " + kind.encode() + b"\ndata: " + data.replace(b"\n", b" ") + b"\n\n"
        if kind in _ENDS:
            whole = self._end(value or self._value(event))
            return (Frame(wire, content=self._said, finish=finish_of(whole), usage=usage_of(whole), last=True),)
        content = self._says_something(kind, value, event)
        self._said = self._said or content
        return (Frame(wire, content=content),)

    def _says_something(self, kind: str, value: Json | None, event: sse.Event) -> bool:
        if self._said:
            return False  # the first one commits: no need to look again
        if kind.endswith(".delta"):
            return True
        if kind != "response.output_item.added":
            return False
        item = (value or self._value(event)).get("item")
        return isinstance(item, dict) and item.get("type") not in _SILENT


class ResponseDecoder(_Stream[Event]):
    """Upstream bytes in, events out."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._calls: dict[Any, int] = {}
        self._told: set[Any] = set()
        self._by_type: dict[str, Callable[[Json], Sequence[Event]]] = {
            "response.created": self._created,
            "response.output_text.delta": self._text,
            "response.refusal.delta": lambda value: [Refusal(_said(value))],
            "response.output_text.annotation.added": lambda value: list(citation_of(value.get("annotation"))),
            "response.output_item.added": self._added,
            "response.output_item.done": self._done,
            "response.function_call_arguments.delta": self._arguments,
            "response.custom_tool_call_input.delta": self._arguments,
            **dict.fromkeys(_REASONING, self._thought),
            **dict.fromkeys(_ENDS, self._finish),
        }

    def _take(self, event: sse.Event) -> Sequence[Event]:
        if not event.data.strip() or event.data.strip() == b"[DONE]":
            return ()
        value = self._value(event)
        kind = str(value.get("type") or event.event)
        if kind in ("error", "response.failed"):
            raise self._failed(value)
        made = self._by_type.get(kind, _nothing)(value)
        self._said = self._said or bool(made and kind != "response.created")
        return made

    def _created(self, value: Json) -> Sequence[Event]:
        response = value.get("response")
        head = response if isinstance(response, dict) else {}
        return [Start(head.get("id"), head.get("model"))]

    def _text(self, value: Json) -> Sequence[Event]:
        events: list[Event] = [Text(_said(value))]
        logprobs = value.get("logprobs")
        if isinstance(logprobs, list) and logprobs:
            events.append(LogProbs(tuple(token for token in logprobs if isinstance(token, dict))))
        return events

    def _thought(self, value: Json) -> Sequence[Event]:
        self._told.add(value.get("output_index"))
        return [Reasoning(_said(value))]

    def _added(self, value: Json) -> Sequence[Event]:
        item = value.get("item")
        if not isinstance(item, dict) or item.get("type") not in ("function_call", "custom_tool_call"):
            return ()
        number = self._calls.setdefault(value.get("output_index"), len(self._calls))
        return [call_of(item, number)]

    def _arguments(self, value: Json) -> Sequence[Event]:
        number = self._calls.get(value.get("output_index"))
        if number is None:
            raise bad_response(f"{self._origin.provider} sent arguments of a call that did not begin")
        return [ToolCall(number, _said(value))]

    def _done(self, value: Json) -> Sequence[Event]:
        """What an item says only when it is done: proofs of reasoning, and pictures."""
        item = value.get("item")
        if not isinstance(item, dict) or item.get("type") == "message":
            return ()
        if item.get("type") == "reasoning":
            if value.get("output_index") in self._told:
                return list(proof_of(item, said=True))
            return list(events_of_item(item))
        return list(events_of_item(item))

    def _finish(self, value: Json) -> Sequence[Event]:
        whole = self._end(value)
        events: list[Event] = [Finish("tool_calls" if self._calls and finish_of(whole) == "stop" else finish_of(whole))]
        usage = usage_of(whole)
        return [*events, Tokens(usage)] if usage is not None else events


def _said(value: Json) -> str:
    delta = value.get("delta")
    return delta if isinstance(delta, str) else ""


def _nothing(_: Json) -> Sequence[Event]:
    return ()
