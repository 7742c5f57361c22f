"""The operator's own listener."""

import stat
import time
from functools import partial

import aiohttp
import pytest

from g4f.api.app import general_server
from g4f.api.auth import Doorkeeper
from g4f.api.edge import Edge
from g4f.api.operator import OperatorSite
from g4f.api.state import ServerState
from g4f.config.load import load_text
from g4f.errors import ConfigError
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from g4f.meter.meter import Meter

KEYED = """
server: {keys: [{name: user, key: user-key-of-sixteen-chars}]}
models: {m: {chain: [Demo]}}
"""


@pytest.fixture
async def site(tmp_path):
    """`await site(listen)` starts an operator's listener over a server that wants keys."""
    started = []

    async def start(listen):
        first = plan(load_text(KEYED), {})
        gateway, server = Gateway(first), first.config.server
        doorkeeper = Doorkeeper(server.keys, extra=None, hosts=["127.0.0.1"], clock=time.monotonic)
        state = ServerState(doorkeeper=doorkeeper, server=server, limits=first.config.limits)
        meter = Meter(gateway, state.journal)
        made = OperatorSite(listen)
        await made.start(
            lambda host: Edge(gateway, state, {}, partial(general_server, gateway, state, meter, None, host))
        )
        started.append((made, gateway))
        return made

    yield start
    for made, gateway in started:
        await made.close()
        await gateway.close()


async def test_a_socket_of_the_file_system_is_its_owners_alone(site, tmp_path):
    path = tmp_path / "admin.sock"
    await site(f"unix:{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path))) as session:
        async with session.get("http://localhost/metrics") as answer:
            assert (answer.status, "g4fd_build_info" in await answer.text()) == (200, True)
        async with session.get("http://localhost/v1/models") as answer:
            assert answer.status == 404
        async with session.get("http://evil.example/metrics") as answer:
            assert answer.status == 403
        async with session.get("http://localhost/metrics", headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403


async def test_a_socket_that_was_left_behind_is_replaced(site, tmp_path):
    path = tmp_path / "admin.sock"
    left = await site(f"unix:{path}")
    path.rename(tmp_path / "kept.sock")
    (tmp_path / "kept.sock").rename(path)
    await left.close()
    await site(f"unix:{path}")
    assert path.is_socket()


async def test_a_socket_that_somebody_listens_on_is_not_taken_over(site, tmp_path):
    await site(f"unix:{tmp_path / 'admin.sock'}")
    with pytest.raises(OSError, match="in use"):
        await site(f"unix:{tmp_path / 'admin.sock'}")


@pytest.mark.parametrize("listen", ["0.0.0.0:1338", "192.0.2.1:1338", "unix:relative.sock", "unix:/" + 107 * "x"])
def test_a_listener_without_keys_must_be_out_of_others_reach(listen):
    with pytest.raises(ConfigError, match=r"g4f.yaml:1:\d+: admin.listen"):
        load_text(f'admin: {{listen: "{listen}"}}')
