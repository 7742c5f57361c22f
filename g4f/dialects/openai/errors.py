"""What an upstream's error means: status, headers and body in, one `Failure` out.

The upstream's words are shown only after `scrub`: none of our secrets, nothing that looks like a key, no
HTML, one line of at most 512 characters. Kinds follow the fault catalogue: the words of the body refine the
status, they never make a client's mistake of what is the provider's.
"""

from collections.abc import Collection, Mapping
from typing import Any

from g4f.dialects.openai.wire import loads
from g4f.dialects.scrub import scrub
from g4f.exchange import retry_after
from g4f.exchange.failure import Failure, FailureKind

_WORD = 128
"""The longest `type`, `param` or `code` that is kept."""

_STATUS_OF_TYPE: Mapping[str, int] = {
    # OpenAI, Anthropic and those who copy them
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "permission_error": 403,
    "permission_denied_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "requests": 429,
    "tokens": 429,
    "api_error": 500,
    "server_error": 500,
    "internal_server_error": 500,
    "service_unavailable": 503,
    "timeout_error": 504,
    "overloaded_error": 529,
    "overloaded": 529,
    # google.rpc.Code, as Gemini writes it into `status`
    "invalid_argument": 400,
    "failed_precondition": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "resource_exhausted": 429,
    "internal": 500,
    "unavailable": 503,
    "deadline_exceeded": 504,
}

_KIND_OF_STATUS: Mapping[int, FailureKind] = {
    401: FailureKind.AUTH,
    402: FailureKind.QUOTA,
    403: FailureKind.AUTH,
    404: FailureKind.NOT_FOUND,
    407: FailureKind.PROXY,
    # The upstream gave up waiting, as with a 504: the same retry and the same answer (catalogue row 29).
    408: FailureKind.GATEWAY_TIMEOUT,
    409: FailureKind.CONFLICT,
    410: FailureKind.NOT_FOUND,
    413: FailureKind.REJECTED,
    422: FailureKind.REJECTED,
    425: FailureKind.CONFLICT,
    429: FailureKind.RATE_LIMITED,
    498: FailureKind.OVERLOADED,  # Groq: flex tier capacity exceeded
    503: FailureKind.OVERLOADED,
    504: FailureKind.GATEWAY_TIMEOUT,
    529: FailureKind.OVERLOADED,  # Anthropic
}

_CONTEXT_CODES = frozenset({"context_length_exceeded", "context_window_exceeded", "string_above_max_length"})
_CONTEXT_PHRASES = (
    "maximum context length",
    "context length exceeded",
    "exceeds the context window",
    "exceed context window",
    "context window of this model",
    "prompt is too long",
    "input is too long",
    "reduce the length of the messages",
    "maximum number of tokens allowed",
)
_FILTER_CODES = frozenset(
    {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"}
)
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error", "insufficient_balance"})
_QUOTA_PHRASES = (
    "credit balance is too low",
    "insufficient balance",
    "insufficient credits",
    "insufficient funds",
)
_KEY_CODES = frozenset({"invalid_api_key", "api_key_invalid", "authentication_error"})
_KEY_PHRASES = ("api key not valid", "api key expired", "invalid api key", "incorrect api key")
_MODEL_CODES = frozenset({"model_not_found", "model_not_exist", "unknown_model", "invalid_model"})
_MODEL_PHRASES = ("is not a valid model", "model does not exist", "model not found", "model not exist")
_OVERLOAD_CODES = frozenset({"overloaded_error", "overloaded"})

_CHALLENGE_MARKS = (b"cloudflare", b"just a moment", b"captcha", b"challenge", b"attention required")
_PAGE_START = 16384

_WAITED_OUT = frozenset(
    {FailureKind.OVERLOADED, FailureKind.SERVER_ERROR, FailureKind.GATEWAY_TIMEOUT, FailureKind.CONFLICT}
)


def decode_error(
    *, status: int, headers: Mapping[str, str], body: bytes, now: float, secrets: Collection[str]
) -> Failure:
    """The failure that an answer other than a good one stands for.

    `headers` must find lower-case names; `now` is the wall clock in seconds (for `Retry-After` dates);
    `secrets` are the credentials of this call, which upstreams like to repeat in their errors.
    """
    page = _is_page(headers, body)
    error = {} if page else _error_object(body)
    kind = _kind(status, error)
    if page and _is_challenge(status, headers, body):
        kind = FailureKind.CHALLENGE
    message = scrub(_message(error), secrets)
    if not message:
        message = f"the upstream answered {status}" + (" with an HTML page" if page else "")
    return Failure(
        kind=kind,
        message=message,
        status=status,
        retry_after=_wait(kind, headers, error, now),
        type=_word(error, "type", secrets),
        param=_word(error, "param", secrets),
        code=_word(error, "code", secrets),
        retryable=_retryable(status, headers.get("x-should-retry", "")),
    )


def failure_of_error(error: Any, *, secrets: Collection[str] = ()) -> Failure:
    """The failure of an error object inside a 200 or a stream: by its code or type, as if that had been the
    status.

    An error that names neither is the server's.
    """
    error = error if isinstance(error, dict) else {"message": error}
    status = _inner_status(error)
    kind = _kind(status or 500, error)
    return Failure(
        kind=kind,
        message=scrub(_message(error), secrets) or "the upstream answered with an error",
        status=status,
        retry_after=_wait(kind, {}, error, 0.0),
        type=_word(error, "type", secrets),
        param=_word(error, "param", secrets),
        code=_word(error, "code", secrets),
        retryable=_retryable(status or 500, ""),
    )


def _retryable(status: int, asked: str) -> bool | None:
    """What the upstream says of trying again. Anthropic's 529 says no, and so does a status that HTTP does not know."""
    said = {"true": True, "false": False}.get(asked.strip().lower())
    hopeless = status == 529 or not 200 <= status < 600
    return False if said is None and hopeless else said


def _inner_status(error: Mapping[str, Any]) -> int | None:
    for key in ("code", "status", "status_code", "type"):
        value = error.get(key)
        if isinstance(value, str):
            digits = len(value) == 3 and value.isascii() and value.isdigit()
            value = int(value) if digits else _STATUS_OF_TYPE.get(value.lower())
        if type(value) is int and 400 <= value < 600:
            return value
    return None


def _error_object(body: bytes) -> dict[str, Any]:
    """The error object of a body, whichever shape it has.

    Seen: `{"error": {..}}` (OpenAI, Anthropic), the same in a list (Gemini), `{"error": "text"}` (Ollama,
    Hugging Face), `{"message": ..}` (Cohere, vLLM), `{"detail": ..}` (FastAPI), plain text.
    """
    try:
        value, _ = loads(body)
    except ValueError:
        return {"message": body[:_PAGE_START].decode("utf-8", "replace")}
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return {"message": value}
    inner = value.get("error")
    if isinstance(inner, dict):
        return inner
    if isinstance(inner, str) and "message" not in value:
        return {**value, "message": inner}
    return value


def _message(error: Mapping[str, Any]) -> str:
    message = _text(error.get("message")) or _text(error.get("detail"))
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None  # OpenRouter: what its provider said
    return f"{message}: {raw}" if isinstance(raw, str) and raw else message


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_detail, value[:8])))
    return _text(value.get("message") or value.get("msg")) if isinstance(value, dict) else ""


def _detail(item: Any) -> str:
    """One item of FastAPI's list: `body.model: field required`."""
    if not isinstance(item, dict):
        return item if isinstance(item, str) else ""
    place = item.get("loc")
    path = ".".join(map(str, place)) if isinstance(place, list) else ""
    text = item.get("msg") or item.get("message")
    return ": ".join(filter(None, (path, text if isinstance(text, str) else "")))


def _word(error: Mapping[str, Any], key: str, secrets: Collection[str]) -> str | None:
    value = error.get(key)
    return scrub(value, secrets, limit=_WORD) or None if isinstance(value, str) else None


def _kind(status: int, error: Mapping[str, Any]) -> FailureKind:
    if status < 200 or status >= 600:
        return FailureKind.BAD_RESPONSE
    if status < 400:
        return FailureKind.REDIRECT if status >= 300 else FailureKind.BAD_RESPONSE
    words = _words(error)
    said = _message(error).lower()
    if status < 500:
        refined = _client_kind(status, words, said)
        default = FailureKind.BAD_REQUEST
    else:
        refined = FailureKind.OVERLOADED if words & _OVERLOAD_CODES else None
        default = FailureKind.SERVER_ERROR
    return refined or _KIND_OF_STATUS.get(status, default)


def _client_kind(status: int, words: frozenset[str], said: str) -> FailureKind | None:
    """What the words say that the status 4xx does not."""
    if words & _QUOTA_CODES or _any(_QUOTA_PHRASES, said):
        return FailureKind.QUOTA
    if status in (400, 403, 413, 422):
        if words & _CONTEXT_CODES or _any(_CONTEXT_PHRASES, said):
            return FailureKind.CONTEXT_LENGTH
        if words & _FILTER_CODES:
            return FailureKind.CONTENT_FILTER
        if words & _MODEL_CODES or _any(_MODEL_PHRASES, said):
            return FailureKind.NOT_FOUND
    if status == 400 and (words & _KEY_CODES or _any(_KEY_PHRASES, said)):
        return FailureKind.AUTH  # Gemini says 400 to a bad key
    return None


def _words(error: Mapping[str, Any]) -> frozenset[str]:
    """The machine-readable words of an error, in lower case: its code, its type, the reasons in its
    details.
    """
    words = [error.get("code"), error.get("type"), error.get("status")]
    inner = error.get("innererror")  # Azure
    words.append(inner.get("code") if isinstance(inner, dict) else None)
    metadata = error.get("metadata")
    if isinstance(metadata, dict) and "flagged_input" in metadata:  # OpenRouter's moderation
        words.append("content_policy_violation")
    words += [detail.get("reason") for detail in _details(error)]
    return frozenset(word.lower() for word in words if isinstance(word, str))


def _details(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    details = error.get("details")
    return [item for item in details if isinstance(item, dict)] if isinstance(details, list) else []


def _any(phrases: Collection[str], said: str) -> bool:
    return any(phrase in said for phrase in phrases)


def _wait(kind: FailureKind, headers: Mapping[str, str], error: Mapping[str, Any], now: float) -> float | None:
    """Seconds to wait, where waiting may help. Only a rate limit is told by when its limits reset."""
    if kind is FailureKind.RATE_LIMITED:
        asked = retry_after.asked(headers, now=now)
        if asked is None:
            asked = _retry_delay(error)
        return asked if asked is not None else retry_after.until_reset(headers, now=now)
    return retry_after.asked(headers, now=now) if kind in _WAITED_OUT else None


def _retry_delay(error: Mapping[str, Any]) -> float | None:
    """Seconds of Gemini's `google.rpc.RetryInfo`."""
    for detail in _details(error):
        delay = detail.get("retryDelay")
        if isinstance(delay, str):
            return retry_after.duration(delay)
    return None


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    return "text/html" in headers.get("content-type", "").lower() or body.lstrip()[:1] == b"<"


def _is_challenge(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a page is a bot check. A 503 page may also be that of a plain proxy: that one names no
    challenge.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge" or status in (200, 403):
        return True
    start = body[:_PAGE_START].lower()
    return status == 503 and any(mark in start for mark in _CHALLENGE_MARKS)
