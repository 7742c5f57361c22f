"""What is asked and what is said in the grid, in words of no dialect."""

from dataclasses import dataclass
from typing import Any

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A PNG of one pixel, in base64."""

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
#: Name, description and parameters; Ollama's SDK sends no more of a schema than this.
TOOL = (
    "weather",
    "The weather of a city",
    {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was said before: a call of the tool by the assistant, and what it came to."""

    call_id: str
    city: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a client asks for."""

    prompt: str = "Hello!"
    system: str | None = None
    tools: bool = False
    picture: bool = False
    schema: bool = False
    effort: str | None = None
    before: tuple[Turn, ...] = ()
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer: as an upstream is to give it, and as a client heard it. `calls` are pairs of name and arguments,
    `usage` is (input, output) tokens, `finish` in OpenAI's words."""

    text: str = ""
    thoughts: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    finish: str = "stop"
    usage: tuple[int, int] = (11, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an upstream was asked, as far as its dialect has words for it."""

    model: str
    prompt: str
    system: str | None = None
    tools: tuple[tuple[str, str, Any], ...] = ()
    picture: str | None = None
    schema: Any = None
    thinks: bool = False
    results: tuple[tuple[str, str], ...] = ()
    """Pairs of what a tool was called with and what it gave, matched by the ids of the calls."""


class Refused(Exception):  # noqa: N818 - it is what the client met
    """The error that a client's SDK raised."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def words(text: str) -> list[str]:
    """A text in the pieces it is streamed in."""
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]
