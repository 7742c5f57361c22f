"""A streamed answer: asked for and written to the client, with every error in the one form that still fits.

Until the first byte has gone out an error is an HTTP status. After it (content, or a comment to a client that waits
long) an error is an event of the stream, and the stream ends without `[DONE]`, the only form that every client is
known to raise on.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from g4f.api.access import CLIENT_LEFT, Line
from g4f.api.admission import Ticket
from g4f.api.downstream import Downstream
from g4f.api.errors import as_error, error_body, shutting_down
from g4f.api.inbound import Inbound
from g4f.errors import G4FError
from g4f.exchange.failure import ANSWERS, AttemptFailed, Failure
from g4f.exchange.request import Request
from g4f.gateway.answer import Answer

_HEADERS = {
    "Cache-Control": "no-cache",
    # nginx in front would otherwise collect the stream before it passes it on.
    "X-Accel-Buffering": "no",
}


class Wording(Protocol):
    """How a stream is written: `Front` has it for chats."""

    @property
    def media_type(self) -> str: ...

    @property
    def terminator(self) -> bytes: ...

    @property
    def keepalive(self) -> bytes: ...

    @property
    def id_header(self) -> str: ...

    def encode_stream_error(self, error: Mapping[str, Any], *, status: int, request_id: str) -> bytes:
        """What ends a stream that broke; nothing where there are no words for it, and the connection is cut."""


async def stream_answer(inbound: Inbound, asked: Request, ticket: Ticket, front: Wording) -> None:
    """Answer piece by piece, as the client's dialect has it.

    The headers say who answers, unless the first content took longer than `server.keepalive`: then they went out
    before anybody knew. Raises G4FError only while no byte has gone out.
    """
    line, state, gateway = inbound.line, inbound.state, inbound.gateway
    headers = {"Content-Type": front.media_type, **_HEADERS, **line.headers(gateway.snapshot.generation)}
    headers[front.id_header] = line.request_id
    keepalive = state.server.keepalive if front.keepalive else None
    with inbound.downstream(headers, keepalive=keepalive, comment=front.keepalive) as downstream:
        try:
            answer = await gateway.answer(asked, line.journey, caller=line.caller.name)
            try:
                await _relay(answer, downstream, line, front)
            finally:
                line.finished(answer.usage, answer.finish)
                ticket.settle(answer.usage)
                await answer.aclose()
        except ConnectionError:
            line.status = CLIENT_LEFT
        except asyncio.CancelledError:
            if not (downstream.started and state.grants_last_words(inbound)):
                raise
            await _fail(downstream, front, shutting_down(), line)
        except Exception as error:
            if not downstream.started:
                raise
            await _fail(downstream, front, as_error(error, line), line)


async def _relay(answer: Answer, downstream: Downstream, line: Line, front: Wording) -> None:
    line.committed(answer.record)
    if not downstream.started:
        downstream.headers.update(line.route(answer.record, answer.cache))
        if answer.media_type is not None:
            downstream.headers["Content-Type"] = answer.media_type
    try:
        while (room := await answer.pour(downstream.write)) is not None:
            await room
        await downstream.end(front.terminator)
    except AttemptFailed as failed:
        await _fail(downstream, front, _error(failed.failure), line)


async def _fail(downstream: Downstream, front: Wording, error: G4FError, line: Line) -> None:
    """The last event of an answer that cannot be completed."""
    wire = front.encode_stream_error(error_body(error, line), status=error.status, request_id=line.request_id)
    if not wire:
        downstream.abort()
        return
    try:
        await downstream.end(wire)
    except ConnectionError:
        line.status = CLIENT_LEFT


def _error(failure: Failure) -> G4FError:
    told = ANSWERS[failure.kind]
    return G4FError(failure.message, status=told.status, type=told.type, code=told.code)
