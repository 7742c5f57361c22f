"""GET /admin/explain: what `g4fd explain --url` asks a running daemon."""

from aiohttp import web

from g4f.api.keys import GATEWAY
from g4f.api.responses import json_response
from g4f.errors import RequestError


async def explain(request: web.Request) -> web.Response:
    """The chain a request for `?model=` (at `?provider=`) would walk now, and why the rest is left out."""
    model = request.query.get("model")
    if not model:
        raise RequestError("Say which model: /admin/explain?model=NAME.", param="model")
    found = request.app[GATEWAY].explain(model, provider=request.query.get("provider"))
    return json_response(found.as_dict())
