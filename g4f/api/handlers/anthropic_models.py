"""GET /v1/models and /v1/models/{id} as Anthropic's SDKs expect them: the models only, not the providers."""

from typing import Any

from aiohttp import web

from g4f.api.keys import GATEWAY, LINE
from g4f.api.responses import json_response
from g4f.router.table import public_names

#: When a model was made is not known here, and the SDK wants a date.
CREATED = "1970-01-01T00:00:00Z"


def list_models(request: web.Request) -> web.Response:
    """One page with all of them."""
    line, table = request[LINE], request.app[GATEWAY].snapshot.table
    names = [name for name in public_names(table) if line.caller.sees(name)]
    first, last = (names[0], names[-1]) if names else (None, None)
    return json_response(
        {"data": [card(name) for name in names], "has_more": False, "first_id": first, "last_id": last}
    )


def card(name: str) -> dict[str, Any]:
    """A model."""
    return {"type": "model", "id": name, "display_name": name, "created_at": CREATED}
