"""GET /openapi.json and /docs: what this server can be asked. Open to all: it is the same on every server."""

from functools import cache

import orjson
from aiohttp import web


async def openapi(_: web.Request) -> web.Response:
    """The OpenAPI document."""
    return web.Response(body=_document(), content_type="application/json")


async def docs(_: web.Request) -> web.Response:
    """The same as a page, which needs no script."""
    from g4f.api.openapi.page import POLICY, page

    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
    return web.Response(body=page(), content_type="text/html", charset="utf-8", headers=headers)


@cache
def _document() -> bytes:
    from g4f.api.openapi.document import document

    return orjson.dumps(document())
