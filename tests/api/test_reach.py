"""Without keys only this machine comes in, whatever it is that listens and however it came about."""

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from g4f.api.auth import ANYBODY, Doorkeeper
from g4f.api.edge import Edge
from g4f.api.reach import is_exposed
from g4f.config.load import load
from g4f.errors import ForbiddenError
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloader, ReloadResult
from g4f.gateway.seat import GatewaySeat
from g4f.gateway.snapshot import plan
from tests.support.clock import Clock
from tests.support.files import write_config

OWN = (("127.0.0.1", 1), ("127.8.0.1", 1), ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1, 0, 0), "/run/g4f.sock", "", b"\0a")
OTHERS = (
    ("192.0.2.2", 1),
    ("0.0.0.0", 1),
    ("fd00::2", 1, 0, 0),
    ("::", 1, 0, 0),
    ("::ffff:192.0.2.2", 1, 0, 0),
    None,
    (3, 1),
)

PUBLIC = """
server: {listen: "0.0.0.0:1337", keys: [{name: a, key: 0123456789abcdef}]}
models: {m: {chain: [Demo]}}
"""
PRIVATE = """
server: {listen: "127.0.0.1:1337"}
models: {m: {chain: [Demo]}}
"""


class End:
    """A connection's own end, as far as it is asked for."""

    def __init__(self, name: Any) -> None:
        self.name = name

    def get_extra_info(self, what: str, default: Any = None) -> Any:
        return self.name if what == "sockname" else default


@pytest.mark.parametrize(("name", "exposed"), [*((name, False) for name in OWN), *((name, True) for name in OTHERS)])
def test_the_kernel_says_who_reaches_a_connection(name, exposed):
    assert is_exposed(End(name)) is exposed


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1337", "[::1]"])
@pytest.mark.parametrize("name", OTHERS[:5])
def test_without_keys_a_local_host_opens_no_public_address(name, host):
    keeper = Doorkeeper((), extra=None, hosts=["127.0.0.1"], clock=Clock())
    request = make_mocked_request("GET", "/v1/models", headers={"Host": host}, transport=End(name))
    with pytest.raises(ForbiddenError) as refused:
        keeper.identify(request)
    assert refused.value.code == "address_not_allowed"
    assert keeper.identify(make_mocked_request("GET", "/", headers={"Host": host}, transport=End(OWN[0]))) is ANYBODY


async def test_a_head_that_was_let_in_here_lets_nobody_in_there(serve, monkeypatch):
    """The short way remembers who sent a head: not so where the head is not all that decides."""
    client = await serve("models: {demo: {chain: [Demo]}}")
    chat = {"model": "demo", "messages": [{"role": "user", "content": "x"}]}
    for _ in range(2):
        assert (await client.post("/v1/chat/completions", json=chat)).status == 200
    monkeypatch.setattr("g4f.api.auth.is_exposed", lambda _: True)
    monkeypatch.setattr(Edge, "_asks_whence", lambda edge, _: edge._state.doorkeeper.is_open)
    assert (await client.post("/v1/chat/completions", json=chat)).status == 403


async def test_a_file_cannot_take_the_keys_from_an_address_that_it_does_not_leave(tmp_path):
    path = write_config(tmp_path / "g4f.yaml", PUBLIC)
    loaded = load(path, environ={})
    first = plan(loaded, {})
    gateway = Gateway(first)
    seat = GatewaySeat(gateway, lambda _: lambda: None)
    reloader = Reloader(seat, loaded, first, environ={}, settings=None, applied=lambda _: None)
    write_config(path, PRIVATE)
    told = await reloader.reload("signal")
    assert told.result is ReloadResult.REFUSED
    assert "listens on 0.0.0.0:1337 until it is restarted" in told.problems[0]
    assert gateway.snapshot.config.server.keys
    write_config(path, PRIVATE.replace('"}', '", keys: [{name: b, key: fedcba9876543210}]}'))
    assert (await reloader.reload("signal")).result is ReloadResult.APPLIED
    await gateway.close()
