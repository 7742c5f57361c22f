"""An answer made of `exchange.events`, written as the events of a Messages stream or as one message."""

from collections.abc import Iterable, Iterator

import orjson

from g4f.dialects.anthropic.fold import fold
from g4f.dialects.anthropic.wire import STOP, Json, event_of, stop_reason_of, usage_object
from g4f.dialects.face import Origin
from g4f.dialects.hub import foreign_signature, is_object
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import (
    Citation,
    Event,
    Finish,
    Image,
    LogProbs,
    Reasoning,
    Refusal,
    Start,
    Text,
    Tokens,
    ToolCall,
)


class MessageEncoder:
    """Turns the events of one answer into frames.

    One block is open at a time; a tool call whose arguments are not whole yet stays open beside the next ones. Thoughts
    are signed for us, not for Anthropic, which would refuse another maker's signature. The reason and the usage come
    last, in one event.
    """

    def __init__(self, origin: Origin) -> None:
        self._message: Json = {
            "id": f"msg_{origin.request.id.removeprefix('req_')}",
            "type": "message",
            "role": "assistant",
            "model": origin.request.model,
        }
        self._started = False
        self._next = 0
        self._open: tuple[str, int] | None = None
        self._calls: dict[int, tuple[int, str]] = {}
        self.usage: Usage | None = None
        self._refused = False
        self._reason: str | None = None
        self._stop_sequence: str | None = None

    def encode(self, event: Event) -> Frame:
        """The frame of one event."""
        events = list(self.events(event))
        wire = b"".join(map(event_of, events))
        ending = b"".join(map(event_of, self._ended())) + STOP if self._reason is not None else b""
        usage = event.usage if isinstance(event, Tokens) else None
        finish = event.reason if isinstance(event, Finish) else None
        return Frame(
            wire, content=_is_content(event), finish=finish, usage=usage, last=self._reason is not None, ending=ending
        )

    def close(self) -> Frame:
        """The reason, the usage, and the end."""
        return Frame(b"".join(map(event_of, self.finished())) + STOP, usage=self.usage)

    def finished(self) -> Iterator[Json]:
        """All that is missing but `message_stop`."""
        yield from self._begin()
        yield from self._close_all()
        yield from self._ended()

    def _ended(self) -> Iterator[Json]:
        """The event with the reason and the usage."""
        reason = "refusal" if self._refused and self._reason == "stop" else stop_reason_of(self._reason or "stop")
        if self._stop_sequence is not None and reason == "end_turn":
            reason = "stop_sequence"
        delta = {"stop_reason": reason, "stop_sequence": self._stop_sequence}
        yield {"type": "message_delta", "delta": delta, "usage": usage_object(self.usage)}

    def events(self, event: Event) -> Iterator[Json]:
        """What one event of the hub comes to on the wire."""
        match event:
            case Text(text=text):
                yield from self._say("text", "text_delta", text)
            case Refusal(text=text):
                self._refused = True
                yield from self._say("text", "text_delta", text)
            case Reasoning():
                yield from self._reasoning(event)
            case ToolCall():
                yield from self._call(event)
            case Citation():
                yield from self._cite(event)
            case Image(url=url):
                yield from self._say("text", "text_delta", f"![image]({url})")
            case Start(model=model):
                self._message["model"] = model or self._message["model"]
            case Tokens(usage=usage):
                self.usage = usage
            case Finish(reason=reason, stop_sequence=stop_sequence):
                self._reason, self._stop_sequence = reason, stop_sequence
                yield from self._begin()
                yield from self._close_all()
            case LogProbs():
                pass  # no client of this dialect can ask for them

    def _begin(self) -> Iterator[Json]:
        if not self._started:
            self._started = True
            head = {**self._message, "content": [], "stop_reason": None, "stop_sequence": None}
            yield {"type": "message_start", "message": {**head, "usage": usage_object(self.usage)}}

    def _say(self, kind: str, delta: str, text: str) -> Iterator[Json]:
        if text:
            yield from self._opened(kind, {"type": kind, kind: "", **({"signature": ""} if kind == "thinking" else {})})
            yield self._delta({"type": delta, kind: text})

    def _reasoning(self, event: Reasoning) -> Iterator[Json]:
        yield from self._say("thinking", "thinking_delta", event.text)
        if event.signature is None:
            return
        signature = foreign_signature(event.format, event.signature)
        if event.redacted:
            yield from self._opened("redacted_thinking", {"type": "redacted_thinking", "data": signature}, new=True)
        else:
            yield from self._opened("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            yield self._delta({"type": "signature_delta", "signature": signature})
        yield from self._close(signed=True)

    def _call(self, event: ToolCall) -> Iterator[Json]:
        if event.index not in self._calls:
            yield from self._begin()
            yield from self._close()
            yield from self._close_calls(whole=True)
            call_id = event.id or f"toolu_{self._message['id']}_{event.index}"
            block = {"type": "tool_use", "id": call_id, "name": event.name or "", "input": {}}
            self._calls[event.index] = (self._next, "")
            yield {"type": "content_block_start", "index": self._next, "content_block": block}
            self._next += 1
        place, arguments = self._calls[event.index]
        if event.arguments and place >= 0:
            self._calls[event.index] = (place, arguments + event.arguments)
            delta = {"type": "input_json_delta", "partial_json": event.arguments}
            yield {"type": "content_block_delta", "index": place, "delta": delta}

    def _cite(self, event: Citation) -> Iterator[Json]:
        yield from self._opened("text", {"type": "text", "text": ""})
        citation = {
            "type": "web_search_result_location",
            "url": event.url or "",
            "title": event.title or "",
            "cited_text": event.quote or "",
            "encrypted_index": "",
        }
        yield self._delta({"type": "citations_delta", "citation": citation})

    def _opened(self, kind: str, block: Json, *, new: bool = False) -> Iterator[Json]:
        """Open a block of a kind, unless it is the one that is open."""
        yield from self._begin()
        if self._open is not None and self._open[0] == kind and not new:
            return
        yield from self._close()
        yield from self._close_calls(whole=True)
        self._open = (kind, self._next)
        yield {"type": "content_block_start", "index": self._next, "content_block": block}
        self._next += 1

    def _delta(self, delta: Json) -> Json:
        assert self._open is not None  # noqa: S101 - it was opened for this
        return {"type": "content_block_delta", "index": self._open[1], "delta": delta}

    def _close(self, *, signed: bool = False) -> Iterator[Json]:
        if self._open is None:
            return
        if self._open[0] == "thinking" and not signed:
            yield self._delta({"type": "signature_delta", "signature": foreign_signature(None, "")})
        yield {"type": "content_block_stop", "index": self._open[1]}
        self._open = None

    def _close_calls(self, *, whole: bool) -> Iterator[Json]:
        """Close the open tool calls: all, or those whose arguments are `whole`."""
        for index, (place, arguments) in list(self._calls.items()):
            if place >= 0 and (not whole or is_object(arguments)):
                self._calls[index] = (-1, "")
                yield {"type": "content_block_stop", "index": place}

    def _close_all(self) -> Iterator[Json]:
        yield from self._close()
        yield from self._close_calls(whole=False)


def encode_completion(events: Iterable[Event], origin: Origin) -> Completion:
    """The events of one answer as a message: the fold of the very events that a stream would have had."""
    encoder = MessageEncoder(origin)
    reason: str | None = None
    pieces: list[Json] = []
    for event in events:
        pieces += encoder.events(event)
        reason = event.reason if isinstance(event, Finish) else reason
    message = fold([*pieces, *encoder.finished()])
    return Completion(
        orjson.dumps(message),
        usage=encoder.usage,
        finish=reason,
        filtered=reason == "content_filter",
    )


def _is_content(event: Event) -> bool:
    match event:
        case Text(text=text) | Refusal(text=text):
            return bool(text)
        case Reasoning(text=text, redacted=redacted):
            return bool(text) or redacted
        case ToolCall() | Image():
            return True
        case _:
            return False
