"""A request of another dialect, cleaned for upstreams of OpenAI's: only words that they document, all of them strict.

What is left out is named. What would change the answer's meaning if it were left out is refused, so that the next
provider of the chain is tried.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects.hub import EXTRA_FIELDS, EXTRA_IN_MESSAGES, Json, parts_of, shown_apart, text_of, unsupported

_PARTS = frozenset({"text", "image_url", "input_audio", "file", "refusal"})
#: "Unsupported parameter: 'max_tokens' is not supported with this model" (platform.openai.com/docs/guides/reasoning).
_NO_MAX_TOKENS = re.compile(r"(?:^|/)(?:o\d|gpt-5)", re.ASCII)
#: Models documented to take `reasoning_effort`; others answer 400 to it, and agents send it with every request.
_REASONS = re.compile(r"(?:^|/)(?:o\d|gpt-5|gpt-oss|gemini-(?:2\.5|[3-9])|grok-3-mini|claude)", re.ASCII)
#: Characters of `user`: "string too long. Expected a string with maximum length 64".
_LONGEST_USER = 64


def cleaned(payload: Mapping[str, Any], *, model: str) -> tuple[Json, tuple[str, ...]]:
    """The payload as an upstream of OpenAI's dialect takes it, and the names of what was lost. Raises AttemptFailed."""
    clean = {key: value for key, value in payload.items() if key not in EXTRA_FIELDS}
    dropped = [key for key in payload if key in EXTRA_FIELDS]
    clean["messages"] = list(_messages(payload["messages"], dropped))
    for tool in payload.get("tools") or ():
        kind = tool.get("type", "function") if isinstance(tool, dict) else tool
        if not isinstance(kind, str) or kind not in ("function", "custom"):
            raise unsupported(f"{model} cannot be given the tool {kind!s:.64}")
    if "max_tokens" in clean and _NO_MAX_TOKENS.search(model):
        clean["max_completion_tokens"] = clean.pop("max_tokens")
    if "reasoning_effort" in clean and not _REASONS.search(model):
        del clean["reasoning_effort"]
        dropped.append("reasoning_effort")
    if len(str(clean.get("user") or "")) > _LONGEST_USER:
        del clean["user"]
        dropped.append("user")
    return clean, tuple(dict.fromkeys(dropped))


def _messages(messages: list[Json], dropped: list[str]) -> Iterator[Json]:
    """The messages. Pictures that tools gave follow their results as the user's: a tool's message holds text only."""
    for message in shown_apart(messages):
        lost = EXTRA_IN_MESSAGES & message.keys()
        dropped += [f"messages.{name}" for name in sorted(lost)]
        clean = {key: value for key, value in message.items() if key not in lost}
        parts = parts_of(message.get("content"))
        others = [part for part in parts if part.get("type") != "text"]
        for part in others:
            if part.get("type") not in _PARTS:
                raise unsupported(f"OpenAI's dialect has no words for a part of type {part.get('type')!s:.64}")
        if parts and not others:
            clean["content"] = text_of(parts, "\n\n")  # not every upstream takes texts in parts
        yield clean
