"""How many extra upstream calls a gateway may make, measured against the requests it gets.

The bound is a rate and not, as in Envoy, a share of what is in flight: only a rate bounds the calls that an upstream
which fails at once gets in total. Memory is fixed, the clock monotonic and injected. A fallback needs no budget: it
goes to a target that was not tried yet, and what is known to be down is left out by its cooldown.
"""

from collections.abc import Callable
from dataclasses import dataclass

#: Envoy's `retry_budget`: retries may be 20 % of the requests, and always 3.
RETRY_SHARE, RETRIES_AT_LEAST = 0.2, 3
#: Seconds over which requests and extra calls are compared.
WINDOW = 10


@dataclass(slots=True)
class _Second:
    number: int = -1
    requests: int = 0
    spent: int = 0


class Budget:
    """Extra calls of the last ten seconds against the requests of the same time. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float], *, at_least: int) -> None:
        self._clock = clock
        self._at_least = at_least
        self._seconds = [_Second() for _ in range(WINDOW)]
        self._current = self._seconds[0]

    def requested(self) -> None:
        """A request came in."""
        current = self._current
        if current.number != int(self._clock()):
            current = self._now()
        current.requests += 1

    def take(self, share: float) -> bool:
        """Take leave for one extra call: True if there are fewer than `share` (0 to 1) of the requests, or the least
        number that is always allowed."""
        current = self._now()
        recent = [second for second in self._seconds if second.number > current.number - WINDOW]
        allowed = max(self._at_least, share * sum(second.requests for second in recent))
        if sum(second.spent for second in recent) + 1 > allowed:
            return False
        current.spent += 1
        return True

    def _now(self) -> _Second:
        number = int(self._clock())
        if number != self._current.number:
            self._current = second = self._seconds[number % WINDOW]
            if second.number != number:
                second.number, second.requests, second.spent = number, 0, 0
        return self._current
