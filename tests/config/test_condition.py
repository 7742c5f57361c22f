"""The language of `when`: what it says, and what it refuses before anything runs."""

import contextlib
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.config.condition import LONGEST, WrongCondition, parse


@dataclass
class Facts:
    hour: int = 12
    minute: int = 30
    weekday: str = "wed"
    model: str = "m"
    counts: dict = field(default_factory=dict)
    wait: float = 0.0

    def errors(self, seconds):
        return self.counts.get(("errors", seconds), 0)

    def attempts(self, seconds):
        return self.counts.get(("attempts", seconds), 0)

    def latency(self):
        return self.wait


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("hour >= 8 and hour < 20", True),
        ("8 <= hour < 12", False),
        ("not (hour == 12 and minute > 29)", False),
        ("hour < 6 or hour >= 12", True),
        ('weekday in ("sat", "sun")', False),
        ("weekday not in ['sat', 'sun']", True),
        ("hour in (11, 12)", True),
        ("weekday == 'wed'", True),
        ("model != 'm'", False),
        ("errors(1h) < 3", True),
        ("errors(90s) < 3", False),
        ("errors(1h30m) == 7", True),
        ("errors(5m) / attempts(5m) < 0.2", True),
        ("errors(2m) / attempts(2m) > 0.4", True),
        ("latency() < 2.5", True),
        ("hour * 60 + minute >= 750", True),
        ("True and hour > 1", None),
    ],
)
def test_what_a_condition_says(text, holds):
    counts = {("errors", 90.0): 3, ("errors", 5400.0): 7, ("errors", 120.0): 5, ("attempts", 120.0): 10}
    if holds is None:
        with pytest.raises(WrongCondition):
            parse(text)
        return
    assert parse(text).holds(Facts(counts=counts)) is holds


def test_only_a_condition_on_the_past_needs_a_history():
    assert parse("errors(1h) < 3").watches
    assert not parse("hour > 3").watches


@pytest.mark.parametrize(
    ("text", "col"),
    [
        ("hour > day", 7),
        ("hour < 3 and bogus(1h)", 13),
        ("errors(1h, 2h) < 1", 0),
        ("errors(hour) < 1", 7),
        ("errors(1y) < 1", 7),
        ("errors < 1", 0),
        ("__import__('os') == 1", 0),
        ("(hour).real == 1", 0),
        ("hour is 3", 0),
        ("hour if hour else 3", 0),
        ("hour < 3 ; hour", 9),
        ("0x10 < hour", 0),
        ("2 ** 9999 > hour", 0),
        ("weekday == 'mo'", 0),
        ("hour in (1, 'x')", 12),
        ("latency(1h) > 1", 0),
        ("f'{hour}' == 'x'", 0),
        ("model in 'abc'", 9),
        ("model == '\\x41'", 10),
    ],
)
def test_what_is_no_condition_is_refused_at_its_column(text, col):
    with pytest.raises(WrongCondition) as caught:
        parse(text)
    assert caught.value.col == col


PIECES = [
    "hour",
    "minute",
    "1",
    "1h",
    "errors(",
    "latency(",
    ")",
    "(",
    "<",
    "==",
    "in",
    "not",
    "and",
    "-",
    "'a'",
    ",",
    "[",
]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join) | st.text(max_size=LONGEST + 10))
def test_any_text_is_a_condition_or_refused(text):
    try:
        condition = parse(text)
    except WrongCondition as wrong:
        assert 0 <= wrong.col <= max(len(text), 1)
    else:
        assert condition.holds(Facts()) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 299,
        "not " * 74,
        "-" * 299,
        "[" * 150 + "]" * 150,
        "1+" * 140 + "1 < hour",
        "9" * 140 + "*latency()*" + "9" * 140 + "<1",
    ],
)
def test_depth_is_no_way_to_hurt(text):
    with contextlib.suppress(WrongCondition):
        parse(text).holds(Facts())
