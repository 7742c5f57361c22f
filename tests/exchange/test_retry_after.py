"""How long an upstream asks us to wait."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from g4f.exchange.retry_after import duration, parse

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples


def wait(value: str, **others: str) -> float | None:
    headers = {"retry-after": value} | {name.replace("_", "-"): text for name, text in others.items()}
    return parse(headers, now=NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("1", 1), ("1.5", 1.5), (" 7 ", 7), ("1e9", 1e9), ("1, 2", 1), ("abc, 2", 2)],
)
def test_seconds(value: str, seconds: float) -> None:
    assert wait(value) == seconds


@pytest.mark.parametrize(
    "value", ["", " ", "-1", "NaN", "nan", "inf", "1e999", "abc", "0x10", "1_000", "\u0661", "1" * 500, "5s", "-1, x"]
)
def test_garbage_is_no_wait(value: str) -> None:
    assert wait(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:50:07 GMT",
        "Sunday, 06-Nov-94 08:50:07 GMT",
        "Sun Nov  6 08:50:07 1994",
        "Sun, 06 Nov 1994 08:50:07",
        "Sun, 06 Nov 1994 10:50:07 +0200",
    ],
)
def test_a_date_in_each_of_https_forms(value: str) -> None:
    assert wait(value) == 30
    for skewed in (NOW - 86_400, NOW + 86_400):
        headers = {"retry-after": value, "date": "Sun, 06 Nov 1994 08:49:37 GMT"}
        assert parse(headers, now=skewed) == 30


def test_a_date_is_read_against_our_clock_where_the_reply_has_no_date_or_a_bad_one() -> None:
    assert wait("Sun, 06 Nov 1994 08:50:07 GMT", date="yesterday") == 30


@pytest.mark.parametrize(
    "value", ["Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999 00:00:00 GMT"]
)
def test_a_date_that_is_past_or_impossible_is_no_wait(value: str) -> None:
    assert wait(value) is None


def test_a_date_in_the_far_future_is_for_the_policy_to_bound() -> None:
    seconds = wait("Fri, 31 Dec 9999 23:59:59 GMT")
    assert seconds is not None
    assert seconds > 1e11


def test_milliseconds_beat_seconds_unless_they_are_garbage() -> None:
    assert wait("7", retry_after_ms="250") == 0.25
    assert wait("7", retry_after_ms="-250") == 7


def test_the_first_valid_of_two_header_lines_counts() -> None:
    headers = CIMultiDict([("Retry-After", "soon"), ("Retry-After", "3"), ("Retry-After", "4")])
    assert parse(headers, now=NOW) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1s", 1), ("6m0s", 360), ("6ms", 0.006), ("1m6.779s", 66.779), ("1h2m", 3720), ("1d", 86_400), ("8.64s", 8.64),
        ("12", 12), (str(NOW_S := 1_700_000_060), 60), (f"{NOW_S}000", 60), (str(NOW_S - 120), None),
        ("", None), ("soon", None), ("-1s", None), ("s", None), ("1m1m", None), ("2026-04-05T14:28:37Z", None),
    ],
)  # fmt: skip
def test_the_reset_of_a_rate_limit(value: str, seconds: float | None) -> None:
    for name in ("x-ratelimit-reset", "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"):
        got = parse({name: value}, now=1_700_000_000)
        assert got == (None if seconds is None else pytest.approx(seconds))


def test_the_later_reset_counts_and_retry_after_beats_both() -> None:
    resets = {"x-ratelimit-reset-requests": "8.64s", "x-ratelimit-reset-tokens": "6m0s"}
    assert parse(resets, now=NOW) == 360
    assert parse({**resets, "retry-after": "2"}, now=NOW) == 2


def test_no_header_is_no_wait() -> None:
    assert parse({}, now=NOW) is None


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_no_header_raises_or_gives_less_than_nothing(value: str, date: str, reset: str) -> None:
    headers = {"retry-after": value, "retry-after-ms": reset, "date": date, "x-ratelimit-reset": reset}
    seconds = parse(headers, now=NOW)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
    duration(value)
