"""What every request goes through, in one layer: an id, the key, the error body and the line in the log.

It is one middleware on purpose: each layer costs every request, and the order inside is then visible here.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from g4f import log
from g4f.api.access import LINE, Line
from g4f.api.errors import error_response, from_http
from g4f.api.keys import GATEWAY, STATE
from g4f.errors import G4FError

_log = log.get()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: The routes that need no key: they say nothing but whether the process lives and can serve.
OPEN_ROUTES = frozenset({"livez", "readyz"})


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Decide on the matched route, serve, and answer every error in OpenAI's form."""
    line = Line(request_id=f"req_{uuid.uuid4().hex}", started=time.perf_counter())
    request[LINE] = line
    state = request.app[STATE]
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - aiohttp serves in a task
    state.running.add(task)
    status = 499
    try:
        response = await _serve(request, handler)
        status = response.status
        return response
    finally:
        state.running.discard(task)
        if request.match_info.route.name not in OPEN_ROUTES:
            line.write(request, status)


async def _serve(request: web.Request, handler: Handler) -> web.StreamResponse:
    line = request[LINE]
    try:
        if request.match_info.route.name not in OPEN_ROUTES:
            line.caller = request.app[STATE].doorkeeper.identify(request)
        response = await handler(request)
    except G4FError as error:
        response = error_response(error, line)
    except web.HTTPException as error:
        response = error_response(from_http(error, request), line, allow=error.headers.get("Allow"))
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is a 500, not a dropped connection
        _log.error("request.crashed", request_id=line.request_id, exception=type(error).__name__, where=_where(error))
        response = error_response(G4FError("An internal error occurred; the log has it under the request id."), line)
    if not response.prepared:
        response.headers["x-request-id"] = line.request_id
        response.headers["x-g4f-generation"] = str(request.app[GATEWAY].snapshot.generation)
    return response


def _where(error: BaseException) -> str:
    """The innermost place of a traceback, without the exception's text, which may hold what a client sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
