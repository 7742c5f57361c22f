"""What an answer consists of, independent of any wire format.

Few, frozen, and not to be subclassed: a dialect decodes its wire into these and encodes these into its wire.
`choice` is the index of the answer alternative (`n` > 1).
"""

from dataclasses import dataclass

from g4f.exchange.answer import Usage


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Reasoning:
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
class Finish:
    """The end of one choice: `stop`, `length`, `tool_calls` or `content_filter`."""

    reason: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """The usage of the whole exchange; comes once, last."""

    usage: Usage


Event = Text | Reasoning | ToolCall | Finish | Tokens
