"""The vocabulary of failures is closed, and every kind has an answer."""

from g4f.exchange.failure import ANSWERS, AttemptFailed, Failure, FailureKind


def test_every_kind_has_an_answer_that_is_an_error() -> None:
    assert set(ANSWERS) == set(FailureKind)
    assert all(400 <= answer.status < 600 for answer in ANSWERS.values())


def test_a_provider_that_refuses_our_key_never_looks_like_the_client_s_key_was_refused() -> None:
    assert {answer.status for answer in ANSWERS.values()}.isdisjoint({401, 403})


def test_a_failed_attempt_says_the_failure_s_message() -> None:
    failure = Failure(kind=FailureKind.DNS, message="no such host")
    assert (str(AttemptFailed(failure)), AttemptFailed(failure).failure) == ("no such host", failure)
