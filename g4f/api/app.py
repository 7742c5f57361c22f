"""The application: its routes, and what each request passes on its way to them.

What a request passes, in this order. A refusal is final: no later step sees the request.

 1. the connection, its time for headers, and the parser's refusals (`server.py`)
 2. HTTP that can be read in one way only: version, target, transfer coding, Host (`framing.py`)
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

from aiohttp import web

from g4f.api.body import say_nothing_yet
from g4f.api.handlers import admin, chat, health, models, providers
from g4f.api.keys import GATEWAY, STATE, ServerState
from g4f.api.middleware import gate
from g4f.exchange.request import Dialect
from g4f.gateway.gateway import Gateway

ROUTES = (
    web.get("/livez", health.livez, name="livez"),
    web.get("/readyz", health.readyz, name="readyz"),
    web.post("/v1/chat/completions", chat.chat(Dialect.OPENAI), expect_handler=say_nothing_yet),
    web.post("/api/{provider}/chat/completions", chat.chat(Dialect.OPENAI), expect_handler=say_nothing_yet),
    web.get("/v1/models", models.list_models),
    web.get("/v1/models/{model:.+}", models.get_model),
    web.get("/api/{provider}/models", models.provider_models),
    web.get("/v1/providers", providers.list_providers),
    web.get("/v1/providers/{provider}", providers.get_provider),
    web.get("/admin/explain", admin.explain),
)


def build_app(gateway: Gateway, state: ServerState) -> web.Application:
    """The aiohttp application over a gateway."""
    app = web.Application(middlewares=[gate])
    app[GATEWAY] = gateway
    app[STATE] = state
    app.add_routes(ROUTES)
    return app
