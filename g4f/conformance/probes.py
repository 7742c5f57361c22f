"""The few small questions of a live test, in OpenAI's words: what each is to show, and how that is seen."""

import base64
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from g4f.conformance.card import Ability
from g4f.conformance.heard import Heard

#: Tokens that an answer may have; one that thinks first needs more than its few words.
MOST_OUT: Final = 512
#: Tokens that a question comes to, tools and picture included, by a generous estimate.
ABOUT_IN: Final = 200
_CITY: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_WEATHER: Final = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather", "parameters": _CITY},
}


def _picture() -> str:
    """A red square of 64 by 64 pixels as a `data:` URL (PNG, ISO/IEC 15948)."""
    size = 64
    rows = (b"\0" + b"\xff\0\0" * size) * size

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _ask(text: str, **more: Any) -> Mapping[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "max_tokens": MOST_OUT, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """`shows` says whether an answer has what was asked for. `payload` is made when it is needed."""

    ability: Ability
    payload: Callable[[], Mapping[str, Any]]
    shows: Callable[[Heard], bool]
    stream: bool = False


PROBES: Sequence[Probe] = (
    Probe(ability=Ability.TEXT, payload=lambda: _ask("Say hello."), shows=lambda heard: bool(heard.text)),
    Probe(
        ability=Ability.STREAM,
        payload=lambda: _ask("Count from one to five in words."),
        shows=lambda heard: bool(heard.text and heard.finish),
        stream=True,
    ),
    Probe(
        ability=Ability.TOOLS,
        payload=lambda: _ask("How is the weather in Oslo? Use the tool.", tools=[_WEATHER]),
        shows=lambda heard: bool(heard.calls),
    ),
    Probe(
        ability=Ability.PARALLEL_TOOLS,
        payload=lambda: _ask("How is the weather in Oslo and in Rome? Call the tool twice at once.", tools=[_WEATHER]),
        shows=lambda heard: len(heard.calls) > 1,
        stream=True,
    ),
    Probe(
        ability=Ability.VISION,
        payload=lambda: {
            **_ask(""),
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Which colour is this? One word."},
                        {"type": "image_url", "image_url": {"url": _picture()}},
                    ],
                }
            ],
        },
        shows=lambda heard: "red" in heard.text.lower(),
    ),
    Probe(
        ability=Ability.JSON,
        payload=lambda: _ask(
            "Which city is the capital of Norway?",
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "place", "strict": True, "schema": {**_CITY, "additionalProperties": False}},
            },
        ),
        shows=lambda heard: heard.text.strip().startswith("{") and '"city"' in heard.text,
    ),
    Probe(
        ability=Ability.REASONING,
        payload=lambda: _ask("What is 17 times 23?", reasoning_effort="low"),
        shows=lambda heard: bool(heard.thoughts or (heard.usage and heard.usage.reasoning_tokens)),
        stream=True,
    ),
)
