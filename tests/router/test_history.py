"""Counts over time and waits: exact to a bucket, and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from g4f.router.history import BUCKETS, REACHES, Counts, History


@given(
    pauses=st.lists(st.floats(0, 400), min_size=1, max_size=200),
    span=st.sampled_from([5.0, 60.0, 300.0, 600.0, 3600.0, 86400.0]),
)
def test_a_count_is_exact_to_one_bucket(pauses, span):
    history = History()
    history.watch()
    now, times = 1000.0, []
    for pause in pauses:
        now += pause
        times.append(now)
        history.add(now, 1.0)
    length = next(length for length in REACHES if span <= length * BUCKETS)
    attempts, failures = history.over(now, span)
    assert attempts == failures
    assert sum(t > now - span for t in times) <= attempts <= sum(t >= now - span - length for t in times)


@given(st.lists(st.floats(0, 10_000), max_size=500))
def test_memory_is_bounded(pauses):
    counts, now = Counts(5.0, BUCKETS), 0.0
    for pause in pauses:
        now += pause
        counts.add(now, 0.0)
    assert len(counts._rows) <= BUCKETS + 1


def test_the_average_follows_the_newest_waits_and_keeps_streams_apart():
    history = History()
    assert history.latency(stream=True) is None
    for _ in range(30):
        history.waited(1.0, stream=True)
    history.waited(9.0, stream=False)
    assert history.latency(stream=True) == 1.0
    assert history.latency(stream=False) == 9.0


def test_a_percentile_needs_twenty_waits():
    history = History()
    for wait in range(19):
        history.waited(float(wait), stream=True)
    assert history.p95(stream=True) is None
    for _ in range(50):
        history.waited(1.0, stream=True)
    history.waited(100.0, stream=True)
    assert history.p95(stream=True) < 100
