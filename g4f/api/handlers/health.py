"""GET /livez and /readyz: for supervisors and load balancers, open to all and saying nothing else."""

from aiohttp import web

from g4f.api.keys import STATE
from g4f.api.responses import json_response


async def livez(_: web.Request) -> web.Response:
    """The process runs its loop."""
    return json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """New requests are welcome: 503 from the moment a shutdown begins."""
    if request.app[STATE].draining:
        return json_response({"status": "draining"}, 503)
    return json_response({"status": "ready"})
