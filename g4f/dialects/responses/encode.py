"""An answer made of `exchange.events`, written as a response or as the stream of events that tells of one."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.responses.items import Items
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import Event, Finish, Image, Reasoning, Refusal, Start, Text, Tokens, ToolCall

Json = dict[str, Any]

#: What of a request a response repeats, and what stands there for a client that did not say it.
_ECHOED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
}
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponseEncoder:
    """Turns the events of one answer into frames; other answers than the first (`n`) have no place in a response."""

    def __init__(self, origin: Origin) -> None:
        asked = origin.request.native or {}
        seed = origin.request.id.removeprefix("req_")
        echoed = {name: asked[name] if asked.get(name) is not None else unsaid for name, unsaid in _ECHOED.items()}
        if asked.get("user") is not None:  # which may be missing, but not null
            echoed["user"] = asked["user"]
        self._head: Json = {
            "id": f"resp_{seed}",
            "object": "response",
            "created_at": origin.now,
            "model": origin.request.model,
            "provider": origin.provider,
            "background": False,
            "error": None,
            **echoed,
        }
        self._now = origin.now
        self._items = Items(seed)
        self._number = 0
        self._begun = False
        self._finish: str | None = None
        self._usage: Usage | None = None

    def encode(self, event: Event) -> Frame:
        """The frame of one event. The first one also says that the response began."""
        match event:
            case Start(model=model):
                self._head["model"] = model or self._head["model"]
                return Frame(b"")
            case Tokens(usage=usage):
                self._usage = usage
                return Frame(b"", usage=usage)
            case Finish(reason=reason, choice=0):
                self._finish = reason
                wire = self._beginning() + self._wire(self._items.close())
                return Frame(wire, finish=reason, last=True, ending=self._wire([self._last()], keep=False))
            case Text(choice=0) | Reasoning(choice=0) | Refusal(choice=0) | ToolCall(choice=0) | Image(choice=0):
                wire = self._beginning() + self._wire(self._items.add(event))
                return Frame(wire, content=_says_something(event))
            case _ if getattr(event, "choice", 0) == 0:
                return Frame(self._beginning() + self._wire(self._items.add(event)))
            case _:
                return Frame(b"")

    def close(self) -> Frame:
        """The rest of the items, and the whole response."""
        wire = self._beginning() + self._wire([*self._items.close(), self._last()])
        return Frame(wire, usage=self._usage, last=True)

    def response(self) -> Json:
        """The whole response, as far as it was said."""
        cut = _INCOMPLETE.get(self._finish or "")
        return {
            **self._head,
            "status": "incomplete" if cut else "completed",
            "completed_at": None if cut else self._now,
            "incomplete_details": {"reason": cut} if cut else None,
            "output": self._items.output,
            **({} if self._usage is None else {"usage": usage_object(self._usage)}),
        }

    def _beginning(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        empty = {
            **self._head,
            "status": "in_progress",
            "completed_at": None,
            "incomplete_details": None,
            "output": [],
        }
        kinds = ("response.created", "response.in_progress")
        return self._wire([{"type": kind, "response": empty} for kind in kinds])

    def _last(self) -> Json:
        whole = self.response()
        return {"type": f"response.{whole['status']}", "response": whole}

    def _wire(self, events: list[Json], *, keep: bool = True) -> bytes:
        wire = b"".join([wire_of({**event, "sequence_number": self._number + n}) for n, event in enumerate(events)])
        if keep:
            self._number += len(events)
        return wire


def encode_response(events: Iterable[Event], origin: Origin) -> Completion:
    """The events of one answer as a whole response."""
    encoder = ResponseEncoder(origin)
    finish: str | None = None
    usage: Usage | None = None
    for event in events:
        frame = encoder.encode(event)
        finish, usage = frame.finish or finish, frame.usage or usage
    encoder.close()
    return Completion(orjson.dumps(encoder.response()), usage=usage, finish=finish, filtered=finish == "content_filter")


def wire_of(event: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    kind: str = event["type"]
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"


def usage_object(usage: Usage) -> Json:
    """Usage as a response has it."""
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _says_something(event: Text | Reasoning | Refusal | ToolCall | Image) -> bool:
    match event:
        case Text(text=text) | Reasoning(text=text) | Refusal(text=text):
            return bool(text)
        case _:
            return True
