"""An answer made of `exchange.events`, written as OpenAI's chunks or as one completion."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from g4f.dialects.openai.events import usage_object
from g4f.dialects.openai.fold import fold
from g4f.dialects.openai.mend import call_id
from g4f.dialects.openai.wire import CHUNK, Json, asks_for_usage, chunks_of, event_of, with_usage
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
from g4f.exchange.request import ReasoningNames, Request

#: What thoughts are called, by what the request asked for.
_REASONING: Mapping[ReasoningNames | None, tuple[str, ...]] = {
    None: ("reasoning_content",),
    ReasoningNames.REASONING_CONTENT: ("reasoning_content",),
    ReasoningNames.REASONING: ("reasoning",),
    ReasoningNames.BOTH: ("reasoning_content", "reasoning"),
}


class ChunkEncoder:
    """Turns the events of one answer into frames.

    The first chunk of each choice carries the role. Usage becomes a chunk of its own if the client asked
    for it, and otherwise a frame without wire. `now` is the Unix time in seconds.
    """

    def __init__(self, *, request: Request, provider: str, now: int) -> None:
        self._head: Json = {
            "id": f"chatcmpl-{request.id}",
            "object": CHUNK,
            "created": now,
            "model": request.model,
            "provider": provider,
        }
        n = request.payload.get("n")
        self._expected = n if type(n) is int else 1
        self._usage_wanted = asks_for_usage(request.payload)
        self._begun: set[int] = set()
        self._finished: set[int] = set()
        self._calls: dict[tuple[int, int], bool] = {}
        self._usage: Usage | None = None
        self._reasoning_names = _REASONING[request.reasoning_names]
        self._thoughts: dict[int, str] = {}
        self._listed: dict[tuple[int, str], int] = {}

    def encode(self, event: Event) -> Frame:
        """The frame of one event. A usage that comes early is kept until the end."""
        match event:
            case Text(text=text, choice=choice):
                return self._delta(choice, {"content": text}, content=bool(text))
            case Reasoning(choice=choice):
                return self._reasoning(event)
            case Refusal(text=text, choice=choice):
                return self._delta(choice, {"refusal": text}, content=bool(text))
            case ToolCall(choice=choice):
                return self._delta(choice, {"tool_calls": [self._call(event)]}, content=True)
            case Citation(choice=choice):
                return self._delta(choice, {"annotations": [self._numbered(choice, "annotations", _annotation(event))]})
            case Image(url=url, choice=choice):
                image = {"type": "image_url", "image_url": {"url": url}}
                return self._delta(choice, {"images": [self._numbered(choice, "images", image)]}, content=True)
            case LogProbs(tokens=tokens, choice=choice):
                return self._delta(choice, {}, logprobs={"content": list(tokens), "refusal": None})
            case Finish(reason=reason, choice=choice):
                return self._delta(choice, self._without_arguments(choice, reason), finish=reason)
            case Start(model=model):
                self._head["model"] = model or self._head["model"]
                return Frame(b"")
            case Tokens(usage=usage):
                self._usage = usage
                return Frame(b"", usage=usage)

    def close(self) -> Frame:
        """The chunk with the usage, if it is wanted and known."""
        if self._usage is None or not self._usage_wanted:
            return Frame(b"", usage=self._usage)
        wire = event_of({**self._head, "choices": [], "usage": usage_object(self._usage)})
        return Frame(wire, usage=self._usage)

    def _reasoning(self, event: Reasoning) -> Frame:
        """The text as it comes; with the signature, the whole thought again, as it has to be sent back."""
        delta: Json = dict.fromkeys(self._reasoning_names, event.text) if event.text else {}
        if not event.redacted:
            self._thoughts[event.choice] = self._thoughts.get(event.choice, "") + event.text
        if event.signature is not None:
            detail: Json = {"type": "reasoning.encrypted", "data": event.signature}
            if not event.redacted:
                text = self._thoughts.pop(event.choice)
                detail = {"type": "reasoning.text", "text": text, "signature": event.signature}
            detail["format"] = event.format or "unknown"
            delta["reasoning_details"] = [self._numbered(event.choice, "reasoning_details", detail)]
        return self._delta(event.choice, delta, content=bool(event.text))

    def _numbered(self, choice: int, name: str, item: Json) -> Json:
        """An item of a list with its place in it: OpenAI's SDK adds up no others."""
        place = self._listed.get((choice, name), 0)
        self._listed[choice, name] = place + 1
        return {**item, "index": place}

    def _without_arguments(self, choice: int, reason: str) -> Json:
        """What is left to say of calls that came without arguments: clients read them as JSON, which nothing is not."""
        if reason == "length":
            return {}
        bare = [index for (of, index), said in self._calls.items() if of == choice and not said]
        return {"tool_calls": [{"index": index, "function": {"arguments": "{}"}} for index in bare]} if bare else {}

    def _call(self, event: ToolCall) -> Json:
        function: Json = {"arguments": event.arguments}
        if event.name is not None:
            function = {"name": event.name, **function}
        call: Json = {"index": event.index, "function": function}
        place = (event.choice, event.index)
        known, said = place in self._calls, bool(event.arguments)
        self._calls[place] = self._calls.get(place, False) or said
        if known:
            return call
        own_id = event.id or call_id(self._head["id"], self._head["created"], *place)
        return {"index": event.index, "id": own_id, "type": "function", "function": function}

    def _delta(
        self, choice: int, delta: Json, *, content: bool = False, finish: str | None = None, logprobs: Any = None
    ) -> Frame:
        if choice not in self._begun:
            self._begun.add(choice)
            delta = {"role": "assistant", **delta}
        if finish is not None:
            self._finished.add(choice)
        said: Json = {"index": choice, "delta": delta, "finish_reason": finish}
        choices = [said if logprobs is None else {**said, "logprobs": logprobs}]
        last = finish is not None and len(self._finished) >= max(self._expected, len(self._begun))
        return Frame(event_of({**self._head, "choices": choices}), content=content, finish=finish, last=last)


def encode_completion(events: Iterable[Event], *, request: Request, provider: str, now: int) -> Completion:
    """The events of one answer as a completion: the fold of the very chunks that a stream would have had."""
    encoder = ChunkEncoder(request=replace(request, payload=with_usage(request.payload)), provider=provider, now=now)
    frames = [*(encoder.encode(event) for event in events), encoder.close()]
    body = fold(_chunks(frames))
    usage = next((frame.usage for frame in reversed(frames) if frame.usage is not None), None)
    finishes = [choice["finish_reason"] for choice in body["choices"]]
    filtered = bool(finishes) and all(finish == "content_filter" for finish in finishes)
    return Completion(orjson.dumps(body), usage=usage, finish=finishes[0] if finishes else None, filtered=filtered)


def _chunks(frames: Iterable[Frame]) -> Iterator[Json]:
    for frame in frames:
        yield from chunks_of(frame.wire)


def _annotation(event: Citation) -> Json:
    cited: Json = {"url": event.url, "title": event.title or ""}
    if event.start is not None and event.end is not None:
        cited |= {"start_index": event.start, "end_index": event.end}
    return {"type": "url_citation", "url_citation": cited}
