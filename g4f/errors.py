"""The errors a user of this package can meet.

    G4FError
    ├── ConfigError                     the file is wrong; `problems` says where
    ├── RequestError                    400/422: the request is wrong
    │   └── StreamNotSupportedError     the provider cannot stream
    ├── AuthenticationError             401: no key, or a wrong one
    ├── ForbiddenError                  403: a right key, but not for this
    │   └── ModelNotAllowedError        ... not for this model
    ├── ModelNotFoundError              404: nothing is configured for that model
    ├── ProviderNotFoundError           404: no provider of that name
    ├── LimitExceededError              429: the caller's own rate limit
    │   ├── BudgetExceededError         429: the caller's budget is spent
    │   └── ConversationLimitError      ... the end of a conversation
    ├── ProviderNotWorkingError         503: nothing could be tried; `retry_after` says until when
    ├── UnavailableError                503: this server takes no request now, whoever asks for what
    ├── ExhaustedError                  every attempt failed; `attempts` lists them (also `RetryProviderError`)
    │   ├── RetryNoProviderError        every answer was empty
    │   │   └── NoMediaResponseError    ... and an image, a sound or a film was asked for
    │   ├── MissingAuthError            the key or session is missing or refused (and a ProviderNotWorkingError)
    │   ├── PaymentRequiredError        the account has nothing left
    │   ├── TimeoutError                nothing came in time (and the built-in TimeoutError)
    │   ├── ProviderException           a provider's own word for its failure
    │   └── ResponseError               a provider answered with something that is no answer
    │       └── ResponseStatusError     ... with an error status
    │           ├── BadRequestError     400: it refuses the request (and a RequestError)
    │           ├── CloudflareError     it wants proof of being human
    │           └── RateLimitError      429: it is asked too often (and a LimitExceededError)
    ├── MissingRequirementsError        a package is not installed
    │   └── NestAsyncioError            never raised; for programs that catch it
    ├── NoValidHarFileError             no session of the user's is stored for that provider
    └── VersionNotFoundError            never raised; for programs that catch it

Where all attempts failed for the same reason, the error is of the class for it: `except RateLimitError` and `except
ExhaustedError` both catch it. Providers written in Python raise the same classes to say why they failed.

Each carries the HTTP `status` and the `type`, `param` and `code` of OpenAI's error object, so that one place
(`g4f/api/middleware.py`) can turn any of them into an answer. Messages name the thing and the way out and never
hold a secret.
"""

import builtins
from collections.abc import Sequence
from typing import Any, Protocol


class G4FError(Exception):
    """The base of every error raised by this package."""

    status: int = 500
    type: str = "server_error"
    code: str | None = "internal_error"
    param: str | None = None
    retry_after: float | None = None

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        type: str | None = None,  # noqa: A002 - the name of the wire field
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if status is not None:
            self.status = status
        if type is not None:
            self.type = type
        if code is not None:
            self.code = code
        if param is not None:
            self.param = param
        if retry_after is not None:
            self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The error object of OpenAI's wire: `message`, `type`, `param` and `code`, always all four."""
        return {"message": self.message, "type": self.type, "param": self.param, "code": self.code}


class Located(Protocol):
    """Anything that prints as `file:line:col: path.to.key: message`."""

    def __str__(self) -> str: ...


class ConfigError(G4FError):
    """The configuration is refused as a whole; `problems` holds every reason, each with its place."""

    code = "invalid_config"

    def __init__(self, problems: Sequence[Located]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        """How it comes out of another process: made of its problems again."""
        return type(self), (self.problems,)


class RequestError(G4FError):
    """The request cannot be served as it is: malformed or impossible (400), or a wrong field (422)."""

    status = 400
    type = "invalid_request_error"
    code: str | None = None


class AuthenticationError(G4FError):
    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class ForbiddenError(G4FError):
    status = 403
    type = "permission_error"
    code = "forbidden"


class ModelNotFoundError(G4FError):
    status = 404
    type = "model_not_found"
    code = "model_not_found"


#: The name of `ModelNotFoundError` in older programs.
ModelNotSupportedError = ModelNotFoundError


class ProviderNotFoundError(G4FError):
    status = 404
    type = "provider_not_found"
    code = "provider_not_found"


class LimitExceededError(G4FError):
    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"


class BudgetExceededError(LimitExceededError):
    """The caller's budget is spent; `retry_after` is until its window ends, None where it never does."""

    type = "insufficient_quota"
    code = "budget_exceeded"


class UnavailableError(G4FError):
    """The server itself is too busy (`overloaded`) or on its way out (`shutting_down`)."""

    status = 503
    type = "server_error"
    code = "overloaded"
    retry_after = 1.0


class ProviderNotWorkingError(G4FError):
    """Nothing could be tried: every target is ignored, has no key, or is cooling down."""

    status = 503
    type = "provider_error"
    code = "no_provider_available"


class ExhaustedError(G4FError):
    """The chain ended without an answer. `attempts` lists every upstream call that was made, in order; `causes` are the
    exceptions that providers written in Python raised."""

    status = 502
    type = "provider_error"
    code = "all_attempts_failed"
    attempts: Sequence[Any] = ()
    causes: Sequence[Exception] = ()


#: The name of `ExhaustedError` in programs written for g4f's lists of providers.
RetryProviderError = ExhaustedError


class RetryNoProviderError(ExhaustedError):
    code = "empty_completion"


class MissingAuthError(ExhaustedError, ProviderNotWorkingError):
    code = "provider_auth_error"


class PaymentRequiredError(ExhaustedError):
    status = 429
    type = "insufficient_quota"
    code = "insufficient_quota"


class TimeoutError(ExhaustedError, builtins.TimeoutError):  # noqa: A001 - the name that programs catch
    status = 504
    code = "upstream_timeout"


class NoMediaResponseError(RetryNoProviderError):
    code = "no_media"


#: The name of `NoMediaResponseError` in older programs.
NoImageResponseError = NoMediaResponseError


class ProviderException(ExhaustedError):  # noqa: N818 - the name that programs catch
    code = "upstream_error"


class ResponseError(ExhaustedError):
    code = "upstream_bad_response"


class ResponseStatusError(ResponseError):
    code = "upstream_error"


class BadRequestError(ResponseStatusError, RequestError):
    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class CloudflareError(ResponseStatusError):
    code = "upstream_challenge"


class RateLimitError(ResponseStatusError, LimitExceededError):
    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"


class StreamNotSupportedError(RequestError):
    code = "stream_not_supported"
    param = "stream"


class ModelNotAllowedError(ForbiddenError):
    code = "model_not_allowed"
    param = "model"


class ConversationLimitError(LimitExceededError):
    code = "conversation_limit"


class MissingRequirementsError(G4FError):
    code = "missing_requirements"


class NestAsyncioError(MissingRequirementsError):
    """Never raised: the synchronous client works inside a running loop too."""


class NoValidHarFileError(G4FError):
    status = 401
    type = "authentication_error"
    code = "no_session"


class VersionNotFoundError(G4FError):
    """Never raised: nobody is asked for the latest version."""
