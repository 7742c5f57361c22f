"""The real application over a gateway that a test made."""

import time

from aiohttp import web

from g4f.api.app import build_app
from g4f.api.auth import Doorkeeper
from g4f.api.state import ServerState
from g4f.gateway.gateway import Gateway


def app_over(gateway: Gateway) -> web.Application:
    """The application; it closes the gateway in the end."""
    config = gateway.snapshot.config
    hosts = [config.server.address[0]]
    doorkeeper = Doorkeeper(config.server.keys, extra=None, hosts=hosts, clock=time.monotonic)
    app = build_app(gateway, ServerState(doorkeeper=doorkeeper, server=config.server, limits=config.limits))

    async def close(_: web.Application) -> None:
        await gateway.close()

    app.on_cleanup.append(close)
    return app
