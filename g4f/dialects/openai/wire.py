"""OpenAI's chat wire: JSON and the framing of streams, and what can be read off a piece of an answer.

Reading is lenient about bytes (bad UTF-8, lone surrogates) and strict about JSON. What is written is always
valid: one JSON object, one line, LF.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

import orjson

from g4f.dialects.crowded import has_more
from g4f.exchange.answer import Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Json = dict[str, Any]
#: Bytes of a text that is read again, and again, in search of what may be mended.
MOST_MENDED = 1 << 20
#: Lists and objects in an answer's JSON, for each of its MiB: with log probabilities of twenty tokens for each of its
#: own an answer has two thirds of that, and without a bound 32 MiB of nothing else would take gigabytes.
MOST_OBJECTS = 50_000

CHUNK = "chat.completion.chunk"
COMPLETION = "chat.completion"
DONE = b"data: [DONE]\n\n"


def event_of(chunk: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def encode_stream_error(error: Mapping[str, Any]) -> bytes:
    """The event that ends a broken stream: the error object alone, the only form that every client raises
    on.
    """
    return event_of({"error": dict(error)})


def chunks_of(wire: bytes) -> list[Json]:
    """The chunks in the wire of frames made by this package, whether their events are named or not; `[DONE]` and
    comments are none."""
    events = (event[event.find(b"\n") + 1 :] if event[:7] == b"event: " else event for event in wire.split(b"\n\n"))
    return [orjson.loads(event[6:]) for event in events if event.startswith(b"data: {")]


def loads(data: bytes) -> tuple[Any, bytes]:
    """The JSON value, and the bytes it was read from: `data` itself unless its text had to be mended.

    Invalid UTF-8 and lone surrogates become U+FFFD, but in very long texts. Raises ValueError for what is not JSON even
    then, and for what would fill the memory with lists and objects.
    """
    if len(data) > MOST_OBJECTS and has_more(data, MOST_OBJECTS * max(len(data) >> 20, 2)):
        raise ValueError("too many lists and objects")
    try:
        return orjson.loads(data), data
    except orjson.JSONDecodeError:
        if len(data) > MOST_MENDED:
            raise
        text = data.decode("utf-8", "replace")
        if "\\ud" in text.lower():
            text = _without_surrogates(text)
        mended = text.encode()
        if mended == data:
            raise
        return orjson.loads(mended), mended


def _without_surrogates(text: str) -> str:
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def usage_of(holder: Mapping[str, Any]) -> Usage | None:
    """The usage of a chunk or a completion; Groq puts that of a stream into `x_groq`."""
    usage = holder.get("usage")
    if usage is None:
        extra = holder.get("x_groq")
        usage = extra.get("usage") if isinstance(extra, dict) else None
    if not is_usage(usage):
        return None
    if "prompt_tokens_details" not in usage and "completion_tokens_details" not in usage:
        return Usage(usage["prompt_tokens"], usage["completion_tokens"])
    return Usage(
        usage["prompt_tokens"],
        usage["completion_tokens"],
        cached_tokens=_detail(usage, "prompt_tokens_details", "cached_tokens"),
        cache_write_tokens=_detail(usage, "prompt_tokens_details", "cache_write_tokens"),
        reasoning_tokens=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
    )


def _detail(usage: Mapping[str, Any], part: str, name: str) -> int:
    details = usage.get(part)
    count = details.get(name) if isinstance(details, dict) else None
    return count if is_count(count) else 0


def is_usage(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it counts tokens: `prompt_tokens` and `completion_tokens`, and a total if any, not negative."""
    if not isinstance(value, dict):
        return False
    into, out, total = value.get("prompt_tokens"), value.get("completion_tokens"), value.get("total_tokens", 0)
    if type(into) is not int or type(out) is not int or type(total) is not int:
        return False
    return into >= 0 and out >= 0 and total >= 0


def is_count(value: Any) -> TypeGuard[int]:
    """Whether it is an integer that is not negative (`True` is none)."""
    return type(value) is int and value >= 0


def says_something(delta: Mapping[str, Any]) -> bool:
    """Whether a delta or a message holds anything the user sees: text, reasoning, a call, a refusal, audio,
    images.
    """
    get = delta.get  # once per token of every stream: written out, for speed
    return bool(
        get("content")
        or get("reasoning_content")
        or get("reasoning")
        or get("tool_calls")
        or get("refusal")
        or get("audio")
        or get("function_call")
        or get("images")
    )


def asks_for_usage(payload: Mapping[str, Any]) -> bool:
    """Whether the client wants the usage chunk (`stream_options.include_usage`)."""
    options = payload.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def with_usage(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload, asking for the usage of a stream."""
    return {**payload, "stream_options": {**(payload.get("stream_options") or {}), "include_usage": True}}


def bad_response(message: str) -> AttemptFailed:
    return AttemptFailed(Failure(kind=FailureKind.BAD_RESPONSE, message=message))


def empty_completion(provider: str) -> AttemptFailed:
    message = f"{provider} answered with an empty completion"
    return AttemptFailed(Failure(kind=FailureKind.EMPTY, message=message))
