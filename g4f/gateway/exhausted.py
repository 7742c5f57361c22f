"""The one error a client gets when its chain ended without an answer."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from g4f.errors import (
    BadRequestError,
    CloudflareError,
    ExhaustedError,
    G4FError,
    MissingAuthError,
    NoMediaResponseError,
    PaymentRequiredError,
    ProviderNotWorkingError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    RetryNoProviderError,
    TimeoutError,  # noqa: A004 - the class of that name that users catch
)
from g4f.exchange.failure import ANSWERS, Failure, FailureKind
from g4f.exchange.request import Operation, Request
from g4f.gateway.record import AttemptRecord, Journey
from g4f.router.health import Health
from g4f.router.resolution import Skip, SkipReason

#: Failures that are the request's own: what the upstream said is passed on as the answer.
_PASSED_ON = frozenset(
    {
        FailureKind.BAD_REQUEST,
        FailureKind.REJECTED,
        FailureKind.CONTEXT_LENGTH,
        FailureKind.CONTENT_FILTER,
    }
)


#: Failures whose cooldown tells the client nothing about when to come back: somebody must act first.
_NEEDS_SOMEBODY = frozenset({FailureKind.AUTH, FailureKind.QUOTA, FailureKind.NOT_FOUND})


#: The class of the error for a chain whose attempts all failed alike, where there is a finer one.
_CLASSES: Mapping[FailureKind, type[ExhaustedError]] = MappingProxyType(
    {
        FailureKind.CONNECT_TIMEOUT: TimeoutError,
        FailureKind.TIMEOUT: TimeoutError,
        FailureKind.GATEWAY_TIMEOUT: TimeoutError,
        FailureKind.DEADLINE: TimeoutError,
        FailureKind.BAD_RESPONSE: ResponseError,
        FailureKind.TOO_LARGE: ResponseError,
        FailureKind.REDIRECT: ResponseStatusError,
        FailureKind.OVERLOADED: ResponseStatusError,
        FailureKind.SERVER_ERROR: ResponseStatusError,
        FailureKind.CONFLICT: ResponseStatusError,
        FailureKind.CHALLENGE: CloudflareError,
        FailureKind.EMPTY: RetryNoProviderError,
        FailureKind.AUTH: MissingAuthError,
        FailureKind.QUOTA: PaymentRequiredError,
        FailureKind.RATE_LIMITED: RateLimitError,
        FailureKind.BAD_REQUEST: BadRequestError,
        FailureKind.REJECTED: BadRequestError,
        FailureKind.CONTEXT_LENGTH: BadRequestError,
        FailureKind.CONTENT_FILTER: BadRequestError,
    }
)

#: What makes something else than a text.
_MEDIA = frozenset({Operation.IMAGE_GENERATION, Operation.IMAGE_EDIT, Operation.IMAGE_VARIATION, Operation.SPEECH})
#: What says nothing about the providers, whatever happened before it.
_OURS = frozenset({FailureKind.DEADLINE, FailureKind.LOCAL})
#: Seconds until this machine may have recovered.
_LOCAL_PAUSE = 1.0


def exhausted(
    request: Request, journey: Journey, last: Failure | None, health: Health, *, able: Sequence[str] = ()
) -> G4FError:
    """The error for a walk that got no answer; `last` is None when nothing could be tried at all, and `able` names
    models that could do what the request needs."""
    if last is None:
        return _nothing_to_try(request, journey, health, able)
    if last.kind in _PASSED_ON:
        return _passed_on(last, journey)
    kinds = {record.failure.kind for record in journey.attempts if record.failure}
    alike = len(kinds) == 1 or last.kind in _OURS
    error = error_class(last.kind if alike else None, request.operation)(
        f"No provider answered for model {request.model!r}: {_story(journey)}.",
        retry_after=_retry_after(journey, health),
    )
    if alike:
        answer = ANSWERS[last.kind]
        if last.kind is FailureKind.LOCAL:
            error.retry_after = _LOCAL_PAUSE
        error.status, error.type, error.code = answer.status, answer.type, answer.code
    elif error.retry_after is not None:
        error.status = 503
    return _with_attempts(error, journey)


def broken_off(failure: Failure, journey: Journey) -> ExhaustedError:
    """The error for an answer that broke off after its first content: nobody takes over."""
    answer = ANSWERS[failure.kind]
    error = error_class(failure.kind)(failure.message, status=answer.status, type=answer.type, code=answer.code)
    return _with_attempts(error, journey)


def _with_attempts(error: ExhaustedError, journey: Journey) -> ExhaustedError:
    error.attempts = [record.public() for record in journey.attempts]
    error.causes = [r.failure.cause for r in journey.attempts if r.failure is not None and r.failure.cause is not None]
    return error


def error_class(kind: FailureKind | None, operation: Operation = Operation.CHAT) -> type[ExhaustedError]:
    """The class for attempts that all failed in this way; None: in several."""
    if kind is FailureKind.EMPTY and operation in _MEDIA:
        return NoMediaResponseError
    return ExhaustedError if kind is None else _CLASSES.get(kind, ExhaustedError)


def _passed_on(failure: Failure, journey: Journey) -> ExhaustedError:
    answer = ANSWERS[failure.kind]
    status = failure.status if failure.status and 400 <= failure.status < 500 else answer.status
    error = error_class(failure.kind)(
        failure.message,
        status=status,
        type=failure.type or answer.type,
        code=failure.code or answer.code,
        param=failure.param,
    )
    return _with_attempts(error, journey)


def _nothing_to_try(request: Request, journey: Journey, health: Health, able: Sequence[str]) -> ProviderNotWorkingError:
    reasons = "; ".join(dict.fromkeys(_skip(skip, health) for skip in journey.skipped))
    message = f"No provider is available for model {request.model!r}: {reasons}."
    if journey.skipped and all(skip.reason is SkipReason.NO_KEY for skip in journey.skipped):
        return MissingAuthError(message, status=503, code=ProviderNotWorkingError.code)
    if journey.skipped and all(skip.reason is SkipReason.LACKS for skip in journey.skipped):
        told = ANSWERS[FailureKind.UNSUPPORTED]  # coming back later would not help
        message += _needed(request, able)
        return ProviderNotWorkingError(message, status=told.status, type=told.type, code=told.code)
    return ProviderNotWorkingError(message, retry_after=_retry_after(journey, health))


def _needed(request: Request, able: Sequence[str]) -> str:
    """What a request asks for beyond text, and who could answer it."""
    if not request.needs:
        return ""
    could = f"{', '.join(able)} can." if able else "no model here can."
    return f" The request needs {', '.join(sorted(request.needs))}: {could}"


def _story(journey: Journey) -> str:
    told = [_attempt(record) for record in journey.attempts]
    if journey.skipped:
        told.append("skipped " + ", ".join(f"{s.provider} ({s.reason.value})" for s in journey.skipped))
    return "; ".join(told)


def _attempt(record: AttemptRecord) -> str:
    failure = record.failure
    if failure is None:
        return record.target.provider
    status = f" {failure.status}" if failure.status else ""
    return f"{record.target.provider}: {failure.kind.value}{status} after {record.ms} ms ({failure.message})"


def _skip(skip: Skip, health: Health) -> str:
    until = "" if skip.until is None else f" for {math.ceil(max(skip.until - health.now(), 0))} s more"
    return f"{skip.provider} {skip.reason.value} ({skip.detail}{until})"


def _retry_after(journey: Journey, health: Health) -> float | None:
    """Seconds until the first of the chain's targets can be used again, where that is known."""
    waits = [skip.until - health.now() for skip in journey.skipped if skip.until is not None]
    for record in journey.attempts:
        cooldown = health.cooldown(*record.target.site)
        if cooldown is not None and cooldown.kind not in _NEEDS_SOMEBODY:
            waits.append(cooldown.until - health.now())
    return max(min(waits), 0.0) if waits else None
