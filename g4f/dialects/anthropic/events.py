"""Answers in Anthropic's dialect as events, for callers of another one."""

from collections.abc import Iterator
from typing import Any

import orjson

from g4f.dialects.anthropic.schema import ANSWER_TOOL
from g4f.dialects.anthropic.stream import MessageStream
from g4f.dialects.anthropic.wire import Json
from g4f.dialects.face import Origin
from g4f.dialects.hub import SIGNED_BY_CLAUDE
from g4f.exchange.events import Citation, Event, Finish, Reasoning, Start, Text, Tokens, ToolCall


class _Block:
    """A content block while it is open."""

    __slots__ = ("arguments", "call", "kind", "signature")

    def __init__(self, kind: str, call: int | None = None) -> None:
        self.kind = kind
        self.call = call
        self.arguments = False
        self.signature = ""


class MessageDecoder(MessageStream[Event]):
    """Turns the bytes of one stream into events. What the server's own tools did has no event: their sources come as
    citations."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._answered = False

    def _event(self, event: Json, source: bytes, out: list[Event]) -> None:
        match event["type"]:
            case "content_block_delta":
                self._says(event)
                out += self._delta(self._blocks.get(_place(event)), _dict(event, "delta"))
            case "content_block_start":
                self._says(event)
                out += self._open(_place(event), _dict(event, "content_block"))
            case "content_block_stop":
                out += self._close_block(_place(event))
            case "message_delta":
                out += self._message_delta(event)
            case "message_start":
                message = _dict(event, "message")
                out.append(Start(_text(message, "id") or None, _text(message, "model") or None))
                usage = self._usage(event)
                if usage is not None:
                    out.append(Tokens(usage))

    def _stop(self, out: list[Event]) -> None:
        return

    def _message_delta(self, event: Json) -> Iterator[Event]:
        reason = self._ended(event)
        if reason is not None:
            if reason == "tool_calls" and self._answered and not self._calls:
                reason = "stop"
            yield Finish(reason, stop_sequence=_text(_dict(event, "delta"), "stop_sequence") or None)
        usage = self._usage(event)
        if usage is not None:
            yield Tokens(usage)

    def _open(self, index: int, block: Json) -> Iterator[Event]:
        kind = _text(block, "type")
        if kind == "tool_use" and block.get("name") == ANSWER_TOOL:
            self._answered = True
            kind = ANSWER_TOOL
        state = self._blocks[index] = _Block(kind)
        if kind == "tool_use":
            state.call = self._calls
            self._calls += 1
            yield ToolCall(state.call, id=_text(block, "id") or None, name=_text(block, "name"))
        if kind in ("tool_use", ANSWER_TOOL) and block.get("input"):
            yield from self._delta(state, {"partial_json": orjson.dumps(block["input"]).decode()})
        elif kind == "redacted_thinking":
            yield Reasoning("", signature=_text(block, "data"), redacted=True, format=SIGNED_BY_CLAUDE)
        elif kind in ("text", "thinking"):
            yield from self._delta(state, {name: block[name] for name in (kind, "signature") if block.get(name)})
            for citation in block.get("citations") or ():
                yield from _citations(citation)

    def _delta(self, state: _Block | None, delta: Json) -> Iterator[Event]:
        if state is None:
            return
        if text := _text(delta, "text"):
            yield Text(text)
        if thought := _text(delta, "thinking"):
            yield Reasoning(thought)
        if arguments := _text(delta, "partial_json"):
            state.arguments = True
            if state.call is not None:
                yield ToolCall(state.call, arguments)
            elif state.kind == ANSWER_TOOL:
                yield Text(arguments)
        state.signature += _text(delta, "signature")
        if delta.get("citation"):
            yield from _citations(delta["citation"])

    def _close_block(self, index: int) -> Iterator[Event]:
        state = self._blocks.pop(index, None)
        if state is None:
            return
        if state.signature:
            yield Reasoning("", signature=state.signature, format=SIGNED_BY_CLAUDE)
        if not state.arguments:
            if state.call is not None:
                yield ToolCall(state.call, "{}")
            elif state.kind == ANSWER_TOOL:
                yield Text("{}")


def _place(event: Json) -> int:
    index = event.get("index")
    return index if type(index) is int else 0


def _dict(holder: Json, name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _text(holder: Json, name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _citations(citation: Any) -> Iterator[Event]:
    """A source: a page of the web, or a document of the request, which has a title and no address."""
    if isinstance(citation, dict):
        url = _text(citation, "url") or _text(citation, "source") or None
        title = _text(citation, "title") or _text(citation, "document_title") or None
        yield Citation(url, title, quote=_text(citation, "cited_text") or None)
