"""GET /v1/providers and /v1/providers/{provider}: the shapes of the REST document."""

from typing import Any

from aiohttp import web

from g4f.api.cards import known_models, provider_card
from g4f.api.keys import GATEWAY
from g4f.api.responses import json_response
from g4f.errors import ProviderNotFoundError
from g4f.gateway.gateway import Gateway
from g4f.router.table import ProviderRules


async def list_providers(request: web.Request) -> web.Response:
    """Every provider that the file names. `working` says that it could be tried, not that it was."""
    gateway = request.app[GATEWAY]
    listed = [rules for rules in gateway.snapshot.table.providers.values() if rules.listed]
    return json_response({"object": "list", "data": [_card(gateway, rules) for rules in listed]})


async def get_provider(request: web.Request) -> web.Response:
    """One provider, with its description."""
    gateway, name = request.app[GATEWAY], request.match_info["provider"]
    rules = gateway.snapshot.table.providers.get(name)
    if rules is None or not rules.listed:
        raise ProviderNotFoundError(f"No provider {name[:64]!r} is configured here.", param="provider")
    provider = gateway.snapshot.providers[name]
    details = {"stream": True, "description": provider.description, "docs": provider.docs}
    return json_response({**_card(gateway, rules), **details})


def _card(gateway: Gateway, rules: ProviderRules) -> dict[str, Any]:
    table = gateway.snapshot.table
    return provider_card(rules, known_models(rules, table), table, url=gateway.snapshot.providers[rules.name].url)
