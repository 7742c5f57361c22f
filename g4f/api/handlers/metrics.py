"""GET /metrics: what Prometheus scrapes."""

from aiohttp import web

from g4f.api.access import LINE
from g4f.api.keys import METER, STATE


async def metrics(request: web.Request) -> web.Response:
    """Every metric, with every request that ended before this one came in."""
    request[LINE].caller.check_metrics()
    text, content_type = request.app[METER].expose(request.app[STATE].load(), request.headers.get("Accept", ""))
    return web.Response(body=text, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
