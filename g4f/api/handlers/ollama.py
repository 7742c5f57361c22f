"""Ollama's API: POST /api/chat, /api/generate, /api/embed, /api/embeddings and /api/show; GET /api/tags and its kin.

The models are those that are served here. Nothing is ever loaded, so asking for that alone succeeds at once.
"""

import time
from dataclasses import replace
from hashlib import sha256
from typing import Any

from aiohttp import web

from g4f.api.handlers import chat
from g4f.api.inbound import Handler, Inbound
from g4f.api.keys import GATEWAY, LINE
from g4f.api.responses import json_response
from g4f.api.whole import Whole, json_whole
from g4f.dialects.fields import only_bad_requests, read_model, read_object
from g4f.dialects.ollama.request import loads_only
from g4f.dialects.ollama.wire import CHAT, timestamp
from g4f.dialects.registry import front
from g4f.errors import ModelNotFoundError
from g4f.exchange.request import Dialect
from g4f.router.table import Route, RoutingTable, public_names

#: The version of Ollama whose API this is; clients look for the least one that they need.
VERSION = "0.12.6"
#: What Ollama adds to names without a tag, and some clients do.
LATEST = ":latest"

_CAPABILITIES = {"tools": "tools", "vision": "vision", "reasoning": "thinking"}


def answer(call: str) -> Handler:
    """The handler of `/api/chat` or `/api/generate`."""

    async def handler(inbound: Inbound) -> Whole | None:
        face = front(Dialect.OLLAMA)
        with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
            body = await inbound.body()
            with only_bad_requests():
                native = read_object(body)
                model = _served(inbound, read_model(native))
            if loads_only(native):
                return _loaded(inbound, call, model, dropped=native.get("keep_alive") == 0)
            asked = replace(chat.decode(inbound, body, face, {"call": call}), model=model)
            asked = chat.admitted(inbound, asked)
            chat.reserve(inbound, ticket, body, asked)
            return await chat.answer(inbound, asked, ticket, face)

    return handler


def embed(call: str) -> Handler:
    """The handler of `/api/embed`, or of `/api/embeddings`, which was there before it."""

    async def handler(inbound: Inbound) -> Whole | None:
        face = front(Dialect.OLLAMA)
        with inbound.line.caller.allowance.admit(inbound.announced) as ticket:
            body = await inbound.body()
            asked = chat.decode(inbound, body, face, {"call": call})
            asked = chat.admitted(inbound, replace(asked, model=_served(inbound, asked.model)))
            chat.reserve(inbound, ticket, body, asked)
            return await chat.answer(inbound, asked, ticket, face)

    return handler


def _served(inbound: Inbound, model: str) -> str:
    """The name that is served here for the one that was asked for."""
    table = inbound.gateway.snapshot.table
    bare = model.removesuffix(LATEST)
    return bare if bare and table.find(model) is None and table.find(bare) is not None else model


def _loaded(inbound: Inbound, call: str, model: str, *, dropped: bool) -> Whole:
    _check(inbound, model)
    words: dict[str, Any] = {"response": ""}
    if call == CHAT:
        words = {"message": {"role": "assistant", "content": ""}}
    reason = "unload" if dropped else "load"
    head = {"model": model, "created_at": timestamp(time.time())}
    return json_whole({**head, **words, "done": True, "done_reason": reason})


def _check(inbound: Inbound, model: str) -> RoutingTable:
    """The table, if it has the model and the caller may use it. Raises ModelNotFoundError."""
    table = inbound.gateway.snapshot.table
    if table.find(model) is None:
        raise ModelNotFoundError(f"model {model[:200]!r} not found", param="model")
    inbound.line.caller.check_model(model)
    return table


async def tags(request: web.Request) -> web.Response:
    """The models that this key may ask for by name."""
    line, table = request[LINE], request.app[GATEWAY].snapshot.table
    now = timestamp(time.time())
    return json_response({"models": [_card(name, now) for name in public_names(table) if line.caller.sees(name)]})


def _card(name: str, now: str) -> dict[str, Any]:
    digest = sha256(name.encode()).hexdigest()
    return {"name": name, "model": name, "modified_at": now, "size": 0, "digest": digest, "details": _details()}


def _details() -> dict[str, Any]:
    empty = dict.fromkeys(("parent_model", "format", "family", "parameter_size", "quantization_level"), "")
    return {**empty, "families": None}


async def show(inbound: Inbound) -> Whole:
    """What is known of a model: what it can do."""
    with inbound.line.caller.allowance.admit(inbound.announced), only_bad_requests():
        asked = read_object(await inbound.body())
        model = _served(inbound, read_model({"model": asked.get("model") or asked.get("name")}))
    table = _check(inbound, model)
    route = table.find(model)
    return json_whole(
        {
            "modelfile": f"FROM {model}\n",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": _details(),
            "model_info": {"general.architecture": "g4f", "general.basename": model},
            "capabilities": ["completion", *_can(route, table)],
            "modified_at": timestamp(time.time()),
        }
    )


def _can(route: Route | None, table: RoutingTable) -> list[str]:
    """What at least one provider of the chain can do; where that is not known it is taken to call tools."""
    able = table.able(route) if route is not None else frozenset[str]()
    return [word for capability, word in _CAPABILITIES.items() if capability in (able or {"tools"})]


async def version(_: web.Request) -> web.Response:
    """The version of Ollama's API."""
    return json_response({"version": VERSION})


async def running(_: web.Request) -> web.Response:
    """The models in memory: none."""
    return json_response({"models": []})


async def heartbeat(_: web.Request) -> web.Response:
    """What Ollama's programs look for before anything else."""
    return web.Response(text="Ollama is running")
