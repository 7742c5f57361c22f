"""Cooldowns: when a circuit opens, how long it stays open, and how it closes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import Failure, FailureKind
from g4f.router.health import LONGEST_COOLDOWN, Health
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
