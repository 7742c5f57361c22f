"""What answers a request: one completion, or a stream of frames, already in the caller's dialect."""

from collections.abc import Sequence
from dataclasses import dataclass

# What follows is made for each request, or for each piece of an answer. Nobody changes one, but freezing them would
# triple what making them costs.


@dataclass(slots=True)
class Usage:
    """Tokens of one exchange, as the upstream counted them.

    `cached_tokens` (read from a prompt cache) and `cache_write_tokens` are part of `input_tokens`, `reasoning_tokens`
    of `output_tokens`; 0 where the upstream did not say.
    """

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(slots=True)
class Frame:
    """A piece of a streamed answer, ready to be written to the caller.

    `wire` is one or more whole events of the caller's dialect, framing included. `content` says that it
    carries something the user sees (text, reasoning, a tool call, a refusal): the first such frame is the
    commit point. `finish` is the finish reason if this frame carries one. `last` says that every choice has its
    finish reason by now: whatever follows is bookkeeping, and the answer is whole without it. `ending` is what the
    caller's dialect still needs in that case, if nothing follows after all.
    """

    wire: bytes
    content: bool = False
    finish: str | None = None
    usage: Usage | None = None
    last: bool = False
    ending: bytes = b""


def joined(frames: Sequence[Frame]) -> Frame:
    """Frames that came at once as one, so that they are written at once."""
    if len(frames) == 1:
        return frames[0]
    return Frame(
        b"".join([frame.wire for frame in frames]),
        content=any(frame.content for frame in frames),
        finish=next((frame.finish for frame in reversed(frames) if frame.finish), None),
        usage=next((frame.usage for frame in reversed(frames) if frame.usage), None),
        last=any(frame.last for frame in frames),
        ending=frames[-1].ending,
    )


@dataclass(slots=True)
class Completion:
    """A whole answer: the body in the caller's dialect. `filtered`: every choice ended with `content_filter`."""

    wire: bytes
    usage: Usage | None = None
    finish: str | None = None
    filtered: bool = False
    media_type: str = "application/json"
