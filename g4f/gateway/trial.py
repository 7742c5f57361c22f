"""A new configuration on trial: a share of the requests is served by it, and it is compared with the one before.

Pure: what it did is counted elsewhere and judged here. A trial that does clearly worse ends at once; one that does not
ends well when its time is up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

#: How many more requests may fail than with the old configuration, as a share of all.
MORE_FAILURES = 0.05
#: Fewer failures than these are chance.
FAILURES_THAT_COUNT = 3
#: How much slower the first content may come: by a factor, and by seconds that nobody minds.
SLOWER = 2.0
SECONDS_SLOWER = 0.25
#: Fewer answers than these have no median that means anything.
ANSWERS_THAT_COUNT = 10
#: Times to the first content that are kept of each configuration, in the order in which they came.
MOST_TIMES = 2000


@dataclass(slots=True)
class Performance:
    """What one configuration did: requests, those that failed, and seconds to the first content of answers."""

    requests: int = 0
    failed: int = 0
    times: list[float] = field(default_factory=list)

    def add(self, *, failed: bool, to_first: float | None) -> None:
        """Count a request."""
        self.requests += 1
        self.failed += failed
        if to_first is not None and len(self.times) < MOST_TIMES:
            self.times.append(to_first)

    def join(self, other: "Performance") -> None:
        """Count what another process saw."""
        self.requests += other.requests
        self.failed += other.failed
        self.times = (self.times + other.times)[:MOST_TIMES]

    def told(self) -> list[Any]:
        """It as JSON has it, for `heard`."""
        return [self.requests, self.failed, self.times]

    @classmethod
    def heard(cls, told: list[Any]) -> "Performance":
        """What another process told."""
        requests, failed, times = told
        return cls(requests=requests, failed=failed, times=times)

    @property
    def failure_rate(self) -> float:
        return self.failed / self.requests if self.requests else 0.0


class Verdict(StrEnum):
    """What a trial came to so far."""

    GOING_ON = "going_on"
    APPLIED = "applied"
    ROLLED_BACK = "rolled_back"
    SUPERSEDED = "superseded"
    """Another configuration was asked for in the meantime."""


@dataclass(slots=True, kw_only=True)
class Trial:
    """A trial and how it goes. `share` is 0 to 1, `seconds` how long it is to take, `reason` why it was rolled back."""

    generation: int
    digest: str
    share: float
    seconds: float
    verdict: Verdict = Verdict.GOING_ON
    reason: str = ""
    before: Performance = field(default_factory=Performance)
    now: Performance = field(default_factory=Performance)


def objection(before: Performance, now: Performance) -> str | None:
    """Why the new configuration does clearly worse than the one before; None where it does not."""
    worse = now.failure_rate > before.failure_rate + MORE_FAILURES
    if worse and now.failed >= FAILURES_THAT_COUNT:
        return f"{_percent(now.failure_rate)} of its requests failed, {_percent(before.failure_rate)} before"
    if len(now.times) >= ANSWERS_THAT_COUNT and len(before.times) >= ANSWERS_THAT_COUNT:
        old, new = median(before.times), median(now.times)
        if new > old * SLOWER + SECONDS_SLOWER:
            return f"the first content took {new:.2f} s, {old:.2f} s before"
    return None


def together(parts: Sequence[tuple[Performance, Performance]]) -> tuple[Performance, Performance]:
    """What several processes saw, as one."""
    before, now = Performance(), Performance()
    for one_before, one_now in parts:
        before.join(one_before)
        now.join(one_now)
    return before, now


def _percent(rate: float) -> str:
    return f"{rate:.0%}"
