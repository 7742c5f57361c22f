"""Numbers by metric and labels: added up in one process, and put together from several.

What a tally holds is bounded: a metric that has as many series as it may gets no new ones but `other`.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from g4f.meter.families import FAMILIES, Family, Kind, Merge

#: The label value of everything that is not known by a name of its own.
OTHER = "other"

Labels = tuple[str, ...]
#: One series: the name of its metric, its labels, and its value; for a histogram the count in each bucket (the last
#: one is for what is above all bounds), and behind them the sum of the values.
Series = tuple[str, Sequence[str], float | Sequence[float]]


class Tally:
    """Counts. Each of its methods may be called from any thread; whoever calls several in a row holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._values: dict[Family, dict[Labels, float]] = {}
        self._spreads: dict[Family, dict[Labels, list[float]]] = {}

    def add(self, family: Family, *labels: str, by: float = 1.0) -> None:
        """Add to a counter."""
        with self.lock:
            series = self._values.setdefault(family, {})
            before = series.get(labels)
            if before is None:
                labels = _bounded(family, labels, len(series))
                before = series.get(labels, 0.0)
            series[labels] = before + by

    def put(self, family: Family, *labels: str, value: float) -> None:
        """Set a gauge, or a counter that is kept elsewhere."""
        with self.lock:
            series = self._values.setdefault(family, {})
            if labels not in series:
                labels = _bounded(family, labels, len(series))
            series[labels] = value

    def observe(self, family: Family, values: Sequence[float], *labels: str) -> None:
        """Add values to a histogram."""
        if not values:
            return
        with self.lock:
            series = self._spreads.setdefault(family, {})
            spread = series.get(labels)
            if spread is None:
                labels = _bounded(family, labels, len(series))
                spread = series.setdefault(labels, [0.0] * (len(family.buckets) + 2))
            for value in values:
                spread[bisect_left(family.buckets, value)] += 1
            spread[-1] += sum(values)

    def export(self) -> list[Series]:
        """All series, for `merged` and for the wire between processes."""
        with self.lock:
            found: list[Series] = [
                (family.name, labels, value) for family, s in self._values.items() for labels, value in s.items()
            ]
            found += [(f.name, labels, list(spread)) for f, s in self._spreads.items() for labels, spread in s.items()]
            return found


def merged(parts: Iterable[Iterable[Series]]) -> list[Series]:
    """The series of several processes as if they were one."""
    values: dict[tuple[str, Labels], float] = {}
    spreads: dict[tuple[str, Labels], list[float]] = {}
    for part in parts:
        for name, labels, value in part:
            about = name, tuple(labels)
            if isinstance(value, float | int):
                values[about] = _together(FAMILIES[name].merge, values.get(about), value)
            else:
                before = spreads.get(about)
                spreads[about] = list(value) if before is None else [a + b for a, b in zip(before, value, strict=True)]
    found: list[Series] = [(name, labels, value) for (name, labels), value in values.items()]
    return found + [(name, labels, spread) for (name, labels), spread in spreads.items()]


def _together(how: Merge, before: float | None, value: float) -> float:
    if before is None:
        return value
    match how:
        case Merge.SUM:
            return before + value
        case Merge.MAX:
            return max(before, value)
        case Merge.MIN:
            return min(before, value)


def _bounded(family: Family, labels: Labels, known: int) -> Labels:
    if len(labels) != len(family.labels) or (family.kind is Kind.HISTOGRAM) != bool(family.buckets):
        raise ValueError(f"{family.name} has the labels {family.labels}")
    return labels if known < family.most else (OTHER,) * len(labels)
