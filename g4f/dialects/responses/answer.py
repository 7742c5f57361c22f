"""Whole answers of the Responses API: checked, and read as events.

A response that failed, or that says nothing, is a failure and not an answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.hub import SIGNED_BY_OPENAI
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.wire import bad_response, empty_completion, is_count, loads
from g4f.exchange.answer import Completion, Usage
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
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

Json = dict[str, Any]

_CALLS = frozenset({"function_call", "custom_tool_call"})


def decode_response(body: bytes, origin: Origin) -> Completion:
    """A whole answer for a caller of the same dialect: its own bytes, with the provider's name in front."""
    value, wire = _read(body, origin)
    check(value, origin)
    if "provider" in value or not wire.startswith(b"{"):
        wire = orjson.dumps({**value, "provider": origin.provider})
    else:
        wire = b'{"provider":' + orjson.dumps(origin.provider) + b"," + wire[1:]
    finish = finish_of(value)
    filtered = finish == "content_filter" and not value["output"]
    return Completion(wire, usage=usage_of(value), finish=finish, filtered=filtered)


def events_of_response(body: bytes, origin: Origin) -> list[Event]:
    """A whole answer for a caller of another dialect."""
    value, _ = _read(body, origin)
    check(value, origin)
    events: list[Event] = [Start(value.get("id"), value.get("model"))]
    calls = 0
    for item in value["output"]:
        if item.get("type") in _CALLS:
            events.append(call_of(item, calls))
            calls += 1
        else:
            events += events_of_item(item)
    events.append(Finish(finish_of(value)))
    usage = usage_of(value)
    if usage is not None:
        events.append(Tokens(usage))
    return events


def check(value: Mapping[str, Any], origin: Origin) -> None:
    """Raise AttemptFailed for a response that is no answer."""
    status, error = value.get("status"), value.get("error")
    if error or status in ("failed", "cancelled"):
        raise AttemptFailed(failure_of_error(error or {"message": f"the response {status}"}, secrets=origin.secrets))
    output = value.get("output")
    if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
        raise bad_response(f"{origin.provider} answered without output")
    if status in ("in_progress", "queued"):
        raise bad_response(f"{origin.provider} answered with a response that is not complete")
    if status != "incomplete" and not any(_says_something(item) for item in output):
        raise empty_completion(origin.provider)


def finish_of(value: Mapping[str, Any]) -> str:
    """Why a response ended, in the words of `exchange.events.Finish`."""
    if value.get("status") == "incomplete":
        details = value.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return "content_filter" if reason == "content_filter" else "length"
    return "tool_calls" if any(item.get("type") in _CALLS for item in value.get("output") or ()) else "stop"


def usage_of(value: Mapping[str, Any]) -> Usage | None:
    """The usage of a response."""
    usage = value.get("usage")
    if (
        not isinstance(usage, dict)
        or not is_count(usage.get("input_tokens"))
        or not is_count(usage.get("output_tokens"))
    ):
        return None
    return Usage(
        usage["input_tokens"],
        usage["output_tokens"],
        cached_tokens=_detail(usage, "input_tokens_details", "cached_tokens"),
        cache_write_tokens=_detail(usage, "input_tokens_details", "cache_write_tokens"),
        reasoning_tokens=_detail(usage, "output_tokens_details", "reasoning_tokens"),
    )


def _detail(usage: Mapping[str, Any], part: str, name: str) -> int:
    details = usage.get(part)
    count = details.get(name) if isinstance(details, dict) else None
    return count if is_count(count) else 0


def _says_something(item: Json) -> bool:
    if item.get("type") != "message":
        return item.get("type") != "reasoning"
    return any(
        isinstance(part, dict) and (part.get("text") or part.get("refusal")) for part in item.get("content") or ()
    )


def call_of(item: Mapping[str, Any], number: int) -> ToolCall:
    """A whole tool call."""
    said = item.get("arguments") if item.get("type") == "function_call" else item.get("input")
    return ToolCall(number, said or "", id=item.get("call_id"), name=item.get("name"))


def events_of_item(item: Mapping[str, Any]) -> Iterator[Event]:
    """What a whole item says, but for tool calls; an item that other dialects have no words for says nothing."""
    match item.get("type"):
        case "reasoning":
            yield from _thoughts(item)
        case "message":
            for part in item.get("content") or ():
                if isinstance(part, dict):
                    yield from _events_of_part(part)
        case "image_generation_call" if isinstance(item.get("result"), str):
            yield Image("data:image/png;base64," + item["result"])


def _thoughts(item: Mapping[str, Any]) -> Iterator[Event]:
    pieces = item.get("summary") or item.get("content") or ()
    for piece in pieces:
        if isinstance(piece, dict) and isinstance(piece.get("text"), str):
            yield Reasoning(piece["text"])
    yield from proof_of(item, said=bool(pieces))


def proof_of(item: Mapping[str, Any], *, said: bool) -> Iterator[Event]:
    """The proof that the thoughts are the provider's own, if it gave one."""
    if isinstance(item.get("encrypted_content"), str):
        yield Reasoning("", signature=item["encrypted_content"], redacted=not said, format=SIGNED_BY_OPENAI)


def _events_of_part(part: Json) -> Iterator[Event]:
    if isinstance(part.get("refusal"), str):
        yield Refusal(part["refusal"])
    if isinstance(part.get("text"), str):
        yield Text(part["text"])
    for annotation in part.get("annotations") or ():
        yield from citation_of(annotation)
    if part.get("logprobs"):
        yield LogProbs(tuple(token for token in part["logprobs"] if isinstance(token, dict)))


def citation_of(annotation: Any) -> Iterator[Event]:
    """A source, where it is one on the web."""
    if isinstance(annotation, dict) and annotation.get("type") == "url_citation":
        place = annotation.get("start_index"), annotation.get("end_index")
        yield Citation(annotation.get("url"), annotation.get("title"), *place)


def _read(body: bytes, origin: Origin) -> tuple[Json, bytes]:
    if body.lstrip().startswith(b"<"):
        message = f"{origin.provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    try:
        value, wire = loads(body.strip())
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{origin.provider} answered with something that is not a JSON object")
    return value, wire
