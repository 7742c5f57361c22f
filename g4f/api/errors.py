"""Errors as HTTP answers: OpenAI's form, `{"error": {message, type, param, code}}`, unless another dialect was met."""

import math
from typing import Any

from g4f import log
from g4f.api.access import Line
from g4f.api.whole import JSON_TYPE, Whole
from g4f.dialects.face import Front
from g4f.dialects.fields import too_deep
from g4f.errors import (
    BudgetExceededError,
    ExhaustedError,
    G4FError,
    ProviderNotWorkingError,
    UnavailableError,
)

_log = log.get()

#: Seconds. OpenAI's and Anthropic's SDKs sleep as long as they are told, so a client is never told more.
LONGEST_RETRY_AFTER = 60.0


#: After these the rest of the body is not worth reading: the client is asked to close the connection.
_BODY_UNREAD = frozenset({408, 413, 415})


def error_body(error: G4FError, line: Line) -> dict[str, Any]:
    """The error object of an error, noted in the log's line."""
    body = error.body()
    if isinstance(error, ExhaustedError):
        body["attempts"] = list(error.attempts)
    line.fields["code"] = error.code
    return body


def error_answer(error: G4FError, line: Line, front: Front, *, allow: str | None = None) -> Whole:
    """The answer for an error in the words of a dialect, with the headers a client can act on."""
    headers = {"Content-Type": JSON_TYPE, front.id_header: line.request_id}
    if isinstance(error, ExhaustedError):
        # SDKs would otherwise repeat the whole walk of the chain, twice.
        headers["x-should-retry"] = "false"
        headers["x-g4f-attempts"] = str(len(error.attempts))
    longest = LONGEST_RETRY_AFTER
    if isinstance(error, BudgetExceededError):
        headers["x-should-retry"] = "false"  # so that nobody sleeps until the end of the window
        longest = math.inf
    wait = math.inf if error.retry_after is None else error.retry_after
    if isinstance(error, ProviderNotWorkingError) and wait > LONGEST_RETRY_AFTER:
        headers["x-should-retry"] = "false"  # SDKs would sleep as long as they are told, for the same answer
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(min(error.retry_after, longest)))
    if allow:
        headers["Allow"] = allow
    body = front.encode_error(error_body(error, line), status=error.status, request_id=line.request_id)
    return Whole(error.status, body, headers, close=error.status in _BODY_UNREAD)


def as_error(error: Exception, line: Line) -> G4FError:
    """Any exception as an error that a client may see. What is not ours is a bug, and is logged without its text."""
    if isinstance(error, G4FError):
        return error
    if isinstance(error, RecursionError):
        return too_deep()  # only what a client sent is followed level by level
    _log.error("request.crashed", request_id=line.request_id, exception=type(error).__name__, where=_where(error))
    return G4FError("An internal error occurred; the log has it under the request id.")


def shutting_down() -> UnavailableError:
    """The answer for requests that a shutdown has no more time for."""
    return UnavailableError("The server is shutting down.", code="shutting_down")


def _where(error: BaseException) -> str:
    """The innermost place of a traceback, without the exception's text, which may hold what a client sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
