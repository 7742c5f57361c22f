"""GET /metrics: what Prometheus scrapes."""

from aiohttp import web

from g4f.api.keys import CONTROL, LINE, METER, STATE
from g4f.meter.exposition import expose


async def metrics(request: web.Request) -> web.Response:
    """Every metric, with every request that ended before this one came in."""
    request[LINE].caller.check_metrics()
    control = request.app.get(CONTROL)
    series = request.app[METER].series(request.app[STATE].load()) if control is None else await control.series()
    text, content_type = expose(series, request.headers.get("Accept", ""))
    return web.Response(body=text, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
