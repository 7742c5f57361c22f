"""Why an attempt failed: a closed vocabulary, and what each kind looks like to the client.

An attempt raises `AttemptFailed` with the facts. Whether to retry, fall back or give up is decided elsewhere
(`g4f/router/policy.py`), and what the client is told when nothing is left to try is `ANSWERS` below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class FailureKind(StrEnum):
    """The kinds of failure of one upstream call. The value is the word used in logs, headers and metrics."""

    DNS = "dns"
    CONNECT = "connect"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    BAD_RESPONSE = "bad_response"
    TOO_LARGE = "too_large"
    CHALLENGE = "challenge"
    REDIRECT = "redirect"
    EMPTY = "empty"
    AUTH = "auth"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    GATEWAY_TIMEOUT = "gateway_timeout"
    CONFLICT = "conflict"
    BAD_REQUEST = "bad_request"
    REJECTED = "rejected"
    CONTEXT_LENGTH = "context_length"
    CONTENT_FILTER = "content_filter"
    UNSUPPORTED = "unsupported"
    """The provider's dialect has no words for what the request is about; nothing was sent."""
    DEADLINE = "deadline"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The facts of one failed attempt.

    `message` is safe to show: no credential and at most 512 characters of what the upstream said.
    `status` is the upstream's HTTP status where it gave one. `retry_after` is in seconds from now.
    `type`, `param` and `code` are the upstream's own words, kept for answers that are passed on (a 400).
    `retryable` is the upstream's `x-should-retry`, where it sent one. `cause` is the exception of a provider that is
    written in Python; its text may hold anything, so it is for the program that wrote the provider only.
    """

    kind: FailureKind
    message: str
    status: int | None = None
    retry_after: float | None = None
    type: str | None = None
    param: str | None = None
    code: str | None = None
    retryable: bool | None = None
    cause: Exception | None = field(default=None, repr=False, compare=False)


class AttemptFailed(Exception):  # noqa: N818 - it reads as what happened, and is never the client's error
    """One upstream call failed; `failure` says how."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ClientAnswer:
    """What a client is told: the HTTP status and the `type` and `code` of the error object."""

    status: int
    type: str
    code: str


_UPSTREAM = "provider_error"

ANSWERS: Mapping[FailureKind, ClientAnswer] = MappingProxyType(
    {
        FailureKind.DNS: ClientAnswer(502, _UPSTREAM, "upstream_dns_error"),
        FailureKind.CONNECT: ClientAnswer(502, _UPSTREAM, "upstream_connect_error"),
        FailureKind.CONNECT_TIMEOUT: ClientAnswer(504, _UPSTREAM, "upstream_connect_timeout"),
        FailureKind.TLS: ClientAnswer(502, _UPSTREAM, "upstream_tls_error"),
        FailureKind.PROXY: ClientAnswer(502, _UPSTREAM, "proxy_error"),
        FailureKind.TIMEOUT: ClientAnswer(504, _UPSTREAM, "upstream_timeout"),
        FailureKind.DISCONNECTED: ClientAnswer(502, _UPSTREAM, "upstream_disconnected"),
        FailureKind.BAD_RESPONSE: ClientAnswer(502, _UPSTREAM, "upstream_bad_response"),
        FailureKind.TOO_LARGE: ClientAnswer(502, _UPSTREAM, "upstream_too_large"),
        FailureKind.CHALLENGE: ClientAnswer(502, _UPSTREAM, "upstream_challenge"),
        FailureKind.REDIRECT: ClientAnswer(502, _UPSTREAM, "upstream_redirect"),
        FailureKind.EMPTY: ClientAnswer(502, _UPSTREAM, "empty_completion"),
        # Never 401 or 403: the client's own key is fine, it is ours that the provider refuses.
        FailureKind.AUTH: ClientAnswer(502, _UPSTREAM, "provider_auth_error"),
        FailureKind.QUOTA: ClientAnswer(429, "insufficient_quota", "insufficient_quota"),
        FailureKind.NOT_FOUND: ClientAnswer(404, "model_not_found", "model_not_found"),
        FailureKind.RATE_LIMITED: ClientAnswer(429, "rate_limit_error", "rate_limit_exceeded"),
        FailureKind.OVERLOADED: ClientAnswer(503, _UPSTREAM, "upstream_overloaded"),
        FailureKind.SERVER_ERROR: ClientAnswer(502, _UPSTREAM, "upstream_error"),
        FailureKind.GATEWAY_TIMEOUT: ClientAnswer(504, _UPSTREAM, "upstream_timeout"),
        FailureKind.CONFLICT: ClientAnswer(409, _UPSTREAM, "upstream_conflict"),
        FailureKind.BAD_REQUEST: ClientAnswer(400, "invalid_request_error", "invalid_request"),
        FailureKind.REJECTED: ClientAnswer(422, "invalid_request_error", "invalid_request"),
        FailureKind.CONTEXT_LENGTH: ClientAnswer(400, "invalid_request_error", "context_length_exceeded"),
        FailureKind.CONTENT_FILTER: ClientAnswer(400, "invalid_request_error", "content_filter"),
        FailureKind.UNSUPPORTED: ClientAnswer(400, "invalid_request_error", "unsupported"),
        FailureKind.DEADLINE: ClientAnswer(504, _UPSTREAM, "deadline_exceeded"),
        FailureKind.LOCAL: ClientAnswer(503, "server_error", "overloaded"),
    }
)
