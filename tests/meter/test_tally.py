"""Numbers add up, in one process and over several, and stay bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.meter import families
from g4f.meter.exposition import expose
from g4f.meter.families import FAMILIES, Kind
from g4f.meter.tally import OTHER, Tally, merged


def values(series):
    return {(name, tuple(labels)): value for name, labels, value in series}


def test_a_metric_with_as_many_series_as_it_may_have_counts_the_rest_as_other():
    tally = Tally()
    for number in range(families.ERRORS.most + 10):
        tally.add(families.ERRORS, f"code_{number}")
    found = values(tally.export())
    assert len(found) == families.ERRORS.most + 1
    assert found["g4fd_request_errors_total", (OTHER,)] == 10


def test_a_label_too_few_is_refused():
    with pytest.raises(ValueError, match="has the labels"):
        Tally().add(families.REQUESTS, "m")


@given(st.lists(st.floats(min_value=0, max_value=1000), max_size=50), st.integers(min_value=0, max_value=50))
def test_processes_together_count_what_one_process_would(seconds, cut):
    whole, first, second = Tally(), Tally(), Tally()
    for place, value in enumerate(seconds):
        for tally in (whole, first if place < cut else second):
            tally.observe(families.FIRST_TOKEN, [value], "m", "A")
            tally.add(families.ATTEMPTS, "A", "answered", "")
    one, many = values(whole.export()), values(merged([first.export(), second.export()]))
    assert one.keys() == many.keys()
    for about, value in one.items():
        assert many[about] == pytest.approx(value)


def test_gauges_of_several_processes_merge_as_they_say():
    parts = []
    for lag, usable in ((0.1, 1), (0.3, 0)):
        tally = Tally()
        tally.put(families.LOOP_LAG, value=lag)
        tally.put(families.PROVIDER_USABLE, "A", value=usable)
        tally.put(families.IN_FLIGHT, value=2)
        parts.append(tally.export())
    found = values(merged(parts))
    assert found["g4fd_loop_lag_seconds", ()] == 0.3
    assert found["g4fd_provider_usable", ("A",)] == 0
    assert found["g4fd_requests_in_flight", ()] == 4


def test_a_histogram_is_written_with_the_count_up_to_each_bound():
    tally = Tally()
    for seconds in (0.05, 0.06, 10_000):
        tally.observe(families.FIRST_TOKEN, [seconds], "m", "A")
    text, content_type = expose(tally.export(), "")
    lines = text.decode().splitlines()
    assert 'g4fd_time_to_first_token_seconds_bucket{le="0.05",model="m",provider="A"} 1.0' in lines
    assert 'g4fd_time_to_first_token_seconds_bucket{le="60.0",model="m",provider="A"} 2.0' in lines
    assert 'g4fd_time_to_first_token_seconds_bucket{le="+Inf",model="m",provider="A"} 3.0' in lines
    assert 'g4fd_time_to_first_token_seconds_count{model="m",provider="A"} 3.0' in lines
    assert content_type.startswith("text/plain")


def test_openmetrics_is_spoken_to_who_asks_for_it():
    text, content_type = expose([], "application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert text.rstrip().endswith(b"# EOF")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_a_metric_is_named_by_the_conventions(family):
    assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
    assert family.name.startswith(("g4fd_", "process_"))
    assert tuple(sorted(family.buckets)) == family.buckets
