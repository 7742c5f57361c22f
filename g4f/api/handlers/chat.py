"""The chats: POST /v1/chat/completions, the same at one provider or in a conversation, and those of other dialects."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from g4f.api.access import LINE
from g4f.api.admission import BYTES_PER_TOKEN, Ticket, estimate
from g4f.api.body import read_body
from g4f.api.keys import GATEWAY, STATE
from g4f.api.stream import stream_answer
from g4f.dialects.face import Front
from g4f.dialects.registry import front
from g4f.exchange.request import Dialect, Request


def chat(dialect: Dialect) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler that answers chats of a dialect, whole or streamed, by the chain of their model."""

    async def handler(request: web.Request) -> web.StreamResponse:
        face = front(dialect)
        with request[LINE].caller.allowance.admit(request.content_length or 0) as ticket:
            asked = await _decode(request, ticket, face)
            if asked.stream:
                return await stream_answer(request, asked, ticket, face)
            return await _complete(request, asked, ticket)

    return handler


async def _complete(request: web.Request, asked: Request, ticket: Ticket) -> web.Response:
    line = request[LINE]
    answer = await request.app[GATEWAY].answer(asked, line.journey, caller=line.caller.name)
    try:
        line.committed(answer)
        headers = line.headers(answer.generation) | line.route(answer)
        whole = answer.completion
        if whole is None:
            raise TypeError("a request without stream got a stream")
        return web.Response(body=whole.wire, headers=headers, content_type=whole.media_type)
    finally:
        line.finished(answer)
        ticket.settle(answer.usage)
        await answer.aclose()


async def _decode(request: web.Request, ticket: Ticket, face: Front) -> Request:
    """The chat that a request asks for, if its caller may ask for it."""
    line, server = request[LINE], request.app[STATE].server
    body = await read_body(request, limit=server.max_body, within=server.body_timeout)
    asked = face.decode_request(body, request_id=line.request_id, path=request.match_info, headers=request.headers)
    line.fields.update(model=asked.model, stream=asked.stream)
    line.caller.check_model(asked.model)
    line.body_tokens, line.reserved = len(body) // BYTES_PER_TOKEN, estimate(len(body), asked.payload)
    ticket.reserve(line.reserved)
    provider = request.match_info.get("provider") or request.query.get("provider")
    return asked if provider is None else replace(asked, provider=provider)
