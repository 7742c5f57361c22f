"""Whatever is read together counts, costs and is logged as if it were read one by one."""

import io
import json
import logging
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f import log
from g4f.config.load import load_text
from g4f.exchange.failure import FailureKind
from g4f.meter.batch import Batch
from g4f.meter.booking import Amounts, Bookkeeper
from g4f.meter.counting import Counting
from g4f.meter.lines import write_lines
from g4f.meter.prices import Prices
from g4f.meter.tally import Tally
from g4f.router.resolution import Skip, SkipReason
from tests.support.entries import answered, entry, failed

PROVIDERS = MappingProxyType(
    load_text(
        """
providers:
  A: {base_url: "http://127.0.0.1:9/v1", prices: {up: {input: 2, output: 10}}}
models: {m: {chain: [A]}}
"""
    ).config.providers
)
SKIPPED = (Skip(provider="Z", model="up", key=None, reason=SkipReason.COOLDOWN, detail=""),)
NAMES = st.sampled_from(["m", 'a "quoted"\n\x00\u2028name', "b", "\N{GRINNING FACE}", "m" * 300])


@st.composite
def entries(draw):
    """Any request there may be, of few enough kinds for some to be alike."""
    attempts = [make("A") for make in draw(st.lists(st.sampled_from([answered, failed]), max_size=2))]
    for record in attempts:
        record.seconds = draw(st.sampled_from([0.0, 0.004, 0.3]))
        record.dropped = draw(st.sampled_from([(), ("seed",)]))
        record.overtaken = draw(st.integers(0, 9)) == 0
        if record.failure and draw(st.booleans()):
            record.opened = True
    usage = draw(st.sampled_from([None, (0, 0), (7, 3), (1000, 1)]))
    one = entry(*attempts, usage=usage)
    one.request_id = f"req_{draw(st.integers(0, 99))}"
    one.caller_name = draw(st.sampled_from(["laptop", "phone"]))
    one.fields |= {"model": draw(NAMES), "stream": draw(st.booleans())}
    one.fields |= draw(st.sampled_from([{}, {"finish": "stop"}, {"code": "overloaded"}, {"code": ["odd"]}]))
    one.journey.route = draw(st.sampled_from(["m", None]))
    one.journey.skipped = draw(st.sampled_from([(), SKIPPED]))
    one.status = draw(st.sampled_from([one.status, one.status, 499, None]))
    one.ended += draw(st.floats(0, 3))
    one.at += draw(st.sampled_from([0, 0.25, 86400]))
    if not attempts:
        one.endpoint = draw(st.sampled_from([None, "/v1/models"]))
    return one


def counted(batches):
    tally = Tally()
    for batch in batches:
        Counting(tally, Prices(lambda: PROVIDERS))(batch)
    return {
        (name, tuple(labels)): [value] if isinstance(value, float) else list(value)
        for name, labels, value in tally.export()
    }


def booked(batches):
    keeper, books, spent = Bookkeeper(Prices(lambda: PROVIDERS)), {}, {}
    for batch in batches:
        for alike in batch.alike:
            for account, amounts in keeper.bookings(alike):
                books.setdefault(account, Amounts()).add(amounts)
            tokens, nano_usd = keeper.charge(alike)
            before = spent.get(alike[0].caller_name, (0, 0))
            spent[alike[0].caller_name] = before[0] + tokens, before[1] + nano_usd
    return books, spent


def logged(batches):
    out = io.StringIO()
    log.configure("debug", "json", out=out)
    try:
        for batch in batches:
            write_lines(batch)
    finally:
        log.silence()
        logging.getLogger().handlers.clear()
    return out.getvalue().split("\n")[:-1]


@settings(max_examples=30, deadline=None)
@given(st.lists(entries(), max_size=8))
def test_requests_read_together_come_to_the_same_as_one_by_one(made):
    together, apart = [Batch(made)], [Batch([one]) for one in made]
    assert counted(together) == {about: pytest.approx(value) for about, value in counted(apart).items()}
    assert booked(together) == booked(apart)
    assert logged(together) == logged(apart)
    assert [json.loads(line)["request_id"] for line in logged(together)] == [one.request_id for one in made]


def test_requests_that_differ_in_times_tokens_and_ids_alone_are_alike():
    made = [entry(answered("A"), usage=(number, 3), request_id=f"req_{number}") for number in range(5)]
    assert Batch(made).alike == [made]


@pytest.mark.parametrize(
    "odd",
    [
        entry(answered("A"), usage=None),
        entry(answered("B")),
        entry(answered("A"), caller_name="phone"),
        entry(answered("A"), at=1_700_000_000.0 + 86400),
        entry(failed("A"), answered("A")),
        entry(failed("A", FailureKind.TIMEOUT)),
    ],
)
def test_what_is_booked_elsewhere_is_not_alike(odd):
    assert len(Batch([entry(answered("A")), odd]).alike) == 2


def test_a_line_that_nobody_wants_is_not_written():
    out = io.StringIO()
    log.configure("warning", "json", out=out)
    try:
        write_lines(Batch([entry(answered("A")), entry(failed("A"))]))
    finally:
        log.silence()
        logging.getLogger().handlers.clear()
    assert [json.loads(line)["level"] for line in out.getvalue().splitlines()] == ["warning"]
