"""Write a streamed answer to the client, as fast as it reads and no faster."""

import asyncio

from aiohttp import web

from g4f.api.keys import STATE
from g4f.dialects import openai_chat
from g4f.exchange.failure import ANSWERS, AttemptFailed, Failure
from g4f.gateway.answer import Answer

_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    # nginx in front would otherwise collect the stream before it passes it on.
    "X-Accel-Buffering": "no",
}

_SHUTTING_DOWN = {
    "message": "The server is shutting down.",
    "type": "server_error",
    "param": None,
    "code": "shutting_down",
}


async def write_stream(request: web.Request, answer: Answer, headers: dict[str, str]) -> web.StreamResponse:
    """Send the answer as server-sent events.

    After the first content no other target can take over: an answer that breaks off ends in an error event and
    without `[DONE]`, the only form that every client is known to raise on.
    """
    response = web.StreamResponse(headers={**_HEADERS, **headers})
    await response.prepare(request)
    try:
        async for frame in answer:
            if frame.wire:
                await response.write(frame.wire)
        await response.write(openai_chat.DONE)
    except AttemptFailed as failed:
        await response.write(openai_chat.encode_stream_error(_error(failed.failure)))
    except asyncio.CancelledError:
        if request.app[STATE].draining:
            await response.write(openai_chat.encode_stream_error(_SHUTTING_DOWN))
            await response.write_eof()
        raise
    await response.write_eof()
    return response


def _error(failure: Failure) -> dict[str, str | None]:
    told = ANSWERS[failure.kind]
    return {"message": failure.message, "type": told.type, "param": None, "code": told.code}
