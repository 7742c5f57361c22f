"""What every request goes through, in one layer: an id, the key, the error body and the line in the log.

It is one middleware on purpose: each layer costs every request, and the order inside is then visible here.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from g4f.api.access import CLIENT_LEFT, LINE, new_line
from g4f.api.downstream import is_large, write_large
from g4f.api.errors import as_error, error_response, from_http, shutting_down
from g4f.api.keys import DOOR, GATEWAY, STATE, ServerState

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: The routes that need no key: they say nothing but whether the process lives and can serve.
OPEN_ROUTES = frozenset({"livez", "readyz"})
#: The operator's routes: they are served, above all, while the server has too much to do.
OPERATOR_ROUTES = ("/metrics", "/admin/")


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Decide on the matched route, serve, and answer every error in the form of the dialect."""
    line = new_line()
    request[LINE] = line
    state = request.app[STATE]
    if request.match_info.route.name in OPEN_ROUTES:
        return _signed(await handler(request), request, state)
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - aiohttp serves in a task
    state.enter(task, request)
    status = CLIENT_LEFT
    try:
        response = await _serve(request, handler, state)
        status = line.status or response.status
        return response
    finally:
        state.leave(task)
        resource = request.match_info.route.resource
        line.close(request.method, resource.canonical if resource else None, status)
        state.journal.add(line)


async def _serve(request: web.Request, handler: Handler, state: ServerState) -> web.StreamResponse:
    response = _signed(await _answer(request, handler, state), request, state)
    if not isinstance(response, web.Response) or not is_large(response) or request.method == "HEAD":
        return response
    try:
        return await write_large(request, response, write_timeout=state.server.write_timeout)
    except ConnectionError:
        raise asyncio.CancelledError from None  # the client left, as a cancellation says everywhere else


async def _answer(request: web.Request, handler: Handler, state: ServerState) -> web.StreamResponse:
    line = request[LINE]
    try:
        line.caller = (request.app.get(DOOR) or state.doorkeeper).identify(request)
        if not _is_operators(request):
            state.check_load()
        return await handler(request)
    except web.HTTPException as error:
        return error_response(from_http(error, request), request, allow=error.headers.get("Allow"))
    except asyncio.CancelledError:
        if not state.grants_last_words(request):
            raise
        return error_response(shutting_down(), request)
    except ConnectionError as error:
        if request.transport is None:  # the client left within its body
            raise asyncio.CancelledError from None
        return error_response(as_error(error, line), request)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug is a 500, not a dropped connection
        return error_response(as_error(error, line), request)


def _signed(response: web.StreamResponse, request: web.Request, state: ServerState) -> web.StreamResponse:
    """What every answer carries, and whether another request may follow on its connection."""
    if not response.prepared and "x-request-id" not in response.headers:
        response.headers.update(request[LINE].headers(request.app[GATEWAY].snapshot.generation))
    if state.draining:
        response.force_close()
    return response


def _is_operators(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical.startswith(OPERATOR_ROUTES)
