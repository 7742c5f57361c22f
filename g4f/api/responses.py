"""Answers as aiohttp has them."""

from collections.abc import Collection
from typing import Any

import orjson
from aiohttp import web

from g4f.api.errors import error_answer
from g4f.api.fronts import front_of
from g4f.api.keys import LINE
from g4f.api.whole import JSON_TYPE, Whole
from g4f.errors import G4FError, RequestError


def response_of(whole: Whole) -> web.Response:
    """An answer in one piece."""
    response = web.Response(body=whole.body, status=whole.status, headers=whole.headers)
    if whole.close:
        response.force_close()
    return response


def json_response(payload: Any, status: int = 200) -> web.Response:
    """A JSON answer. `payload` is anything that orjson takes."""
    return web.Response(body=orjson.dumps(payload), status=status, content_type=JSON_TYPE)


def error_response(error: G4FError, request: web.Request, *, allow: str | None = None) -> web.Response:
    """The answer for an error, in the words of the dialect that was met."""
    return response_of(error_answer(error, request[LINE], front_of(request.path, request.headers), allow=allow))


def from_http(error: web.HTTPException, request: web.Request) -> G4FError:
    """The framework's own refusals, in our form."""
    match error.status:
        case 404:
            meant = _meant(request.path, {resource.canonical for resource in request.app.router.resources()})
            hint = f"Did you mean {meant}?" if meant else "GET /v1/models is a good start."
            message = f"There is no {request.method} {request.path[:200]}. {hint}"
            return RequestError(message, status=404, code="unknown_url")
        case 405:
            allowed = error.headers.get("Allow", "")
            message = f"{request.path[:200]} does not take {request.method}; it takes {allowed}."
            return RequestError(message, status=405, code="method_not_allowed")
        case status:
            return RequestError(error.reason, status=status, code=None)


def _meant(path: str, known: Collection[str]) -> str | None:
    """The path of one of ours that somebody meant whose base URL has a slash or a `/v1` too many, or lacks one."""
    parts = [part for part in path[:200].split("/") if part]
    bare = [part for part in parts if part != "v1"]
    at_one = ["api", "{provider}", *bare[2:]]
    for tried, shape in ((parts, parts), (["v1", *bare], ["v1", *bare]), (bare, at_one)):
        if "/" + "/".join(shape) in known and (shape is not at_one or bare[:1] == ["api"]):
            return "/" + "/".join(tried)
    return None
