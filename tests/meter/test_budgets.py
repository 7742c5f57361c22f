"""A budget stops a key when it is spent, until its window ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.config import server
from g4f.errors import BudgetExceededError
from g4f.meter.budgets import Budgets
from g4f.meter.ledger import Ledger
from g4f.meter.windows import Per, window
from tests.support.clock import Clock

#: Thursday.
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def wall():
    return Clock(NOON)


@pytest.fixture
def budgets(wall):
    return Budgets(lambda *_: (0, 0), wall)


@pytest.mark.parametrize(
    ("per", "since", "until"),
    [
        ("hour", "2026-11-19T12:00", "2026-11-19T13:00"),
        ("day", "2026-11-19T00:00", "2026-11-20T00:00"),
        ("week", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("month", "2026-11-01T00:00", "2026-12-01T00:00"),
    ],
)
def test_windows_are_those_of_the_calendar(per, since, until):
    ends = [datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M") for end in window(Per(per), NOON)]
    assert ends == [since, until]


@given(st.floats(min_value=0, max_value=4e9), st.sampled_from([per for per in Per if per is not Per.EVER]))
def test_every_moment_is_in_its_window_and_the_next_window_begins_where_it_ends(now, per):
    since, until = window(per, now)
    assert since <= now < until
    assert window(per, until)[0] == until


def test_a_budget_of_dollars_is_spent_by_what_answers_cost(budgets):
    budget = budgets.of("ci", server.Budget(usd=1.0, per="day"))
    budgets.spend("ci", 10, 999_999_999)
    budget.check()
    budgets.spend("ci", 10, 1)
    with pytest.raises(BudgetExceededError, match="budget of 1 US dollars for this day") as refused:
        budget.check()
    assert refused.value.retry_after == 12 * 3600
    assert (refused.value.status, refused.value.code) == (429, "budget_exceeded")


def test_a_new_window_begins_with_nothing(budgets, wall):
    budget = budgets.of("ci", server.Budget(tokens=100, per="hour"))
    budgets.spend("ci", 100, 0)
    wall.advance(3599)
    with pytest.raises(BudgetExceededError):
        budget.check()
    wall.advance(1)
    budget.check()


def test_a_budget_for_ever_says_nothing_of_when_to_come_back(budgets):
    budget = budgets.of("ci", server.Budget(tokens=1, per="ever"))
    budgets.spend("ci", 1, 0)
    with pytest.raises(BudgetExceededError) as refused:
        budget.check()
    assert refused.value.retry_after is None


def test_a_budget_of_nothing_lets_nothing_in(budgets):
    with pytest.raises(BudgetExceededError):
        budgets.of("ci", server.Budget(usd=0.0)).check()


def test_one_keys_spending_is_not_anothers(budgets):
    budget = budgets.of("ci", server.Budget(tokens=1))
    budgets.spend("dev", 5, 5)
    budget.check()


def test_a_reload_changes_the_limit_and_not_what_is_spent(budgets):
    budgets.of("ci", server.Budget(tokens=10))
    budgets.spend("ci", 20, 0)
    budgets.of("ci", server.Budget(tokens=30)).check()
    with pytest.raises(BudgetExceededError):
        budgets.of("ci", server.Budget(tokens=15)).check()


def test_what_is_spent_outlives_a_restart(tmp_path, wall):
    for _ in range(2):
        ledger = Ledger(tmp_path / "usage.sqlite3", now=wall)
        budgets = Budgets(ledger.recall, wall)
        ledger.follow(budgets)
        budget = budgets.of("ci", server.Budget(tokens=100, per="day"))
        budget.check()
        budgets.spend("ci", 60, 0)
        ledger.close()
    ledger = Ledger(tmp_path / "usage.sqlite3", now=wall)
    with pytest.raises(BudgetExceededError):
        Budgets(ledger.recall, wall).of("ci", server.Budget(tokens=100, per="day")).check()
    ledger.close()


def test_processes_on_one_file_see_what_the_others_spent(tmp_path, wall):
    ledgers = [Ledger(tmp_path / "usage.sqlite3", now=wall) for _ in range(2)]
    both = [Budgets(ledger.recall, wall) for ledger in ledgers]
    held = []
    for ledger, budgets in zip(ledgers, both, strict=True):
        ledger.follow(budgets)
        held.append(budgets.of("ci", server.Budget(tokens=100, per="day")))
    for budgets in both:
        budgets.spend("ci", 60, 0)
    for ledger in ledgers * 2:
        ledger.flush()
    for budget in held:
        assert budget.purse.current().tokens == 120
        assert budget.used == 1.2
    for ledger in ledgers:
        ledger.close()
