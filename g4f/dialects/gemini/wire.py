"""Gemini's wire: the words that both faces need (https://ai.google.dev/api/generate-content)."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import orjson

from g4f.dialects.openai.wire import is_count
from g4f.exchange.answer import Usage

Json = dict[str, Any]

GENERATE, STREAM, COUNT = "generateContent", "streamGenerateContent", "countTokens"
EMBED, BATCH_EMBED = "embedContent", "batchEmbedContents"
#: Who signed a thought, in OpenRouter's words.
SIGNED_BY_GEMINI = "google-gemini-v1"

FINISHES: Mapping[str, str] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
}
REASONS: Mapping[str, str] = {"length": "MAX_TOKENS", "content_filter": "SAFETY"}


def event_of(piece: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return b"data: " + orjson.dumps(piece) + b"\r\n\r\n"


def path_of(model: str, call: str) -> str:
    """Where a model is asked, from `base_url`: streams as server-sent events."""
    name = quote(model.removeprefix("models/"), safe="")
    return f"/v1beta/models/{name}:{call}" + ("?alt=sse" if call == STREAM else "")


def word(holder: Mapping[str, Any], name: str) -> Any:
    """A field by its name in camel case; protobuf's JSON allows the snake case as well."""
    value = holder.get(name)
    return holder.get(_snake(name)) if value is None else value


@cache
def _snake(name: str) -> str:
    """Asked for with names of the API only, never with a client's."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def objects(value: Any) -> list[Json]:
    """The objects in a list; a single one may stand for a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def usage_of(piece: Mapping[str, Any]) -> Usage | None:
    """The usage in an answer or a piece of one. Thoughts are part of the output, cached tokens of the input."""
    counts = piece.get("usageMetadata")
    if not isinstance(counts, dict) or not is_count(counts.get("promptTokenCount")):
        return None

    def count(name: str) -> int:
        return counts[name] if is_count(counts.get(name)) else 0

    thoughts = count("thoughtsTokenCount")
    return Usage(
        count("promptTokenCount") + count("toolUsePromptTokenCount"),
        count("candidatesTokenCount") + thoughts,
        cached_tokens=count("cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )


def usage_object(usage: Usage) -> Json:
    """Usage as Gemini writes it."""
    counts: Json = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": max(usage.output_tokens - usage.reasoning_tokens, 0),
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }
    if usage.reasoning_tokens:
        counts["thoughtsTokenCount"] = usage.reasoning_tokens
    if usage.cached_tokens:
        counts["cachedContentTokenCount"] = usage.cached_tokens
    return counts
