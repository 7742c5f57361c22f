"""Answers of OpenAI's dialect as events, for callers of another one.

The stream is read by the relay, which has made every chunk regular, so that there is one place that knows what
upstreams get wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.hub import signed_thoughts
from g4f.dialects.openai.relay import Relay
from g4f.dialects.openai.wire import Json, chunks_of, with_usage
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


class ChunkDecoder:
    """Turns the bytes of one stream into events. Raises as `Relay` does."""

    def __init__(self, origin: Origin) -> None:
        # The usage is wanted here even if the client's dialect has no words to ask for it.
        wanting = replace(origin.request, payload=with_usage(origin.request.payload))
        self._relay = Relay(request=wanting, provider=origin.provider, now=origin.now, secrets=origin.secrets)
        self._begun = False

    @property
    def finished(self) -> bool:
        return self._relay.finished

    def feed(self, chunk: bytes) -> Sequence[Event]:
        return self._events(self._relay.feed(chunk))

    def check(self) -> None:
        self._relay.check()

    def close(self) -> Sequence[Event]:
        return self._events(self._relay.close())

    def _events(self, frames: list[Frame]) -> list[Event]:
        events: list[Event] = []
        for frame in frames:
            for chunk in chunks_of(frame.wire):
                if not self._begun:
                    self._begun = True
                    events.append(Start(chunk["id"], chunk["model"]))
                for choice in chunk["choices"]:
                    events += _events_of_choice(choice, choice["delta"])
            if frame.usage is not None:
                events.append(Tokens(frame.usage))
        return events


def events_of_completion(whole: Completion) -> list[Event]:
    """The events of a regular completion."""
    value = orjson.loads(whole.wire)
    events: list[Event] = [Start(value["id"], value["model"])]
    for choice in value["choices"]:
        events += _events_of_choice(choice, choice["message"])
    if whole.usage is not None:
        events.append(Tokens(whole.usage))
    return events


def _events_of_choice(choice: Json, said: Json) -> Iterator[Event]:
    """What one choice of a chunk (`said` is its delta) or of a completion (its message) holds."""
    index = choice["index"]
    yield from _thoughts(said, index)
    if isinstance(said.get("content"), str) and said["content"]:
        yield Text(said["content"], index)
    if isinstance(said.get("refusal"), str) and said["refusal"]:
        yield Refusal(said["refusal"], index)
    yield from _citations(said, index)
    yield from _images(said, index)
    for position, call in enumerate(said.get("tool_calls") or ()):
        function = call.get("function") or {}
        name, arguments = function.get("name"), function.get("arguments") or ""
        yield ToolCall(call.get("index", position), arguments, call.get("id"), name, index)
    logprobs = choice.get("logprobs")
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    if isinstance(tokens, list) and tokens:
        yield LogProbs(tuple(token for token in tokens if isinstance(token, dict)), index)
    if choice["finish_reason"] is not None:
        yield Finish(choice["finish_reason"], index)


def _thoughts(said: Json, index: int) -> Iterator[Event]:
    """The thoughts, in OpenRouter's words: `reasoning_details` repeat the text, and have the signatures."""
    text = said.get("reasoning_content") or said.get("reasoning")
    text = text if isinstance(text, str) else ""
    details = signed_thoughts(said)
    apart = "".join(detail["text"] for detail in details if isinstance(detail.get("text"), str)) == text
    if text and not apart:
        yield Reasoning(text, index)
    for detail in details:
        format_ = detail.get("format") if isinstance(detail.get("format"), str) else None
        signature, data = detail.get("signature"), detail.get("data")
        piece = detail.get("text") if apart else ""
        if detail.get("type") == "reasoning.encrypted" and isinstance(data, str):
            yield Reasoning("", index, signature=data, redacted=True, format=format_)
        elif isinstance(signature, str) and signature:
            yield Reasoning(piece or "", index, signature=signature, format=format_)
        elif isinstance(piece, str) and piece:
            yield Reasoning(piece, index)


def _citations(said: Json, index: int) -> Iterator[Event]:
    annotations = said.get("annotations")
    for annotation in annotations if isinstance(annotations, list) else ():
        cited = annotation.get("url_citation") if isinstance(annotation, dict) else None
        if isinstance(cited, dict):
            yield Citation(
                cited.get("url"), cited.get("title"), cited.get("start_index"), cited.get("end_index"), choice=index
            )


def _images(said: Json, index: int) -> Iterator[Event]:
    images = said.get("images")
    for image in images if isinstance(images, list) else ():
        url = image.get("image_url") if isinstance(image, dict) else None
        url = url.get("url") if isinstance(url, dict) else url
        if isinstance(url, str):
            yield Image(url, index)


def usage_object(usage: Usage) -> Json:
    """Usage as OpenAI writes it; the details only where there are any."""
    counts: Json = {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
    cache = {"cached_tokens": usage.cached_tokens, "cache_write_tokens": usage.cache_write_tokens}
    if any(cache.values()):
        counts["prompt_tokens_details"] = {name: count for name, count in cache.items() if count}
    if usage.reasoning_tokens:
        counts["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return counts
