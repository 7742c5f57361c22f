"""Gemini's API: POST /v1beta/models/{model}:{call}, GET /v1beta/models and /v1beta/models/{model}."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from g4f.api.handlers import chat
from g4f.api.handlers.count_tokens import counted
from g4f.api.inbound import Inbound
from g4f.api.keys import GATEWAY, LINE
from g4f.api.responses import json_response
from g4f.api.whole import Whole
from g4f.dialects.gemini.wire import BATCH_EMBED, COUNT, EMBED, GENERATE, STREAM
from g4f.dialects.registry import front
from g4f.errors import ModelNotFoundError, RequestError
from g4f.exchange.request import Dialect, Operation
from g4f.router.table import RoutingTable, public_names

_CHATS, _EMBEDS = (GENERATE, STREAM, COUNT), (EMBED, BATCH_EMBED)
_CALLS = (*_CHATS, *_EMBEDS)


async def answer(inbound: Inbound) -> Whole | None:
    """Answer `generateContent`, `streamGenerateContent`, `countTokens`, `embedContent` or `batchEmbedContents`.

    A stream comes as server-sent events with `alt=sse`, as Google's SDKs ask for it; without, it is the list that such
    a stream amounts to, of one piece.
    """
    face, call = front(Dialect.GEMINI), inbound.variables["call"]
    if call not in _CALLS:
        message = f"models/*:{call[:80]} is not served here; {', '.join(_CALLS)} are."
        raise RequestError(message, status=404, code="unknown_url")
    with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
        body = await inbound.body()
        asked = chat.admitted(inbound, chat.decode(inbound, body, face, inbound.variables))
        if call == COUNT:
            return await counted(inbound, asked, ticket, face, "totalTokens", size=len(body))
        chat.reserve(inbound, ticket, body, asked)
        if asked.stream and inbound.query("alt") != "sse":
            whole = await chat.answer(inbound, replace(asked, stream=False), ticket, face)
            return None if whole is None else replace(whole, body=b"[" + whole.body + b"]")
        return await chat.answer(inbound, asked, ticket, face)


async def list_models(request: web.Request) -> web.Response:
    """One page with all models that this key may ask for by name."""
    line, table = request[LINE], request.app[GATEWAY].snapshot.table
    return json_response({"models": [_card(name, table) for name in public_names(table) if line.caller.sees(name)]})


async def get_model(request: web.Request) -> web.Response:
    """One model."""
    name = request.match_info["model"]
    table = request.app[GATEWAY].snapshot.table
    if table.find(name) is None:
        raise ModelNotFoundError(f"models/{name[:200]} is not found.", param="model")
    request[LINE].caller.check_model(name)
    return json_response(_card(name, table))


def _card(name: str, table: RoutingTable) -> dict[str, Any]:
    route = table.find(name)
    embeds = route is not None and route.operations is not None and Operation.EMBEDDINGS in route.operations
    methods = list(_EMBEDS if embeds else _CHATS)
    return {"name": f"models/{name}", "displayName": name, "version": "", "supportedGenerationMethods": methods}
