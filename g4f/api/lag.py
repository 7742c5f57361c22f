"""How late the event loop is: the measure of whether this process can still keep up.

A timer that should fire every `PERIOD` fires late when a step of the loop took long. One long step (a large file
reloaded, a process that was stopped and goes on) is no overload: the lag is the smaller of the last two delays.
"""

import asyncio
import time
from collections.abc import Callable

#: Seconds between two measurements. Ten a second cost nothing that shows.
PERIOD = 0.1


class LagMeter:
    """Measures the lag of the running loop while it is started. `seconds` is the current value."""

    __slots__ = ("_before", "_clock", "_due", "_timer", "seconds")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # The loop's own clock stands still within a step, and uvloop's counts whole milliseconds.
        self._clock = clock
        self._before = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.seconds = 0.0

    def start(self) -> None:
        """Measure from now on, in the running loop."""
        self.seconds = self._before = 0.0
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def measured(self, delay: float) -> None:
        """Take note of one delay in seconds."""
        self.seconds = min(self._before, delay)
        self._before = delay

    def _arm(self) -> None:
        self._due = self._clock() + PERIOD
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._tick)

    def _tick(self) -> None:
        self.measured(max(self._clock() - self._due, 0.0))
        self._arm()
