"""What answers a request: one completion, or a stream of frames, already in the caller's dialect."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one exchange, as the upstream counted them."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of a streamed answer, ready to be written to the caller.

    `wire` is one or more whole events of the caller's dialect, framing included. `content` says that it
    carries something the user sees (text, reasoning, a tool call, a refusal): the first such frame is the
    commit point. `finish` is the finish reason if this frame carries one. `last` says that every choice has its
    finish reason by now: whatever follows is bookkeeping, and the answer is whole without it.
    """

    wire: bytes
    content: bool = False
    finish: str | None = None
    usage: Usage | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer: the JSON body in the caller's dialect. `filtered`: every choice ended with `content_filter`."""

    wire: bytes
    usage: Usage | None = None
    finish: str | None = None
    filtered: bool = False
