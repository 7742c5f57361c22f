"""Series as the text that Prometheus reads, in the form it asks for.

`prometheus_client` is imported when the first scrape comes: it costs tens of milliseconds that a start need not pay.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from g4f.meter.families import FAMILIES, Family, Kind
from g4f.meter.tally import Series

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class _Collector:
    """What `prometheus_client` asks for metrics."""

    def __init__(self, series: Iterable[Series]) -> None:
        self._series = series

    def collect(self) -> Iterable["Metric"]:
        by_name: dict[str, list[Series]] = {}
        for one in self._series:
            by_name.setdefault(one[0], []).append(one)
        for name, family in FAMILIES.items():
            yield _metric(family, by_name.get(name, []))


def expose(series: Iterable[Series], accept: str) -> tuple[bytes, str]:
    """The text and its content type, by the scrape's `Accept` header. Metrics without series are named all the same."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(series))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _metric(family: Family, series: Sequence[Series]) -> "Metric":
    from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    if family.kind is Kind.HISTOGRAM:
        histogram = HistogramMetricFamily(family.name, family.help, labels=family.labels)
        for _, labels, value in series:
            if not isinstance(value, float | int):
                *counts, total = value
                histogram.add_metric(list(labels), _cumulated(family, counts), sum_value=total)
        return histogram
    make = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric = make(family.name, family.help, labels=family.labels)
    for _, labels, value in series:
        if isinstance(value, float | int):
            metric.add_metric(list(labels), value)
    return metric


def _cumulated(family: Family, counts: Sequence[float]) -> list[tuple[str, float]]:
    """Each bound with the number of values up to it, as histograms are written."""
    bounds = [*(str(bound) for bound in family.buckets), "+Inf"]
    found, so_far = [], 0.0
    for bound, count in zip(bounds, counts, strict=True):
        so_far += count
        found.append((bound, so_far))
    return found
