"""A streamed answer: asked for and written to the client, with every error in the one form that still fits.

Until the first byte has gone out an error is an HTTP status. After it (content, or a comment to a client that waits
long) an error is an event of the stream, and the stream ends without `[DONE]`, the only form that every client is
known to raise on.
"""

import asyncio
from typing import Any

from aiohttp import web

from g4f.api.access import CLIENT_LEFT, LINE, Line
from g4f.api.admission import Ticket
from g4f.api.downstream import Downstream
from g4f.api.errors import as_error, error_body, shutting_down
from g4f.api.keys import GATEWAY, STATE
from g4f.dialects import openai_chat
from g4f.exchange.failure import ANSWERS, AttemptFailed, Failure
from g4f.exchange.request import Request
from g4f.gateway.answer import Answer

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    # nginx in front would otherwise collect the stream before it passes it on.
    "X-Accel-Buffering": "no",
}


async def stream_chat(request: web.Request, chat: Request, ticket: Ticket) -> web.StreamResponse:
    """Answer a chat as server-sent events.

    The headers say who answers, unless the first content took longer than `server.keepalive`: then they went out
    before anybody knew. Raises G4FError only while no byte has gone out.
    """
    line, state = request[LINE], request.app[STATE]
    generation = request.app[GATEWAY].snapshot.generation
    response = web.StreamResponse(headers={**_HEADERS, **line.headers(generation)})
    server = state.server
    with Downstream(request, response, keepalive=server.keepalive, write_timeout=server.write_timeout) as downstream:
        try:
            answer = await request.app[GATEWAY].chat(chat, line.journey)
            try:
                await _relay(answer, downstream, line)
            finally:
                line.finished(answer)
                ticket.settle(answer.usage)
                await answer.aclose()
        except ConnectionError:
            line.status = CLIENT_LEFT
        except asyncio.CancelledError:
            if not (downstream.started and state.grants_last_words(request)):
                raise
            await _fail(downstream, shutting_down().body(), line)
        except Exception as error:
            if not downstream.started:
                raise
            await _fail(downstream, error_body(as_error(error, line), line), line)
    return response


async def _relay(answer: Answer, downstream: Downstream, line: Line) -> None:
    line.committed(answer)
    if not downstream.started:
        downstream.response.headers.update(line.route(answer))
    try:
        async for frame in answer:
            if frame.wire:
                await downstream.write(frame.wire)
        await downstream.end(openai_chat.DONE)
    except AttemptFailed as failed:
        await _fail(downstream, _body(failed.failure), line)


async def _fail(downstream: Downstream, body: dict[str, Any], line: Line) -> None:
    """The last event of an answer that cannot be completed."""
    line.fields["code"] = body["code"]
    try:
        await downstream.end(openai_chat.encode_stream_error(body))
    except ConnectionError:
        line.status = CLIENT_LEFT


def _body(failure: Failure) -> dict[str, Any]:
    told = ANSWERS[failure.kind]
    return {"message": failure.message, "type": told.type, "param": None, "code": told.code}
