"""Errors as HTTP answers, always in the form `{"error": {message, type, param, code}}`."""

import math

import orjson
from aiohttp import web

from g4f.api.access import Line
from g4f.errors import ExhaustedError, G4FError, RequestError

#: Seconds. OpenAI's and Anthropic's SDKs sleep as long as they are told, so a client is never told more.
LONGEST_RETRY_AFTER = 60.0


def error_response(error: G4FError, line: Line, *, allow: str | None = None) -> web.Response:
    """The answer for an error, with the headers a client can act on."""
    body = error.body()
    headers: dict[str, str] = {}
    if isinstance(error, ExhaustedError):
        body["attempts"] = list(error.attempts)
        # SDKs would otherwise repeat the whole walk of the chain, twice.
        headers["x-should-retry"] = "false"
        headers["x-g4f-attempts"] = str(len(error.attempts))
        line.fields["attempts"] = len(error.attempts)
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(min(error.retry_after, LONGEST_RETRY_AFTER)))
    if allow:
        headers["Allow"] = allow
    line.fields["code"] = error.code
    return web.Response(
        body=orjson.dumps({"error": body}),
        status=error.status,
        headers=headers,
        content_type="application/json",
    )


def from_http(error: web.HTTPException, request: web.Request) -> G4FError:
    """The framework's own refusals, in our form."""
    match error.status:
        case 404:
            message = f"There is no {request.method} {request.path[:200]}. GET /v1/models is a good start."
            return RequestError(message, status=404, code="unknown_url")
        case 405:
            allowed = error.headers.get("Allow", "")
            message = f"{request.path[:200]} does not take {request.method}; it takes {allowed}."
            return RequestError(message, status=405, code="method_not_allowed")
        case 413:
            limit = request.client_max_size
            return RequestError(f"The body is over {limit} bytes (server.max_body).", status=413, code="body_too_large")
        case status:
            return RequestError(error.reason, status=status, code=None)
