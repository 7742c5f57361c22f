"""The application: its routes, and what each request passes on its way to them.

What a request passes, in this order. A refusal is final: no later step sees the request.

 1. the connection, one of not too many, and the time for a request's head (`protocol.py`, `edge.py`)
 2. HTTP that can be read in one way only: the parser's refusals, version, target, transfer coding, Host (`head.py`)
 3. the matched route, or none: what is not in `middleware.OPEN_ROUTES` needs a key, also where nothing is (`gate`)
 4. the key; without keys, a local Host and Origin (`auth.py`)
 5. the load of the whole process (`keys.py`)
 6. the key's own limits (`admission.py`)
 7. the body's type and coding, its size, its time (`body.py`)
 8. strict JSON, the fields and their types (`dialects/`)
 9. the model's scope, the proxy that must not be chosen, the tokens to come (`handlers/`)
10. the snapshot and the chain; a request that picks names, never addresses (`gateway/`)
11. the upstream request from a fixed method, URL and headers, the credential of that origin among them (`providers/`)
12. the answer, looked at and bounded, with headers of our own only (`stream.py`, `downstream.py`)
13. one line in the log, of listed fields (`access.py`)
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from aiohttp import web

from g4f.api.auth import Doorkeeper
from g4f.api.by_aiohttp import on_aiohttp
from g4f.api.chats import CHATS as EARLY_CHATS
from g4f.api.control import Control
from g4f.api.cors import allow_origin
from g4f.api.general import EXPRESS, GeneralServer
from g4f.api.handlers import (
    admin,
    chat,
    cookies,
    docs,
    gemini,
    health,
    media,
    metrics,
    models,
    ollama,
    operations,
    pages,
    providers,
    responses,
)
from g4f.api.inbound import Handler
from g4f.api.keys import CONTROL, DOOR, GATEWAY, METER, STATE
from g4f.api.middleware import MEDIA_ROUTE, gate
from g4f.api.payload import say_nothing_yet
from g4f.api.state import ServerState
from g4f.dialects.ollama.embed import EMBED, EMBEDDINGS
from g4f.dialects.ollama.wire import CHAT, GENERATE
from g4f.exchange.request import Dialect, Operation
from g4f.gateway.gateway import Gateway
from g4f.meter.meter import Meter

#: What is asked for most, and so served on the short way too, where the path has no variables (`express.py`).
CHATS: Mapping[str, Handler] = MappingProxyType(
    {
        **EARLY_CHATS,
        "/api/{provider}/chat/completions": chat.Chat(Dialect.OPENAI),
        # Nobody's conversation is called `v1`: that is a base URL with one too many.
        "/api/{provider}/{conversation_id:(?!v1/)[^/]+}/chat/completions": chat.Chat(Dialect.OPENAI),
        "/api/{provider}/responses": chat.Chat(Dialect.OPENAI_RESPONSES),
        "/api/chat": ollama.answer(CHAT),
        "/api/generate": ollama.answer(GENERATE),
        "/api/embed": ollama.embed(EMBED),
        "/api/embeddings": ollama.embed(EMBEDDINGS),
        "/api/show": ollama.show,
        "/v1/models/{model:.+}:{call:[A-Za-z]+}": gemini.answer,
        "/v1beta/models/{model:.+}:{call:[A-Za-z]+}": gemini.answer,
    }
)


def _posts(path: str, operation: Operation) -> Iterator[web.RouteDef]:
    """An operation at its path, and at that of one provider."""
    handler = on_aiohttp(operations.operation(operation))
    for place in (path, path.replace("/v1/", "/api/{provider}/", 1)):
        yield web.post(place, handler, expect_handler=say_nothing_yet)


ROUTES = (
    web.get("/livez", health.livez, name="livez"),
    web.get("/readyz", health.readyz, name="readyz"),
    *(web.post(path, on_aiohttp(handler), expect_handler=say_nothing_yet) for path, handler in CHATS.items()),
    web.get("/v1/responses/{id}", responses.get_response),
    web.delete("/v1/responses/{id}", responses.delete_response),
    web.get("/v1/responses/{id}/input_items", responses.list_input),
    web.get("/api/tags", ollama.tags),
    web.get("/api/ps", ollama.running),
    web.get("/api/version", ollama.version),
    web.get("/", ollama.heartbeat),
    *_posts("/v1/completions", Operation.COMPLETION),
    *_posts("/v1/embeddings", Operation.EMBEDDINGS),
    *_posts("/v1/moderations", Operation.MODERATION),
    *_posts("/v1/rerank", Operation.RERANK),
    *_posts("/v1/images/generations", Operation.IMAGE_GENERATION),
    *_posts("/v1/images/generate", Operation.IMAGE_GENERATION),
    *_posts("/v1/media/generate", Operation.IMAGE_GENERATION),
    *_posts("/v1/images/edits", Operation.IMAGE_EDIT),
    *_posts("/v1/images/variations", Operation.IMAGE_VARIATION),
    *_posts("/v1/audio/transcriptions", Operation.TRANSCRIPTION),
    *_posts("/v1/audio/translations", Operation.TRANSLATION),
    *_posts("/v1/audio/speech", Operation.SPEECH),
    web.get("/v1beta/models", gemini.list_models),
    web.get("/v1beta/models/{model:.+}", gemini.get_model),
    web.post("/v1/upload_cookies", cookies.upload_cookies, expect_handler=say_nothing_yet),
    web.get("/v1/models", models.list_models),
    web.get("/v1/models/{model:.+}", models.get_model),
    web.get("/api/{provider}/models", models.provider_models),
    web.get("/v1/providers", providers.list_providers),
    web.get("/v1/providers/{provider}", providers.get_provider),
    web.get("/media/{filename:.*}", media.get_media, name=MEDIA_ROUTE),
    web.get("/admin/explain", admin.explain),
    web.get("/admin/state", admin.state),
    web.get("/admin/config", admin.config),
    web.get("/admin/usage", admin.usage),
    web.post("/admin/reload", admin.reload),
    web.post("/admin/drain", admin.drain),
    web.get("/metrics", metrics.metrics),
    web.get("/openapi.json", docs.openapi, name="openapi.json"),
    web.get("/docs", docs.docs, name="docs"),
    web.get("/chat/", pages.chat_page, name="chat"),
    web.get("/chat", pages.chat_page, name="chat_as_typed"),
)

#: What the operator's own listener serves.
OPERATOR_PATHS = ("/livez", "/readyz", "/metrics", "/admin/")


def build_app(gateway: Gateway, state: ServerState, meter: Meter | None = None) -> web.Application:
    """The aiohttp application over a gateway."""
    app = _app(gateway, state, meter, ROUTES)
    app[EXPRESS] = {path.encode(): handler for path, handler in CHATS.items() if "{" not in path}
    return app


def build_operator_app(gateway: Gateway, state: ServerState, meter: Meter, host: str) -> web.Application:
    """The application of the operator's own listener on `host`: whoever reaches it from this machine needs no key."""
    routes = [route for route in ROUTES if route.path.startswith(OPERATOR_PATHS)]
    app = _app(gateway, state, meter, routes)
    app[DOOR] = Doorkeeper((), extra=None, hosts=[host], clock=time.monotonic)
    return app


async def general_server(
    gateway: Gateway, state: ServerState, meter: Meter, control: Control, operators: str | None = None
) -> GeneralServer:
    """aiohttp's server, ready to answer: for everybody, or for the operator's own listener on that host."""
    app = (
        build_app(gateway, state, meter) if operators is None else build_operator_app(gateway, state, meter, operators)
    )
    app[CONTROL] = control
    server = GeneralServer(app)
    await server.open()
    return server


def _app(gateway: Gateway, state: ServerState, meter: Meter | None, routes: Iterable[web.RouteDef]) -> web.Application:
    app = web.Application(middlewares=[gate])
    app[GATEWAY] = gateway
    app[STATE] = state
    app[METER] = meter = meter or Meter(gateway, state.journal)
    state.tracing = meter.tracing
    app.on_response_prepare.append(allow_origin)
    app.add_routes(routes)
    return app
