"""Cooldowns: when a circuit opens, how long it stays open, and how it closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import Failure, FailureKind
from g4f.router.health import JITTER, LONGEST_COOLDOWN, MOST_CIRCUITS, MOST_HISTORIES, Health
from tests.support.clock import Clock

A = ("A", "main", "m")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def health(clock):
    return Health(clock, lambda: 0.0)


def failure(kind, retry_after=None):
    return Failure(kind=kind, message="", retry_after=retry_after)


def test_a_rate_limited_target_is_skipped_until_its_retry_after(health, clock):
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=20))
    assert health.cooldown(*A).until == clock.now + 20
    clock.advance(19.9)
    assert health.cooldown(*A) is not None
    clock.advance(0.2)
    assert health.cooldown(*A) is None


def test_a_rate_limit_concerns_one_key_and_one_model(health):
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=20))
    assert health.cooldown("A", "spare", "m") is None
    assert health.cooldown("A", "main", "other") is None


def test_a_refused_key_is_refused_for_every_model(health):
    health.failed(*A, failure(FailureKind.AUTH))
    assert health.cooldown("A", "main", "other") is not None
    assert health.cooldown("A", "spare", "m") is None


def test_a_dead_host_is_dead_for_every_key_and_model_after_one_failure(health):
    health.failed(*A, failure(FailureKind.CONNECT))
    assert health.cooldown("A", "spare", "other") is not None
    assert health.cooldown("B", "main", "m") is None


def test_a_model_that_is_gone_is_gone_for_every_key(health):
    health.failed(*A, failure(FailureKind.NOT_FOUND))
    assert health.cooldown("A", "spare", "m") is not None
    assert health.cooldown("A", "spare", "other") is None


def test_five_server_errors_in_a_row_open_the_circuit_and_a_success_starts_the_count_again(health):
    for _ in range(4):
        health.failed(*A, failure(FailureKind.SERVER_ERROR))
    assert health.cooldown(*A) is None
    health.succeeded(*A)
    for _ in range(4):
        health.failed(*A, failure(FailureKind.SERVER_ERROR))
    assert health.cooldown(*A) is None
    health.failed(*A, failure(FailureKind.SERVER_ERROR))
    assert health.cooldown(*A).kind is FailureKind.SERVER_ERROR


def test_the_request_s_own_fault_counts_against_nobody(health):
    for _ in range(20):
        health.failed(*A, failure(FailureKind.BAD_REQUEST))
    assert health.cooldown(*A) is None


def test_after_a_cooldown_one_request_probes_while_the_others_stay_away(health, clock):
    health.failed(*A, failure(FailureKind.CONNECT))
    clock.advance(6)
    assert health.cooldown(*A) is None
    health.begin(*A)
    assert health.cooldown(*A).probing
    health.succeeded(*A)
    assert health.cooldown(*A) is None


def test_a_probe_that_fails_doubles_the_cooldown(health, clock):
    waits = []
    for _ in range(8):
        health.begin(*A)
        health.failed(*A, failure(FailureKind.CONNECT))
        waits.append(health.cooldown(*A).until - clock.now)
        clock.advance(waits[-1] + 0.001)
    assert [round(w) for w in waits[:4]] == [5, 10, 20, 40]
    assert max(waits) <= LONGEST_COOLDOWN


def test_a_probe_that_was_cancelled_blames_nobody_and_lets_the_next_one_try(health, clock):
    health.failed(*A, failure(FailureKind.CONNECT))
    clock.advance(6)
    health.begin(*A)
    health.answered(*A)
    assert health.cooldown(*A) is None


def test_being_told_again_never_shortens_a_cooldown(health, clock):
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=100))
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=1))
    assert health.cooldown(*A).until == clock.now + 100


@given(st.floats(min_value=0, max_value=1e12))
def test_a_retry_after_is_clamped_whatever_the_upstream_says(seconds):
    clock = Clock()
    health = Health(clock, lambda: 0.0)
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=seconds))
    assert 0.5 <= health.cooldown(*A).until - clock.now <= LONGEST_COOLDOWN


def test_what_is_changed_in_the_configuration_starts_with_a_clean_record(health):
    health.failed(*A, failure(FailureKind.AUTH))
    health.failed("B", None, "m", failure(FailureKind.CONNECT))
    health.forget("A", "main")
    assert health.cooldown(*A) is None
    assert health.cooldown("B", None, "m") is not None
    health.forget("B")
    assert health.cooldown("B", None, "m") is None


def mixed(health, clock, pattern, seconds=1.0):
    """Attempts in order: x fails, . succeeds."""
    for mark in pattern:
        if mark == "x":
            health.failed(*A, failure(FailureKind.SERVER_ERROR))
        else:
            health.succeeded(*A)
        clock.advance(seconds)


def test_a_circuit_opens_when_more_than_half_of_ten_attempts_of_a_minute_failed(health, clock):
    mixed(health, clock, "xx.xx.xx.")
    assert health.cooldown(*A) is None
    mixed(health, clock, "x", 0)
    assert health.cooldown(*A).kind is FailureKind.SERVER_ERROR


def test_less_than_half_of_the_attempts_are_not_enough(health, clock):
    mixed(health, clock, "xx..." * 20)
    assert health.cooldown(*A) is None


def test_failures_of_more_than_a_minute_ago_do_not_open_a_circuit(health, clock):
    mixed(health, clock, "xx.xx.xx.xx.xx.", 11)
    assert health.cooldown(*A) is None


def test_what_led_to_a_cooldown_does_not_lead_to_the_next(health, clock):
    mixed(health, clock, "xx.xx.xx.x")
    clock.advance(10)
    mixed(health, clock, ".x")
    assert health.cooldown(*A) is None


def test_a_proxy_cools_down_for_all_that_go_through_it_and_for_nobody_else(health, clock):
    opened = health.failed(*A, failure(FailureKind.PROXY), "corporate")
    assert opened.proxy == "corporate"
    assert health.cooldown("B", None, "other", "corporate").proxy == "corporate"
    assert health.cooldown(*A) is None
    assert health.cooldown(*A, "another") is None
    clock.advance(6)
    health.begin("B", None, "other", "corporate")
    assert health.cooldown(*A, "corporate").probing
    health.succeeded("B", None, "other", "corporate")
    assert health.cooldown(*A, "corporate") is None


def test_a_proxy_that_is_changed_starts_with_a_clean_record(health):
    health.failed(*A, failure(FailureKind.PROXY), "corporate")
    health.forget_proxy("corporate")
    assert health.cooldown(*A, "corporate") is None


def test_an_answer_that_began_before_the_circuit_opened_does_not_close_it(health):
    health.begin(*A)
    health.failed(*A, failure(FailureKind.RATE_LIMITED, retry_after=60))
    health.succeeded(*A)
    assert health.cooldown(*A) is not None


def test_an_opening_is_told_once(health):
    assert health.failed(*A, failure(FailureKind.AUTH)) is not None
    assert health.failed(*A, failure(FailureKind.AUTH)) is None


def test_what_is_remembered_is_bounded_whatever_models_are_asked_for(health):
    for number in range(MOST_CIRCUITS + 100):
        health.failed("A", None, f"m{number}", failure(FailureKind.SERVER_ERROR))
        health.watch("A", None, f"m{number}")
    assert len(health._circuits) == MOST_CIRCUITS
    assert len(health._histories) == MOST_HISTORIES


SITES = [("A", "k", "m", None), ("A", None, "m", "p"), ("A", "k", "n", "p"), ("B", None, "m", None)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SITES),
            st.sampled_from(["succeeded", "answered", *FailureKind]),
            st.floats(0, 100),
            st.none() | st.floats(0, 1000),
        ),
        max_size=100,
    )
)
def test_whatever_happens_cooldowns_end_and_nobody_stays_probed(steps):
    clock = Clock()
    health = Health(clock, lambda: 0.99)
    for site, event, pause, retry_after in steps:
        health.begin(*site)
        if isinstance(event, FailureKind):
            health.failed(*site[:3], failure(event, retry_after), site[3])
        else:
            getattr(health, event)(*site)
        for other in SITES:
            cooldown = health.cooldown(*other)
            assert cooldown is None or (
                not cooldown.probing and cooldown.until - clock.now <= LONGEST_COOLDOWN * (1 + JITTER)
            )
        clock.advance(pause)
    clock.advance(LONGEST_COOLDOWN * (1 + JITTER))
    assert all(health.cooldown(*site) is None for site in SITES)
