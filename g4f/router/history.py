"""What became of a target's attempts: counts over time, and how long it takes to begin an answer.

Everything is bounded: counts are kept in at most 60 buckets for each of three reaches, and waits as a moving average
and the last 64. Times are on the health clock (monotonic seconds), so that a jump of the wall clock changes nothing.
"""

from collections import deque

#: A circuit opens when more than half of at least ten attempts of the last minute failed.
TRIP_SECONDS, TRIP_ATTEMPTS, TRIP_SHARE = 60.0, 10, 0.5
#: Seconds of one bucket of each reach: 5 minutes, 1 hour, 24 hours. A count is exact to one bucket.
REACHES = (5.0, 60.0, 1440.0)
BUCKETS = 60
#: The weight of the newest wait in the moving average, and how many of them the 95th percentile is taken from.
NEWEST = 0.3
WAITS, WAITS_FOR_P95 = 64, 20


class Counts:
    """Attempts and failures in buckets of `length` seconds, of which the last `buckets` are kept."""

    __slots__ = ("_length", "_rows")

    def __init__(self, length: float, buckets: int) -> None:
        self._length = length
        # One more than asked for: the oldest and the newest bucket are both cut by the edges of a span.
        self._rows: deque[tuple[int, int, float]] = deque(maxlen=buckets + 1)

    def add(self, now: float, failed: float) -> None:
        """One attempt that failed with this weight (0: it went well)."""
        number = int(now // self._length)
        attempts, failures = 0, 0.0
        if self._rows and self._rows[-1][0] == number:
            _, attempts, failures = self._rows.pop()
        self._rows.append((number, attempts + 1, failures + failed))

    def over(self, now: float, seconds: float) -> tuple[int, float]:
        """Attempts and failures of the last `seconds`, and of the rest of the bucket in which they begin."""
        first = (now - seconds) // self._length
        rows = [row for row in self._rows if row[0] >= first]
        return sum(row[1] for row in rows), sum(row[2] for row in rows)

    def clear(self) -> None:
        self._rows.clear()


class Waits:
    """Seconds until the first content: a moving average and a percentile."""

    __slots__ = ("_last", "average")

    def __init__(self) -> None:
        self.average: float | None = None
        self._last: deque[float] = deque(maxlen=WAITS)

    def add(self, seconds: float) -> None:
        self.average = seconds if self.average is None else self.average + NEWEST * (seconds - self.average)
        self._last.append(seconds)

    def p95(self) -> float | None:
        """The wait that 95 in 100 do not exceed; None while too few are known."""
        if len(self._last) < WAITS_FOR_P95:
            return None
        return sorted(self._last)[int(0.95 * (len(self._last) - 1))]


class History:
    """One target's. `watch` begins the counts that a configuration asks for; the breaker's own are always kept."""

    __slots__ = ("_counts", "_trip", "_waits")

    def __init__(self) -> None:
        self._trip = Counts(TRIP_SECONDS / 12, 12)
        self._counts: tuple[Counts, ...] = ()
        self._waits = (Waits(), Waits())

    def watch(self) -> None:
        """Count over long times from now on."""
        if not self._counts:
            self._counts = tuple(Counts(length, BUCKETS) for length in REACHES)

    def add(self, now: float, failed: float) -> None:
        """One attempt with a verdict. `failed` is 0 when it went well, else how much it counts, up to 1."""
        self._trip.add(now, failed)
        for counts in self._counts:
            counts.add(now, failed)

    def over(self, now: float, seconds: float) -> tuple[int, float]:
        """Attempts and failures of the last `seconds` (at most a day), since `watch`."""
        for counts, length in zip(self._counts, REACHES, strict=False):
            if seconds <= length * BUCKETS:
                return counts.over(now, seconds)
        return 0, 0.0

    def trips(self, now: float) -> bool:
        """Whether so many attempts failed of late that the circuit should open."""
        attempts, failures = self._trip.over(now, TRIP_SECONDS)
        return attempts >= TRIP_ATTEMPTS and failures > TRIP_SHARE * attempts

    def opened(self) -> None:
        """The circuit opened: what led to it is paid for, and does not count against the target afterwards."""
        self._trip.clear()

    def waited(self, seconds: float, *, stream: bool) -> None:
        """The first content came after `seconds`; without a stream that is the whole answer."""
        self._waits[stream].add(seconds)

    def latency(self, *, stream: bool) -> float | None:
        """The average wait in seconds, of requests of this kind or else of the other; None while nothing is known."""
        own = self._waits[stream].average
        return self._waits[not stream].average if own is None else own

    def p95(self, *, stream: bool) -> float | None:
        """The 95th percentile of the waits of such requests, in seconds; None while too few are known."""
        return self._waits[stream].p95()
