"""POST /v1/chat/completions and /api/{provider}/chat/completions."""

from dataclasses import replace

from aiohttp import web

from g4f.api.access import LINE
from g4f.api.admission import Ticket, estimate
from g4f.api.body import read_body
from g4f.api.keys import GATEWAY, STATE
from g4f.api.stream import stream_chat
from g4f.dialects import openai_chat
from g4f.errors import ForbiddenError
from g4f.exchange.request import Request


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """Answer a chat, whole or streamed, by the chain of its model."""
    line = request[LINE]
    with line.caller.allowance.admit(request.content_length or 0) as ticket:
        chat = await _decode(request, ticket)
        if chat.stream:
            return await stream_chat(request, chat, ticket)
        return await _complete(request, chat, ticket)


async def _complete(request: web.Request, chat: Request, ticket: Ticket) -> web.Response:
    line = request[LINE]
    answer = await request.app[GATEWAY].chat(chat, line.journey)
    try:
        line.committed(answer)
        headers = line.headers(answer.generation) | line.route(answer)
        body = answer.completion.wire if answer.completion else b""
        return web.Response(body=body, headers=headers, content_type="application/json")
    finally:
        line.finished(answer)
        ticket.settle(answer.usage)
        await answer.aclose()


async def _decode(request: web.Request, ticket: Ticket) -> Request:
    """The chat that a request asks for, if its caller may ask for it."""
    line, server = request[LINE], request.app[STATE].server
    body = await read_body(request, limit=server.max_body, within=server.body_timeout)
    chat = openai_chat.decode_request(body, request_id=line.request_id)
    line.fields.update(model=chat.model, stream=chat.stream)
    line.caller.check_model(chat.model)
    if chat.proxy is not None:
        raise ForbiddenError(
            "A request cannot choose its proxy; name one for the provider in the configuration.",
            code="proxy_not_allowed",
            param="proxy",
        )
    ticket.reserve(estimate(len(body), chat.payload))
    provider = request.match_info.get("provider") or request.query.get("provider")
    return chat if provider is None else replace(chat, provider=provider)
