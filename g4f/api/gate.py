"""What becomes of every exception: the same on each way in."""

import asyncio

from g4f.api.access import Line
from g4f.api.auth import Visitor
from g4f.api.errors import as_error, shutting_down
from g4f.api.state import ServerState
from g4f.errors import G4FError


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
