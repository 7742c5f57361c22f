"""What every request goes through, in one layer: an id, the key, the error body and the line in the log.

It is one middleware on purpose: each layer costs every request, and the order inside is then visible here.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from g4f.api.access import CLIENT_LEFT, new_line
from g4f.api.auth import OPEN_DOOR, Door
from g4f.api.by_aiohttp import is_large, write_large
from g4f.api.cors import preflight
from g4f.api.gate import told_of
from g4f.api.keys import DOOR, GATEWAY, LINE, STATE
from g4f.api.responses import error_response, from_http
from g4f.api.state import ServerState
from g4f.api.wire import SERVER

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: The routes that need no key: they say whether the process lives and can serve, and what is the same everywhere.
OPEN_ROUTES = frozenset({"livez", "readyz", "openapi.json", "docs", "chat", "chat_as_typed"})
#: The route of files that the configuration may make public.
MEDIA_ROUTE = "media"
#: The operator's routes: they are served, above all, while the server has too much to do.
OPERATOR_ROUTES = ("/metrics", "/admin/")


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Decide on the matched route, serve, and answer every error in the form of the dialect."""
    line = new_line()
    request[LINE] = line
    state = request.app[STATE]
    allowed = preflight(request, state.server.cors)
    if allowed is not None:
        return _signed(allowed, request, state)
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
        return await write_large(request, response)
    except ConnectionError:
        raise asyncio.CancelledError from None  # the client left, as a cancellation says everywhere else


async def _answer(request: web.Request, handler: Handler, state: ServerState) -> web.StreamResponse:
    line = request[LINE]
    try:
        line.caller = _door(request, state).identify(request)
        if not _is_operators(request):
            state.check_load()
        return await handler(request)
    except web.HTTPException as error:
        return error_response(from_http(error, request), request, allow=error.headers.get("Allow"))
    except BaseException as error:  # noqa: BLE001 - it is raised again where nobody is left to be told
        return error_response(told_of(error, state, request, line), request)


def _signed(response: web.StreamResponse, request: web.Request, state: ServerState) -> web.StreamResponse:
    """What every answer carries, and whether another request may follow on its connection."""
    response.headers[hdrs.SERVER] = SERVER
    if not response.prepared and "x-request-id" not in response.headers:
        response.headers.update(request[LINE].headers(request.app[GATEWAY].snapshot.generation))
    if state.draining:
        response.force_close()
    return response


def _door(request: web.Request, state: ServerState) -> Door:
    if request.match_info.route.name == MEDIA_ROUTE and request.app[GATEWAY].snapshot.config.media.public:
        return OPEN_DOOR
    own = request.app.get(DOOR)
    return state.doorkeeper if own is None else own


def _is_operators(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical.startswith(OPERATOR_ROUTES)
