"""The books: what is booked, what is kept, and what a report says of it."""

import os
import sqlite3
import stat

import pytest

from g4f.config.load import load_text
from g4f.exchange.answer import Usage
from g4f.gateway.record import Outcome
from g4f.meter import booking
from g4f.meter.booking import Account, Amounts, Bookkeeper
from g4f.meter.ledger import Ledger, LedgerError
from g4f.meter.prices import Prices
from g4f.meter.report import By, Query, columns, report, select_from
from tests.support.clock import Clock
from tests.support.entries import answered, entry, failed

PRICED = """
providers:
  B: {base_url: "http://127.0.0.1:9/v1", prices: {up: {input: 2, output: 10, cached: 0.5}}}
models: {m: {chain: [B]}}
"""


@pytest.fixture
def keeper():
    providers = load_text(PRICED).config.providers
    return Bookkeeper(Prices(lambda: providers))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "usage.sqlite3"


def account(day="2023-11-14", outcome="answered", **changes):
    names = {"day": day, "caller": "laptop", "model": "m", "provider": "B", "upstream": "up", "outcome": outcome}
    return Account(**{**names, **changes})


def test_an_answer_and_what_failed_before_it_are_booked_apart(keeper):
    lines = dict(keeper.bookings([entry(failed("A"), answered("B"), usage=(1000, 100))]))
    assert lines == {
        account(provider="A", outcome="failed"): Amounts(calls=1),
        account(): Amounts(calls=1, input_tokens=1000, output_tokens=100, nano_usd=3_000_000),
    }


def test_input_from_a_cache_costs_what_cached_input_costs(keeper):
    one = entry(answered("B"))
    one.usage = Usage(1000, 0, cached_tokens=800)
    ((_, amounts),) = keeper.bookings([one])
    assert amounts.nano_usd == (200 * 2 + 800 * 0.5) * 1000


def test_an_answer_whose_client_left_is_abandoned_and_takes_its_estimate_from_the_budget(keeper):
    one = entry(answered("B"), usage=None, status=499, body_tokens=50, reserved=150)
    ((about, amounts),) = keeper.bookings([one])
    assert (about.outcome, amounts) == (Outcome.ABANDONED, Amounts(calls=1, uncounted=1))
    assert keeper.charge([one]) == (150, (50 * 2 + 100 * 10) * 1000)


def test_a_request_that_nobody_answered_takes_nothing_from_the_budget(keeper):
    assert keeper.charge([entry(failed("A"), reserved=100)]) == (0, 0)


def test_an_answer_without_a_price_is_unpriced(keeper):
    ((_, amounts),) = keeper.bookings([entry(answered("A"))])
    assert (amounts.unpriced, amounts.nano_usd) == (1, 0)


def test_names_that_clients_think_of_are_bounded(keeper, monkeypatch):
    monkeypatch.setattr(booking, "MOST_MODELS", 2)
    booked = []
    for name in ("a", "b", "c", "a"):
        record = answered("B")
        record.target = record.target.__class__(
            provider="B", model=name, key=None, timeouts=record.target.timeouts, retries=0
        )
        booked += [about.upstream for about, _ in keeper.bookings([entry(record)])]
    assert booked == ["a", "b", "other", "a"]


def test_the_books_are_their_owners_alone(path):
    Ledger(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("bits", [0o620, 0o602])
def test_books_that_others_can_write_are_not_believed(path, bits):
    Ledger(path).close()
    path.chmod(bits)
    with pytest.raises(LedgerError, match="can be written by others"):
        Ledger(path)


def test_books_of_another_user_are_not_believed(path, monkeypatch):
    Ledger(path).close()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(LedgerError, match="belongs to another user"):
        Ledger(path)


def test_books_are_not_kept_where_everybody_may_replace_them(path):
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(LedgerError, match="everybody may write its directory"):
        Ledger(path)
    path.parent.chmod(0o1777)  # as /tmp is: nobody replaces what is not his own
    Ledger(path).close()


def test_a_link_in_the_place_of_the_books_is_not_followed(path, tmp_path):
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LedgerError):
        Ledger(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_pipe_in_the_place_of_the_books_is_refused_and_hangs_nobody(path):
    path.parent.mkdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(LedgerError, match="not a regular file"):
        Ledger(path)


def test_what_is_booked_adds_up_over_restarts(path):
    for _ in range(2):
        ledger = Ledger(path)
        ledger.book([(account(), Amounts(calls=1, input_tokens=5)), (account(), Amounts(calls=1, input_tokens=6))])
        ledger.close()
    (row,) = report(Query(), select_from(path))
    assert (row["calls"], row["input_tokens"]) == (4, 22)


def test_a_disk_that_fails_loses_nothing(path):
    ledger = Ledger(path)
    other = sqlite3.connect(path, isolation_level=None)
    ledger._base.execute("PRAGMA busy_timeout = 1")
    other.execute("BEGIN IMMEDIATE")
    ledger.book([(account(), Amounts(calls=1))])
    ledger.flush()
    ledger.book([(account(), Amounts(calls=1))])
    ledger.flush()
    other.execute("ROLLBACK")
    other.close()
    ledger.close()
    (row,) = report(Query(), select_from(path))
    assert row["calls"] == 2


def test_what_is_older_than_is_kept_is_deleted(path):
    ledger = Ledger(path, keep=10 * 86400, now=Clock(1_700_000_000.0))
    ledger.book([(account(day=day), Amounts(calls=1)) for day in ("2023-11-03", "2023-11-04", "2023-11-14")])
    ledger.flush()
    ledger.sweep()
    rows = report(Query(), ledger.select)
    ledger.close()
    assert [row["day"] for row in rows] == ["2023-11-04", "2023-11-14"]


def test_books_of_another_version_are_left_alone(path):
    Ledger(path).close()
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA user_version = 7")
    base.close()
    with pytest.raises(LedgerError, match="version 7"):
        Ledger(path)


def test_a_file_that_is_no_database_is_refused(path):
    path.parent.mkdir()
    path.write_text("a letter to somebody, and quite a long one at that" * 40)
    with pytest.raises(LedgerError, match="not a database"):
        Ledger(path)


def test_a_report_groups_and_selects(path):
    ledger = Ledger(path)
    ledger.book(
        [
            (account(), Amounts(calls=2, input_tokens=10, nano_usd=5_000_000_000)),
            (account(caller="ci"), Amounts(calls=1, unpriced=1, output_tokens=3)),
            (account(caller="ci", outcome="failed"), Amounts(calls=4)),
            (account(day="2023-11-01"), Amounts(calls=9)),
        ]
    )
    by_key = report(Query(by=(By.KEY,), since="2023-11-10"), ledger.select)
    of_one = report(Query(by=(By.DAY, By.OUTCOME), key="ci"), ledger.select)
    ledger.close()
    assert [(row["key"], row["calls"], row["answered"], row["usd"]) for row in by_key] == [
        ("ci", 5, 1, None),
        ("laptop", 2, 2, 5.0),
    ]
    assert [(row["day"], row["outcome"], row["calls"]) for row in of_one] == [
        ("2023-11-14", "answered", 1),
        ("2023-11-14", "failed", 4),
    ]


@pytest.mark.parametrize("text", ["", "day,day", "secret", "day;DROP TABLE usage"])
def test_a_report_by_what_does_not_exist_is_refused(text):
    with pytest.raises(ValueError, match="write some of day, key, model"):
        columns(text)
