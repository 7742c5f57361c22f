"""POST /v1/chat/completions and /api/{provider}/chat/completions."""

from dataclasses import replace

from aiohttp import web

from g4f.api.access import LINE, Line
from g4f.api.keys import GATEWAY, STATE
from g4f.api.stream import write_stream
from g4f.dialects import openai_chat
from g4f.errors import ForbiddenError
from g4f.exchange.request import ChatRequest
from g4f.gateway.answer import Answer


async def chat_completions(request: web.Request) -> web.StreamResponse:
    """Answer a chat, whole or streamed, by the chain of its model."""
    line = request[LINE]
    chat = await _decode(request, line)
    line.fields.update(model=chat.model, stream=chat.stream)
    line.caller.check_model(chat.model)
    request.app[STATE].doorkeeper.admit(line.caller)
    answer = await request.app[GATEWAY].chat(chat)
    try:
        line.answered_by(answer)
        headers = _headers(answer, line)
        if answer.completion is not None:
            return web.Response(body=answer.completion.wire, headers=headers, content_type="application/json")
        return await write_stream(request, answer, headers)
    finally:
        line.ended(answer)
        await answer.aclose()


async def _decode(request: web.Request, line: Line) -> ChatRequest:
    chat = openai_chat.decode_request(await request.read(), request_id=line.request_id)
    if chat.proxy is not None:
        raise ForbiddenError(
            "A request cannot choose its proxy; name one for the provider in the configuration.",
            code="proxy_not_allowed",
            param="proxy",
        )
    provider = request.match_info.get("provider") or request.query.get("provider")
    return chat if provider is None else replace(chat, provider=provider)


def _headers(answer: Answer, line: Line) -> dict[str, str]:
    headers = {
        "x-request-id": line.request_id,
        "x-g4f-provider": answer.target.provider,
        "x-g4f-attempts": str(len(answer.journey.attempts)),
        "x-g4f-generation": str(answer.generation),
    }
    trail = answer.journey.trail()
    if trail:
        headers["x-g4f-trail"] = trail
    return headers
