"""Which web pages may use the server from a browser (the Fetch standard, 3.2): those that the file names.

A page is told nothing about an origin that is not named, and no cookie is ever used, so a page needs a key as everybody
does. Requests with an `Origin` take aiohttp's way, and so pass here; a preflight needs no key.
"""

import re

from aiohttp import hdrs, web

from g4f.api.keys import STATE
from g4f.config.server import Cors

_METHODS = "GET, POST, DELETE, HEAD, OPTIONS"
#: What a page may read beside the few headers that it always may.
_EXPOSED = ", ".join(
    (
        *("retry-after", "x-request-id", "x-g4f-provider", "x-g4f-attempts", "x-g4f-trail"),
        *("x-g4f-dropped", "x-g4f-generation", "x-g4f-cache"),
    )
)
_HEADER_NAMES = re.compile(r"[A-Za-z0-9-]{1,64}(?: *, *[A-Za-z0-9-]{1,64}){0,63}")
_PRIVATE_NETWORK = "Access-Control-Request-Private-Network"


async def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """aiohttp's hook before an answer's head is written: say to a named origin that it may read the answer."""
    cors = request.app[STATE].server.cors
    if not cors.origins:
        return
    response.headers.add(hdrs.VARY, hdrs.ORIGIN)
    origin = _named(request, cors)
    if origin is not None:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = _EXPOSED


def preflight(request: web.Request, cors: Cors) -> web.Response | None:
    """The answer to a browser that asks whether its page may send a request; None for what is no such question, or
    comes from an origin that is not named."""
    if request.method != hdrs.METH_OPTIONS or hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
        return None
    if _named(request, cors) is None:
        return None
    headers: dict[str, str] = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: _METHODS,
        hdrs.ACCESS_CONTROL_MAX_AGE: str(round(cors.max_age)),
    }
    asked = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS, "")
    if _HEADER_NAMES.fullmatch(asked):
        headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = asked
    if request.headers.get(_PRIVATE_NETWORK) == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return web.Response(status=204, headers=headers)


def _named(request: web.Request, cors: Cors) -> str | None:
    """The request's origin, if the file names it."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None or not ("*" in cors.origins or origin in cors.origins):
        return None
    return "*" if "*" in cors.origins else origin
