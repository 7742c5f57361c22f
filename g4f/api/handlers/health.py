"""GET /livez and /readyz for what is not plain: HEAD, pages of other origins, servers of other people."""

from aiohttp import web

from g4f.api import probes
from g4f.api.keys import STATE
from g4f.api.responses import response_of


async def livez(request: web.Request) -> web.Response:
    """The process runs its loop."""
    return response_of(probes.livez(request.app[STATE]))


async def readyz(request: web.Request) -> web.Response:
    """New requests are welcome: 503 from the moment a shutdown begins."""
    return response_of(probes.readyz(request.app[STATE]))
