"""An event loop that does not wait: where nothing is going on, its clock skips to the next timer.

A drill of time limits of minutes then takes moments, and its seconds are still those of the configuration. Only for
a process all of whose peers live in the same loop: what others do in the meantime, the clock would not wait for.
"""

import asyncio
import selectors
from typing import Final

#: Real seconds that a connection over loopback gets before the loop takes it that nothing is going on.
GRACE: Final = 0.02


class SkippingLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose `time()` runs ahead of the clock by all the waiting that it left out."""

    def __init__(self) -> None:
        self._selecting = _Skipping()
        super().__init__(self._selecting)

    def time(self) -> float:
        return super().time() + self._selecting.skipped


class _Skipping(selectors.DefaultSelector):
    """A selector that does not wait out a time limit. `skipped`: seconds left out so far."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= GRACE:
            return super().select(timeout)
        ready = super().select(GRACE)
        if not ready:
            self.skipped += timeout - GRACE
        return ready
