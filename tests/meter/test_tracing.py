"""Spans on their way out: without the packages, without a collector, and with too many of them."""

from g4f.config.schema import Traces
from g4f.exchange.answer import Usage
from g4f.exchange.trace import TraceContext
from g4f.meter import tracing
from g4f.meter.batch import Batch
from g4f.meter.spans import spans
from g4f.meter.tally import Tally
from g4f.meter.tracing import Tracing
from tests.support.entries import answered, entry, failed

TRACES = Traces(endpoint="http://127.0.0.1:9/v1/traces")


def traced(*attempts, sampled=True):
    one = entry(*attempts)
    one.journey.trace = TraceContext(1, 2, sampled)
    return one


def counted(tally):
    return {labels[0]: value for name, labels, value in tally.export() if name == "g4fd_trace_spans_total"}


def test_without_the_packages_the_log_says_what_to_install_and_spans_are_dropped(monkeypatch):
    def connect(_):
        raise ImportError

    said = []
    monkeypatch.setattr(tracing._log, "error", lambda event, **fields: said.append((event, fields["hint"])))
    tally = Tally()
    found = Tracing(lambda: TRACES, tally, connect)
    for _ in range(2):
        found(Batch([traced(failed("A"), answered("B"))]))
        found.flush()
    assert counted(tally) == {"dropped": 6}
    assert said == [("traces.unavailable", "pip install 'g4f[otel]'")]
    found.close()


def test_more_spans_than_may_wait_are_dropped_and_counted(monkeypatch):
    monkeypatch.setattr(tracing, "MOST_WAITING", 3)
    monkeypatch.setattr(tracing, "PAUSE", 60.0)
    tally, taken = Tally(), []
    found = Tracing(lambda: TRACES, tally, lambda _: lambda spans: not taken.extend(spans))
    found(Batch([traced(answered()) for _ in range(4)]))
    found.flush()
    assert counted(tally) == {"sent": 3, "dropped": 5}
    assert len(taken) == 3
    found.close()


def test_another_collector_of_a_new_file_is_the_one_that_gets_them():
    wanted, connected = [TRACES], []

    def connect(traces):
        connected.append(traces.endpoint)
        return lambda spans: True

    found = Tracing(lambda: wanted[0], Tally(), connect)
    found(Batch([traced(answered())]))
    found.flush()
    wanted[0] = Traces(endpoint="http://127.0.0.1:10/v1/traces")
    found(Batch([traced(answered())]))
    found.flush()
    assert connected == ["http://127.0.0.1:9/v1/traces", "http://127.0.0.1:10/v1/traces"]
    found.close()


def test_what_is_not_sampled_or_not_traced_has_no_spans():
    tally = Tally()
    found = Tracing(lambda: TRACES, tally, lambda _: lambda spans: True)
    found(Batch([traced(answered(), sampled=False), entry(answered())]))
    found.flush()
    assert counted(tally) == {}


def test_the_conventions_have_words_for_what_a_cache_had_and_for_thoughts():
    one = traced(answered())
    one.usage = Usage(input_tokens=9, output_tokens=8, cached_tokens=7, cache_write_tokens=1, reasoning_tokens=6)
    said = next(spans(one)).attributes
    assert {name.removeprefix("gen_ai.usage."): value for name, value in said.items() if ".usage." in name} == {
        "input_tokens": 9,
        "output_tokens": 8,
        "cache_read.input_tokens": 7,
        "cache_creation.input_tokens": 1,
        "reasoning.output_tokens": 6,
    }


def test_a_slow_collector_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(tracing, "AT_ONCE", 2)
    monkeypatch.setattr(tracing, "PAUSE", 60.0)
    monkeypatch.setattr(tracing, "FAREWELL", 0.0)
    taken = []
    found = Tracing(lambda: TRACES, Tally(), lambda _: lambda spans: not taken.extend(spans))
    found(Batch([traced(answered()) for _ in range(100)]))
    found.close()
    assert taken == []
