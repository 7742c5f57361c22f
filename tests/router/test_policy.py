"""The rules of what follows a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import ANSWERS, Failure, FailureKind
from g4f.router.policy import BACKOFF_CAP, RULES, Decision, Step, decide, share


def after(kind: FailureKind, **facts: object) -> Decision:
    """The decision after a first failure of a kind, with another target waiting and plenty of time."""
    failure = Failure(
        kind=kind, message="", retry_after=facts.pop("retry_after", None), retryable=facts.pop("retryable", None)
    )
    settled = {"tries": 1, "retries": 1, "more_targets": True, "remaining": 60.0, "jitter": 0.5, **facts}
    return decide(failure, **settled)


def test_every_kind_of_failure_has_a_rule_and_an_answer():
    assert set(RULES) == set(ANSWERS) == set(FailureKind)


@pytest.mark.parametrize("kind", [FailureKind.CONNECT, FailureKind.DNS, FailureKind.SERVER_ERROR, FailureKind.EMPTY])
def test_a_passing_failure_is_retried_once_and_then_falls_back(kind):
    assert after(kind).step is Step.RETRY
    assert after(kind, tries=2).step is Step.FALL_BACK
    assert after(kind, tries=2, more_targets=False).step is Step.GIVE_UP


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.AUTH, FailureKind.TLS, FailureKind.NOT_FOUND])
def test_what_a_repetition_cannot_mend_falls_back_at_once(kind):
    assert after(kind).step is Step.FALL_BACK


@pytest.mark.parametrize("kind", [FailureKind.BAD_REQUEST, FailureKind.CONTEXT_LENGTH, FailureKind.CONTENT_FILTER])
def test_the_request_s_own_fault_is_not_carried_to_another_provider(kind):
    assert after(kind).step is Step.GIVE_UP


def test_retries_0_means_no_retry():
    assert after(FailureKind.CONNECT, retries=0).step is Step.FALL_BACK


def test_a_rate_limited_target_is_left_for_another_one_however_short_the_wait():
    assert after(FailureKind.RATE_LIMITED, retry_after=0.1).step is Step.FALL_BACK


def test_the_last_target_is_waited_for_when_its_retry_after_is_short():
    decision = after(FailureKind.RATE_LIMITED, retry_after=1.5, more_targets=False)
    assert decision == Decision(Step.RETRY, 1.5)
    assert after(FailureKind.RATE_LIMITED, retry_after=20, more_targets=False).step is Step.GIVE_UP


def test_an_upstream_that_says_do_not_retry_is_not_retried():
    assert after(FailureKind.SERVER_ERROR, retryable=False).step is Step.FALL_BACK


def test_no_step_goes_beyond_the_deadline():
    assert after(FailureKind.CONNECT, remaining=0).step is Step.GIVE_UP
    assert after(FailureKind.CONNECT, remaining=0.01).step is Step.FALL_BACK


@given(tries=st.integers(1, 10), jitter=st.floats(0, 0.999))
def test_backoff_is_jittered_and_capped(tries, jitter):
    decision = after(FailureKind.CONNECT, tries=tries, retries=10, jitter=jitter)
    assert decision.step is Step.RETRY
    assert 0 <= decision.delay <= BACKOFF_CAP


@given(remaining=st.floats(0.1, 10_000), later=st.integers(0, 50))
def test_the_shares_of_a_chain_leave_time_for_its_last_target(remaining, later):
    left = remaining
    for after_this in range(later, 0, -1):
        left -= share(left, after_this)
    assert left > 0
    assert share(left, 0) == left


def test_the_first_of_two_targets_may_use_four_fifths():
    assert share(10, 1) == 8


@pytest.mark.parametrize("kind", [FailureKind.CONTEXT_LENGTH, FailureKind.CONTENT_FILTER])
def test_where_the_file_says_so_such_a_refusal_falls_back_without_a_retry(kind):
    assert after(kind, fallback_on={kind}).step is Step.FALL_BACK
    assert after(kind, fallback_on={kind}, more_targets=False).step is Step.GIVE_UP


def test_what_this_machine_lacks_is_neither_retried_nor_carried_to_another_provider():
    assert after(FailureKind.LOCAL).step is Step.GIVE_UP
