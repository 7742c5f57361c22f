"""Extra calls are bounded by the requests of the last ten seconds."""

from hypothesis import given
from hypothesis import strategies as st

from g4f.router.budget import RETRIES_AT_LEAST, RETRY_SHARE, WINDOW, Budget
from tests.support.clock import Clock


def test_three_retries_are_always_allowed():
    budget = Budget(Clock(), at_least=RETRIES_AT_LEAST)
    assert [budget.take(RETRY_SHARE) for _ in range(4)] == [True, True, True, False]


def test_a_fifth_of_the_requests_may_be_retried():
    budget = Budget(Clock(), at_least=RETRIES_AT_LEAST)
    for _ in range(100):
        budget.requested()
    assert sum(budget.take(RETRY_SHARE) for _ in range(100)) == 20


def test_what_is_older_than_the_window_counts_no_more():
    clock = Clock()
    budget = Budget(clock, at_least=RETRIES_AT_LEAST)
    for _ in range(3):
        budget.take(RETRY_SHARE)
    clock.advance(WINDOW)
    assert budget.take(RETRY_SHARE)


@given(st.lists(st.one_of(st.just("request"), st.just("take"), st.floats(0, 30)), max_size=300))
def test_no_window_holds_more_extra_calls_than_its_share(steps):
    clock = Clock()
    budget = Budget(clock, at_least=RETRIES_AT_LEAST)
    requests, taken = [], []
    for step in steps:
        if step == "request":
            budget.requested()
            requests.append(clock.now)
        elif step == "take":
            if budget.take(RETRY_SHARE):
                taken.append(clock.now)
                recent = [t for t in requests if int(t) > int(clock.now) - WINDOW]
                spent = [t for t in taken if int(t) > int(clock.now) - WINDOW]
                assert len(spent) <= max(RETRIES_AT_LEAST, RETRY_SHARE * len(recent))
        else:
            clock.advance(step)
