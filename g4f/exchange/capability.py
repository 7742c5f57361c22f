"""What a chat may need of a model beyond text, in the words of g4f.yaml.

A need is what the answer hangs on: a model that cannot see would answer about a picture it never got.
"""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Any


class Capability(StrEnum):
    """What a provider or a model can do. The values are the words of `capabilities` in g4f.yaml."""

    STREAM = "stream"
    TOOLS = "tools"
    VISION = "vision"
    AUDIO = "audio"
    FILES = "files"
    JSON = "json"
    REASONING = "reasoning"
    SEARCH = "search"
    IMAGES = "images"
    VIDEO = "video"


#: The capability that a part of a message needs, by its type in OpenAI's words (chat completions and responses).
_PARTS: Mapping[str, Capability] = {
    "image_url": Capability.VISION,
    "input_image": Capability.VISION,
    "image": Capability.VISION,
    "input_audio": Capability.AUDIO,
    "file": Capability.FILES,
    "input_file": Capability.FILES,
    "video_url": Capability.VIDEO,
}
#: Fields without which a chat that holds nothing but texts needs nothing.
NEEDING = frozenset({"tools", "functions", "modalities", "response_format", "reasoning_effort", "reasoning"})
_STRUCTURED = ("json_object", "json_schema")
#: Efforts that ask for no thoughts.
_NO_EFFORT = (None, "none", "minimal")
#: What an answer is the same without, if less of one: who cannot do it is asked where nobody who can is left.
PREFERRED = frozenset({Capability.REASONING.value})
#: What can be asked of a model, and so be looked up for it.
NEEDS = (
    Capability.TOOLS,
    Capability.VISION,
    Capability.AUDIO,
    Capability.FILES,
    Capability.VIDEO,
    Capability.JSON,
    Capability.REASONING,
)


def needs_of(payload: Mapping[str, Any]) -> frozenset[str]:
    """The capabilities that a target must have for a chat in OpenAI's vocabulary."""
    needs: set[str] = {_PARTS[kind] for kind in _part_types(payload["messages"]) & _PARTS.keys()}
    if payload.get("tools") or payload.get("functions"):
        needs.add(Capability.TOOLS)
    modalities = payload.get("modalities")
    if isinstance(modalities, list) and "audio" in modalities:
        needs.add(Capability.AUDIO)
    wanted = payload.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if isinstance(kind, str) and kind in _STRUCTURED:
        needs.add(Capability.JSON)
    if payload.get("reasoning_effort") not in _NO_EFFORT or _thinks(payload.get("reasoning")):
        needs.add(Capability.REASONING)
    return frozenset(needs)


def _thinks(reasoning: Any) -> bool:
    """Whether OpenRouter's object asks for thoughts."""
    if not isinstance(reasoning, dict) or reasoning.get("enabled") is False:
        return False
    return reasoning.get("effort") not in _NO_EFFORT or bool(reasoning.get("enabled") or reasoning.get("max_tokens"))


def _part_types(messages: list[dict[str, Any]]) -> Set[str]:
    kinds = set()
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            kinds |= {kind for part in content if isinstance(part, dict) and isinstance(kind := part.get("type"), str)}
    return kinds
