"""Every fault is met on both event loops, through the real HTTP application over real sockets."""

from dataclasses import dataclass

import pytest
import trustme

from g4f.config.load import load_text
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from tests.faults.serving import app_over
from tests.support.loops import LOOPS
from tests.support.server import EdgeServer


def pytest_asyncio_loop_factories(config, item):
    return LOOPS


@dataclass(slots=True)
class Served:
    """A server over a file: `client` speaks to it, `gateway` is what it serves with, `naps` are the waits asked for."""

    client: object
    gateway: Gateway
    naps: list

    @property
    def cooling(self):
        """What cools down now, as (provider, kind, seconds from now)."""
        now = self.gateway.health.now()
        return [
            (key.provider, cooldown.kind.value, cooldown.until - now) for key, cooldown in self.gateway.health.cooling()
        ]

    async def chat(self, model, *, stream, **fields):
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream, **fields}
        return await self.client.post("/v1/chat/completions", json=body)


@pytest.fixture
def serve(aiohttp_client, clock):
    """`await serve(yaml)`: the health clock is a test's, the dice fall on 0, and naps between retries are skipped."""

    async def start(text):
        naps = []

        async def nap(seconds):
            naps.append(seconds)

        first = plan(load_text(text), {})
        gateway = Gateway(first, clock=clock, dice=lambda: 0.0, sleep=nap)
        server = EdgeServer(app_over(gateway))
        await server.start_server(lingering_time=0.1)
        return Served(await aiohttp_client(server), gateway, naps)

    return start


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    """The authority, trusted by this process as OpenSSL lets its users do."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority
