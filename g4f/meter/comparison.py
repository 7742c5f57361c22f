"""How two configurations do side by side: a reader of the journal that counts by generation while a trial runs."""

from collections.abc import Callable

from g4f.gateway.trial import Performance
from g4f.meter.batch import Batch
from g4f.meter.entry import CLIENT_LEFT


class Comparison:
    """`drain` brings every request that ended before into the count."""

    def __init__(self, drain: Callable[[], None]) -> None:
        self._drain = drain
        self._watched: dict[int, Performance] = {}

    def __call__(self, batch: Batch) -> None:
        if not self._watched:
            return
        for entry in batch:
            watched = self._watched.get(entry.journey.generation)
            if watched is not None and entry.status != CLIENT_LEFT:
                failed = (entry.status or 0) >= 500 or (entry.answered_by is not None and not entry.whole)
                watched.add(failed=failed, to_first=entry.to_first if entry.whole else None)

    def watch(self, before: int, now: int) -> None:
        """Count these two generations from now on."""
        self._drain()
        self._watched = {before: Performance(), now: Performance()}

    def performances(self) -> tuple[Performance, Performance]:
        """What the two did, every request included that ended before this call."""
        self._drain()
        before, now = self._watched.values() or (Performance(), Performance())
        return before, now
