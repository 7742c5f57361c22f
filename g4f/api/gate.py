"""What every request passes before its handler, and what becomes of every exception: the same on each way in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from g4f.api.access import Line
from g4f.api.auth import Door, Visitor
from g4f.api.errors import as_error, shutting_down
from g4f.api.keys import ServerState
from g4f.errors import G4FError

T = TypeVar("T")


async def guarded(
    state: ServerState,
    door: Door,
    client: Visitor,
    line: Line,
    serve: Callable[[], Awaitable[T]],
    *,
    whatever_load: bool = False,
) -> T | G4FError:
    """What `serve` gives to a client whose key is good, if there is room for it; else the error it is told.

    Raises aiohttp's own HTTPException, and CancelledError where nobody is left to be told.
    """
    try:
        line.caller = door.identify(client)
        if not whatever_load:
            state.check_load()
        return await serve()
    except web.HTTPException:
        raise
    except BaseException as error:  # noqa: BLE001 - it is raised again where nobody is left to be told
        return told_of(error, state, client, line)


def told_of(error: BaseException, state: ServerState, client: Visitor, line: Line) -> G4FError:
    """What a client is told of an exception. Raises CancelledError, or the exception, where nobody is to be told."""
    if isinstance(error, asyncio.CancelledError):
        if state.grants_last_words(client):
            return shutting_down()
        raise error
    if isinstance(error, ConnectionError) and client.transport is None:
        raise asyncio.CancelledError from None  # the client left within its body
    if not isinstance(error, Exception):
        raise error
    return as_error(error, line)  # the last line of defence: a bug is a 500, not a dropped connection
