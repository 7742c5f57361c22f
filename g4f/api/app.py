"""The application: its routes, and what each request passes on its way to them.

The order of a request: aiohttp's parser -> `middleware.gate` (id, key, load, error body, log line) -> the handler (the
key's limits, the body's size and time, JSON, schema, model scope, tokens) -> the gateway. A route not listed in
`middleware.OPEN_ROUTES` needs a key.
"""

from aiohttp import web

from g4f.api.body import say_nothing_yet
from g4f.api.handlers import admin, chat, health, models, providers
from g4f.api.keys import GATEWAY, STATE, ServerState
from g4f.api.middleware import gate
from g4f.gateway.gateway import Gateway

ROUTES = (
    web.get("/livez", health.livez, name="livez"),
    web.get("/readyz", health.readyz, name="readyz"),
    web.post("/v1/chat/completions", chat.chat_completions, expect_handler=say_nothing_yet),
    web.post("/api/{provider}/chat/completions", chat.chat_completions, expect_handler=say_nothing_yet),
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
