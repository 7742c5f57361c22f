"""What a finished request adds to the metrics."""

from types import MappingProxyType

from g4f.config.load import load_text
from g4f.exchange.failure import FailureKind
from g4f.meter.batch import Batch
from g4f.meter.counting import Counting
from g4f.meter.prices import Prices
from g4f.meter.tally import Tally
from tests.support.entries import answered, entry, failed

PRICED = """
providers:
  B: {base_url: "http://127.0.0.1:9/v1", prices: {up: {input: 2, output: 10}, "u*": {input: 1, output: 1}}}
models: {m: {chain: [B]}}
"""


def count(*entries, text=PRICED):
    tally = Tally()
    providers = MappingProxyType(load_text(text).config.providers)
    Counting(tally, Prices(lambda: providers))(Batch(entries))
    return {(name, tuple(labels)): value for name, labels, value in tally.export()}


def test_a_retry_and_a_fallback_are_told_apart():
    found = count(entry(failed("A", FailureKind.TIMEOUT), failed("A"), answered("B")))
    assert found["g4fd_retries_total", ("A",)] == 1
    assert found["g4fd_fallbacks_total", ("m", "A", "connect")] == 1
    assert found["g4fd_attempts_total", ("A", "failed", "timeout")] == 1
    assert found["g4fd_attempts_total", ("B", "answered", "")] == 1


def test_a_hedge_is_no_fallback():
    slower = answered("A")
    slower.overtaken = True
    found = count(entry(slower, answered("B")))
    assert found["g4fd_attempts_total", ("A", "hedged", "")] == 1
    assert not any(name in ("g4fd_fallbacks_total", "g4fd_retries_total") for name, _ in found)


def test_an_attempt_whose_client_left_is_abandoned():
    record = answered("A")
    record.answered = False
    found = count(entry(record, status=499))
    assert found["g4fd_attempts_total", ("A", "abandoned", "")] == 1
    assert found["g4fd_requests_total", ("/v1/chat/completions", "m", "499")] == 1


def test_a_model_that_is_no_route_is_other():
    one = entry(status=404)
    one.journey.route = None
    one.fields["code"] = "model_not_found"
    found = count(one)
    assert found["g4fd_requests_total", ("/v1/chat/completions", "other", "404")] == 1
    assert found["g4fd_request_errors_total", ("model_not_found",)] == 1


def test_what_an_upstream_calls_its_error_makes_no_odd_label():
    one = entry(failed(), status=400)
    one.fields["code"] = 'x" evil\n' * 20
    assert count(one)["g4fd_request_errors_total", ("other",)] == 1


def test_an_answer_costs_what_its_price_says():
    found = count(entry(answered("B"), usage=(1_000_000, 500_000)))
    assert found["g4fd_cost_usd_total", ("m", "B")] == 7.0
    assert found["g4fd_tokens_total", ("m", "B", "output")] == 500_000
    assert found["g4fd_caller_tokens_total", ("laptop", "input")] == 1_000_000


def test_a_price_that_nobody_wrote_is_unknown():
    found = count(entry(answered("A")))
    assert found["g4fd_unpriced_answers_total", ("m", "A")] == 1
    assert not any(name == "g4fd_cost_usd_total" for name, _ in found)


def test_an_answer_whose_tokens_nobody_counted_costs_nothing_known():
    found = count(entry(answered("B"), usage=None))
    assert found["g4fd_uncounted_answers_total", ("m", "B")] == 1
    assert not any(name in ("g4fd_cost_usd_total", "g4fd_tokens_total") for name, _ in found)


def test_a_stream_is_timed_by_its_first_token_and_between_tokens():
    one = entry(answered("B"), usage=(1, 11))
    one.fields["stream"] = True
    found = count(one)
    assert found["g4fd_time_to_first_token_seconds", ("m", "B")][-1] == 1.5
    assert round(found["g4fd_time_per_output_token_seconds", ("m", "B")][-1], 6) == 0.05


def test_an_exact_price_wins_over_a_pattern_and_the_longest_pattern_over_a_shorter():
    text = PRICED.replace('"u*"', '"*": {input: 5, output: 5}, "u*"')
    providers = MappingProxyType(load_text(text).config.providers)
    prices = Prices(lambda: providers)
    assert [prices.find("B", name).input for name in ("up", "un", "x")] == [2, 1, 5]
    assert prices.find("A", "up") is None
