"""Ollama's native wire (https://docs.ollama.com/api): one JSON object to a line, times in nanoseconds.

`/api/chat` and `/api/generate` differ only in where the words are: in `message`, or in `response`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from g4f.exchange.answer import Usage

Json = dict[str, Any]

CHAT, GENERATE = "chat", "generate"

#: Options that the hub has words for.
OPTIONS: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "stop": "stop",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "num_predict": "max_tokens",
}


def line_of(piece: Mapping[str, Any]) -> bytes:
    """One line of a stream."""
    return orjson.dumps(piece) + b"\n"


def timestamp(now: float) -> str:
    """A Unix time as Ollama writes it (RFC 3339)."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def usage_of(piece: Mapping[str, Any]) -> Usage | None:
    """The usage in a last line. Ollama leaves `prompt_eval_count` out where the whole prompt was cached."""
    asked, said = piece.get("prompt_eval_count"), piece.get("eval_count")
    if type(asked) is not int and type(said) is not int:
        return None
    return Usage(asked if type(asked) is int else 0, said if type(said) is int else 0)


def is_generate(native: Mapping[str, Any] | None) -> bool:
    """Whether a request is one to `/api/generate`; without one it is a chat."""
    return native is not None and "messages" not in native
