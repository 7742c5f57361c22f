"""No request hides in another: neither from this server alone, nor from nginx or HAProxy in front of it."""

import asyncio
import contextlib
import re

import pytest

from tests.support.upstream import Upstream
from tests.support.wire import PeerGoneError, Wire
from tests.threats.fronts import FRONTS, missing
from tests.threats.knocking import knock
from tests.threats.smuggling import CASES, KEY, LAST

FILE = """
server: {{body_timeout: 300ms, keys: [{{name: k, key: "{key}"}}]}}
providers: {{P: {{base_url: "{url}"}}}}
models: {{m: {{chain: [P]}}}}
"""
#: What is hidden is the body of these, by every reading.
WHOLE = {"a held back body", "an unknown expectation"}


async def statuses_of(port: int, request: bytes) -> list[int]:
    """The statuses of all answers on one connection, until it is closed."""
    wire = await Wire.dial("127.0.0.1", port)
    received = b""
    try:
        async with asyncio.timeout(5):
            with contextlib.suppress(PeerGoneError):
                await wire.write(request + LAST)
            while piece := await wire.read_some():
                received += piece
    finally:
        await wire.stop()
    return [int(status) for status in re.findall(rb"HTTP/[0-9.]+ ([0-9]{3}) ", received)]


def test_there_are_at_least_42_cases() -> None:
    assert len(CASES) >= 42


async def test_every_case_is_refused_once_and_nothing_behind_it_is_read(serve) -> None:
    async with Upstream() as upstream:
        client = await serve(FILE.format(key=KEY, url=upstream.url))
        found = {name: await statuses_of(client.port, request) for name, request in CASES.items()}
        assert upstream.requests == [], "a hidden request was dispatched"
    wrong = {
        name: statuses
        for name, statuses in found.items()
        if name not in WHOLE and not (len(statuses) == 1 and 400 <= statuses[0] < 600)
    }
    assert wrong == {}


@pytest.mark.parametrize("name", FRONTS)
async def test_a_proxy_in_front_and_the_server_see_the_same_requests(serve, name, tmp_path) -> None:
    if missing(name):
        pytest.skip(f"{name} is not installed; tests/threats/setup.sh installs it")
    async with Upstream() as upstream:
        client = await serve(FILE.format(key=KEY, url=upstream.url))
        async with FRONTS[name](client.port, tmp_path) as front:
            wrong = {}
            for case, request in CASES.items():
                statuses = await statuses_of(front.port, request)
                by_front, by_server = front.seen("POST /v1/chat/completions"), len(upstream.requests)
                victim = await knock(front.port, "GET", "/v1/models", (f"x-api-key: {KEY}",))
                if by_front != by_server or victim != 200:
                    wrong[case] = (statuses, by_front, by_server, victim)
    assert wrong == {}
