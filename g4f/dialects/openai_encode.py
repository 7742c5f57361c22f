"""An answer made of `exchange.events`, written as OpenAI's chunks or as one completion: for adapters of
other wires.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from g4f.dialects.openai_fold import fold
from g4f.dialects.openai_mend import call_id
from g4f.dialects.openai_wire import CHUNK, Json, asks_for_usage, chunks_of, event_of
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import Event, Finish, Reasoning, Text, Tokens, ToolCall
from g4f.exchange.request import Request


class ChunkEncoder:
    """Turns the events of one answer into frames.

    The first chunk of each choice carries the role. Usage becomes a chunk of its own if the client asked
    for it, and otherwise a frame without wire. `now` is the Unix time in seconds.
    """

    def __init__(self, *, request: Request, provider: str, model: str, now: int) -> None:
        self._head = {
            "id": f"chatcmpl-{request.id}",
            "object": CHUNK,
            "created": now,
            "model": model,
            "provider": provider,
        }
        self._usage_wanted = asks_for_usage(request.payload)
        self._begun: set[int] = set()
        self._calls: set[tuple[int, int]] = set()

    def encode(self, event: Event) -> Frame:
        """The frame of one event."""
        match event:
            case Text(text=text, choice=choice):
                return self._delta(choice, {"content": text}, content=bool(text))
            case Reasoning(text=text, choice=choice):
                return self._delta(choice, {"reasoning_content": text}, content=bool(text))
            case ToolCall(choice=choice):
                return self._delta(choice, {"tool_calls": [self._call(event)]}, content=True)
            case Finish(reason=reason, choice=choice):
                return self._delta(choice, {}, finish=reason)
            case Tokens(usage=usage):
                return self._tokens(usage)

    def _call(self, event: ToolCall) -> Json:
        function: Json = {"arguments": event.arguments}
        if event.name is not None:
            function = {"name": event.name, **function}
        call: Json = {"index": event.index, "function": function}
        place = (event.choice, event.index)
        if place in self._calls:
            return call
        self._calls.add(place)
        own_id = event.id or call_id(self._head["id"], self._head["created"], *place)
        return {"index": event.index, "id": own_id, "type": "function", "function": function}

    def _delta(self, choice: int, delta: Json, *, content: bool = False, finish: str | None = None) -> Frame:
        if choice not in self._begun:
            self._begun.add(choice)
            delta = {"role": "assistant", **delta}
        choices = [{"index": choice, "delta": delta, "logprobs": None, "finish_reason": finish}]
        return Frame(event_of({**self._head, "choices": choices}), content=content, finish=finish)

    def _tokens(self, usage: Usage) -> Frame:
        counts = {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.input_tokens + usage.output_tokens,
        }
        wire = event_of({**self._head, "choices": [], "usage": counts}) if self._usage_wanted else b""
        return Frame(wire, usage=usage)


def encode_completion(events: Iterable[Event], *, request: Request, provider: str, model: str, now: int) -> Completion:
    """The events of one answer as a completion: the fold of the very chunks that a stream would have had."""
    wanting = replace(request, payload={**request.payload, "stream_options": {"include_usage": True}})
    encoder = ChunkEncoder(request=wanting, provider=provider, model=model, now=now)
    frames = [encoder.encode(event) for event in events]
    body = fold(_chunks(frames))
    usage = next((frame.usage for frame in reversed(frames) if frame.usage is not None), None)
    finish = body["choices"][0]["finish_reason"] if body["choices"] else None
    return Completion(orjson.dumps(body), usage=usage, finish=finish)


def _chunks(frames: Iterable[Frame]) -> Iterator[Json]:
    for frame in frames:
        yield from chunks_of(frame.wire)
