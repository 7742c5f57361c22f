"""The application: its routes, and what each request passes on its way to them.

The order of a request: aiohttp's parser -> `middleware.gate` (id, key, error body, log line) -> the handler
(size, JSON, schema, model scope, rate) -> the gateway. A route not listed in `middleware.OPEN_ROUTES` needs a key.
"""

from aiohttp import web

from g4f.api.handlers import admin, chat, health, models, providers
from g4f.api.keys import GATEWAY, STATE, ServerState
from g4f.api.middleware import gate
from g4f.gateway.gateway import Gateway

ROUTES = (
    web.get("/livez", health.livez, name="livez"),
    web.get("/readyz", health.readyz, name="readyz"),
    web.post("/v1/chat/completions", chat.chat_completions),
    web.post("/api/{provider}/chat/completions", chat.chat_completions),
    web.get("/v1/models", models.list_models),
    web.get("/v1/models/{model:.+}", models.get_model),
    web.get("/api/{provider}/models", models.provider_models),
    web.get("/v1/providers", providers.list_providers),
    web.get("/v1/providers/{provider}", providers.get_provider),
    web.get("/admin/explain", admin.explain),
)


def build_app(gateway: Gateway, state: ServerState, *, max_body: int) -> web.Application:
    """The aiohttp application over a gateway. `max_body` is in bytes."""
    app = web.Application(middlewares=[gate], client_max_size=max_body)
    app[GATEWAY] = gateway
    app[STATE] = state
    app.add_routes(ROUTES)
    return app
