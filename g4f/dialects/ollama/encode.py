"""An answer made of `exchange.events`, written as lines of Ollama's or as one answer."""

import time
from collections.abc import Callable, Iterable

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.hub import is_object, read_arguments
from g4f.dialects.ollama.completion import fold
from g4f.dialects.ollama.wire import Json, is_generate, line_of, timestamp
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import Event, Finish, Image, LogProbs, Reasoning, Refusal, Start, Text, Tokens, ToolCall


class LineEncoder:
    """Turns the events of one answer into frames. A tool call is one line, written when it is whole; the reason and the
    counts are the last. `clock` is in nanoseconds."""

    def __init__(self, origin: Origin, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._head: Json = {"model": origin.request.model, "created_at": timestamp(origin.now)}
        self._generate = is_generate(origin.request.native)
        self._clock = clock
        self._began = clock()
        self._first: int | None = None
        self._calls: dict[int, Json] = {}
        self._reason = "stop"
        self._finished = False
        self.usage: Usage | None = None

    def encode(self, event: Event) -> Frame:
        """The frame of one event."""
        lines = self.lines(event)
        content = isinstance(event, ToolCall) or any(map(_says, lines))
        if content and self._first is None:
            self._first = self._clock()
        usage = event.usage if isinstance(event, Tokens) else None
        finish = event.reason if isinstance(event, Finish) else None
        ending = line_of(self.last_line()) if self._finished else b""
        wire = b"".join(map(line_of, lines))
        return Frame(wire, content=content, finish=finish, usage=usage, last=self._finished, ending=ending)

    def close(self) -> Frame:
        """The last line."""
        return Frame(line_of(self.last_line()), usage=self.usage)

    def lines(self, event: Event) -> list[Json]:
        """What one event comes to on the wire."""
        match event:
            case Text(text=text) | Refusal(text=text) if text:
                return [self._line("content", text)]
            case Reasoning(text=text) if text:
                return [self._line("thinking", text)]
            case Image(url=url):
                return [self._line("content", f"![image]({url})")]
            case ToolCall():
                return self._call(event)
            case LogProbs(tokens=tokens):
                return [{**self._line("content", ""), "logprobs": list(tokens)}]
            case Start(model=model):
                self._head["model"] = model or self._head["model"]
            case Tokens(usage=usage):
                self.usage = usage
            case Finish(reason=reason):
                self._reason, self._finished = reason, True
                return self._written(whole=False)
        return []

    def last_line(self) -> Json:
        """The reason, the counts, and what time it took."""
        now = self._clock()
        first = self._first or now
        usage = self.usage or Usage(0, 0)
        return {
            **self._line("content", ""),
            "done": True,
            "done_reason": {"tool_calls": "stop", "function_call": "stop"}.get(self._reason, self._reason),
            "total_duration": now - self._began,
            "load_duration": 0,
            "prompt_eval_count": usage.input_tokens,
            "prompt_eval_duration": first - self._began,
            "eval_count": usage.output_tokens,
            "eval_duration": now - first,
        }

    def _line(self, kind: str, text: str) -> Json:
        if self._generate:
            said: Json = {"response": text if kind == "content" else ""}
            if kind == "thinking":
                said["thinking"] = text
            return {**self._head, **said, "done": False}
        message: Json = {"role": "assistant", "content": ""}
        message[kind] = text
        return {**self._head, "message": message, "done": False}

    def _call(self, event: ToolCall) -> list[Json]:
        lines = []
        if event.index not in self._calls:
            lines = self._written(whole=True)
            self._calls[event.index] = {"id": event.id, "name": event.name or "", "arguments": ""}
        self._calls[event.index]["arguments"] += event.arguments
        return lines

    def _written(self, *, whole: bool) -> list[Json]:
        """The line of the calls that were not written yet: all, or those whose arguments are `whole`."""
        calls = []
        for index, call in self._calls.items():
            if call.get("written") or (whole and not is_object(call["arguments"])):
                continue
            call["written"] = True
            function = {"index": index, "name": call["name"], "arguments": read_arguments(call["arguments"])}
            calls.append({"id": call["id"] or f"call_{index}", "function": function})
        if not calls:
            return []
        line = self._line("content", "")
        line.setdefault("message", {})["tool_calls"] = calls
        return [line]


def encode_completion(events: Iterable[Event], origin: Origin) -> Completion:
    """The events of one answer as one: the fold of the very lines that a stream would have had."""
    encoder = LineEncoder(origin)
    reason: str | None = None
    pieces: list[Json] = []
    for event in events:
        pieces += encoder.lines(event)
        reason = event.reason if isinstance(event, Finish) else reason
    whole = fold([*pieces, encoder.last_line()])
    return Completion(orjson.dumps(whole), usage=encoder.usage, finish=reason, filtered=reason == "content_filter")


def _says(line: Json) -> bool:
    message = line.get("message") or line
    return bool(message.get("content") or message.get("thinking") or message.get("response"))
