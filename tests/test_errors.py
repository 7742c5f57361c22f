"""One tree of errors, each with what an HTTP answer and an `except` need."""

import builtins
import inspect
import pickle

import pytest

from g4f import errors
from g4f.config.load import load_text
from g4f.errors import ExhaustedError, G4FError
from g4f.exchange.failure import FailureKind
from g4f.gateway.exhausted import error_class

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]
#: What programs written for g4f import.
NAMES = (
    "ProviderNotFoundError",
    "ProviderNotWorkingError",
    "StreamNotSupportedError",
    "ModelNotFoundError",
    "ModelNotAllowedError",
    "RetryProviderError",
    "RetryNoProviderError",
    "VersionNotFoundError",
    "MissingRequirementsError",
    "NestAsyncioError",
    "MissingAuthError",
    "PaymentRequiredError",
    "NoMediaResponseError",
    "ResponseError",
    "ResponseStatusError",
    "CloudflareError",
    "BadRequestError",
    "RateLimitError",
    "NoValidHarFileError",
    "TimeoutError",
    "ConversationLimitError",
    "ProviderException",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_names_that_programs_import_are_there(name):
    assert issubclass(getattr(errors, name), G4FError)


@pytest.mark.parametrize("error", CLASSES)
def test_each_is_in_the_tree_with_a_status_a_type_and_its_four_words(error):
    made = error([]) if error is errors.ConfigError else error("why")
    assert isinstance(made, G4FError)
    assert 400 <= made.status < 600
    assert set(made.body()) == {"message", "type", "param", "code"}
    assert error.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_a_class_that_is_an_exhausted_chain(kind):
    assert issubclass(error_class(kind), ExhaustedError)


def test_programs_can_catch_by_what_happened():
    assert error_class(FailureKind.RATE_LIMITED) is errors.RateLimitError
    assert issubclass(errors.RateLimitError, errors.LimitExceededError)
    assert issubclass(error_class(FailureKind.DEADLINE), builtins.TimeoutError)
    assert issubclass(error_class(FailureKind.AUTH), errors.ProviderNotWorkingError)
    assert errors.RetryProviderError is ExhaustedError


def test_errors_come_whole_out_of_another_process():
    with pytest.raises(errors.ConfigError) as refused:
        load_text("models: {m: {chain: [Nobody]}}")
    error = errors.RateLimitError("slow down", retry_after=3.0)
    error.attempts = [{"provider": "A"}]
    for raised in (refused.value, error):
        came = pickle.loads(pickle.dumps(raised))
        assert (type(came), str(came), vars(came)) == (type(raised), str(raised), vars(raised))
