"""Errors in Anthropic's shape (https://docs.claude.com/en/api/errors)."""

from collections.abc import Mapping
from typing import Any

import orjson

from g4f.dialects.anthropic.wire import event_of

_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def _body(error: Mapping[str, Any], status: int, request_id: str) -> dict[str, Any]:
    """The type is by the status, as clients decide by either; what else is known of the error stays beside it."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    more = {key: value for key, value in error.items() if value is not None}
    return {"type": "error", "error": {**more, "type": kind}, "request_id": request_id}


def encode_error(error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
    """The body of an answer with an error."""
    return orjson.dumps(_body(error, status, request_id))


def encode_stream_error(error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
    """The event that ends a broken stream."""
    return event_of(_body(error, status, request_id))
