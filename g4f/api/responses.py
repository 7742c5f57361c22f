"""JSON answers."""

from typing import Any

import orjson
from aiohttp import web


def json_response(payload: Any, status: int = 200) -> web.Response:
    """A JSON answer. `payload` is anything that orjson takes."""
    return web.Response(body=orjson.dumps(payload), status=status, content_type="application/json")
