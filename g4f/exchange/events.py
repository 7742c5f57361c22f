"""What an answer consists of, independent of any wire format.

Few, frozen, and not to be subclassed: a dialect decodes its wire into these and encodes these into its wire. What a
dialect has no words for it leaves out, and says so (`Outgoing.dropped`). `choice` is the index of the answer
alternative (`n` > 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from g4f.exchange.answer import Usage


@dataclass(frozen=True, slots=True)
class Start:
    """The upstream's own id of the answer and name of the model, where it gave them; comes first, or not at all."""

    id: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's thoughts. `signature` proves to the provider that gave it, on a later turn, that they are
    its own; it ends a thought, and comes whole, alone where the thoughts are `redacted`. `format` says who made it, in
    OpenRouter's vocabulary (`anthropic-claude-v1`): nobody else takes it.
    """

    text: str
    choice: int = 0
    signature: str | None = None
    redacted: bool = False
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A piece of the model's words where it declines to answer."""

    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A piece of a tool call: `id` and `name` come with the first piece, `arguments` is appended piece by
    piece.
    """

    index: int
    arguments: str = ""
    id: str | None = None
    name: str | None = None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of what was said: the characters `start` to `end` of the text so far, where the provider says so."""

    url: str | None
    title: str | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """A picture within an answer: a URL, `data:` included."""

    url: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log probabilities of the tokens of the text before it, each in the form of OpenAI's `logprobs.content`."""

    tokens: tuple[Mapping[str, Any], ...]
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of one choice: `stop`, `length`, `tool_calls` or `content_filter`. `stop_sequence` is the one that
    ended it, where the upstream says."""

    reason: str
    choice: int = 0
    stop_sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The usage of the whole exchange; where it comes more than once, the last one stands."""

    usage: Usage


Event = Start | Text | Reasoning | Refusal | ToolCall | Citation | Image | LogProbs | Finish | Tokens
