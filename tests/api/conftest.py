"""A server over a configuration that a test writes."""

import time

import pytest

from g4f.api.app import build_app
from g4f.api.auth import Doorkeeper
from g4f.api.state import ServerState
from g4f.config.load import load_text
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from tests.support.server import EdgeServer


@pytest.fixture
def serve(aiohttp_client):
    """`await serve(yaml)` gives an HTTP client of a server over that file."""

    async def start(text, **headers):
        first = plan(load_text(text), {})
        gateway = Gateway(first)
        config = first.config
        doorkeeper = Doorkeeper(
            config.server.keys,
            extra=None,
            hosts=[config.server.address[0]],
            clock=time.monotonic,
            wrong_keys=config.limits.wrong_keys,
            origins=config.server.cors.origins,
        )
        app = build_app(gateway, ServerState(doorkeeper=doorkeeper, server=config.server, limits=config.limits))

        async def close(_):
            await gateway.close()

        app.on_cleanup.append(close)
        server = EdgeServer(app)
        await server.start_server(lingering_time=0.1)
        return await aiohttp_client(server, headers=headers)

    return start
