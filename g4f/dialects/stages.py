"""What is changed about an answer's events on their way from the upstream to the caller.

Only answers that something is changed about pass here; all others are relayed. A stage sees events one by one, and
holds back no more than what it cannot decide yet.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from g4f.exchange.events import Event


class Stage(Protocol):
    """One change of one answer."""

    def take(self, event: Event) -> Iterable[Event]:
        """What becomes of an event. Before a `Finish` comes all that is held back of its choice."""

    def close(self) -> Iterable[Event]:
        """What is still held back when the answer has ended."""


def through(stages: Sequence[Stage], events: Iterable[Event], *, last: bool) -> list[Event]:
    """The events after all stages, one after the other; `last` says that none will follow."""
    found = list(events)
    for stage in stages:
        found = [changed for event in found for changed in stage.take(event)]
        if last:
            found += stage.close()
    return found


def held_back(text: str, mark: str) -> int:
    """How many characters at the end of a text may be the beginning of `mark`."""
    for length in range(min(len(text), len(mark) - 1), 0, -1):
        if mark.startswith(text[-length:]):
            return length
    return 0
