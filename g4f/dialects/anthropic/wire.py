"""Anthropic's Messages wire: the framing of its streams, its usage, its words for why an answer ended.

Source: https://docs.claude.com/en/api/messages and /en/docs/build-with-claude/streaming.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from g4f.exchange.answer import Usage

Json = dict[str, Any]

#: The version of the API that a body is written in (https://platform.claude.com/docs/en/api/versioning), and the one
#: that is spoken where no client names one: the last that lets a temperature be chosen.
VERSION_HEADER = "anthropic-version"
VERSION = "2023-06-01"

STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'

_REASONS: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_STOP_REASONS: Mapping[str, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def event_of(event: Mapping[str, Any]) -> bytes:
    """One event of a stream; its type is also the name of the event."""
    return f"event: {event['type']}\ndata: ".encode() + orjson.dumps(event) + b"\n\n"


def finish_of(stop_reason: str) -> str:
    """The hub's finish reason."""
    return _REASONS.get(stop_reason, "stop")


def stop_reason_of(finish: str) -> str:
    """The `stop_reason` for a finish reason of the hub."""
    return _STOP_REASONS.get(finish, "end_turn")


def usage_of(*counted: Any) -> Usage | None:
    """The usage that one or more objects count, each overruling the ones before it, as the events of a stream do.

    Anthropic counts the tokens read from and written to the cache beside `input_tokens`; the hub among them.
    """
    counts: Json = {}
    for usage in counted:
        if isinstance(usage, dict):
            counts |= {name: value for name, value in usage.items() if value is not None}
    if "input_tokens" not in counts and "output_tokens" not in counts:
        return None
    read, written = _count(counts, "cache_read_input_tokens"), _count(counts, "cache_creation_input_tokens")
    details = counts.get("output_tokens_details")
    return Usage(
        _count(counts, "input_tokens") + read + written,
        _count(counts, "output_tokens"),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=_count(details, "thinking_tokens") if isinstance(details, dict) else 0,
    )


def _count(counts: Mapping[str, Any], name: str) -> int:
    value = counts.get(name)
    return value if type(value) is int and value >= 0 else 0


def usage_object(usage: Usage | None) -> Json:
    """Usage as Anthropic writes it."""
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    counts: Json = {
        "input_tokens": max(usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.reasoning_tokens:
        counts["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return counts
