"""The connections to one origin: how many, how long they are kept, and which are used again."""

import asyncio

import pytest

from g4f.exchange.failure import FailureKind
from g4f.providers.direct import DirectPool
from tests.providers.asking import BODY, OK, OTHER, failure_of, fetch, pool_for, send
from tests.support.loops import turns
from tests.support.replies import Close, Gate, Hang, Raw
from tests.support.upstream import Upstream
from tests.support.wire import free_port


@pytest.mark.parametrize("ending", [Close(), Close(rst=True)], ids=["fin", "rst"])
async def test_a_stale_connection_is_replaced_without_a_failure(ending):
    """Catalogue row 8: closed before any byte of the reply, on a connection that was used before."""
    async with Upstream(Raw(OK, end="keep"), ending, Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream)
        assert [await fetch(pool), await fetch(pool, OTHER)] == [b"hi", b"hi"]
        assert [request.body for request in upstream.requests] == [BODY, OTHER, OTHER]
        assert upstream.connections == 2
        await pool.close()


async def test_a_connection_with_unread_bytes_is_not_used_again():
    async with Upstream(Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream)
        (await send(pool)).close()
        assert await fetch(pool) == b"hi"
        assert upstream.connections == 2
        await pool.close()


async def test_cancelled_requests_give_their_places_back():
    async with Upstream(Hang()) as upstream:
        pool = pool_for(upstream, limit=2)
        for _ in range(5):
            requests = [asyncio.ensure_future(fetch(pool)) for _ in range(3)]
            await upstream.received(len(upstream.requests) + 2)
            for request in requests:
                request.cancel()
            await asyncio.wait(requests)
        upstream.script(Raw(OK, end="keep"))
        assert await asyncio.gather(*(fetch(pool) for _ in range(5))) == [b"hi"] * 5
        await pool.close()


async def test_no_more_connections_than_the_limit():
    gate = Gate()
    async with Upstream(Raw([gate, OK], end="keep")) as upstream:
        pool = pool_for(upstream, limit=3)
        requests = [asyncio.ensure_future(fetch(pool)) for _ in range(10)]
        await gate.arrived(3)
        await turns(50)
        assert upstream.connections == 3
        gate.open()
        assert await asyncio.gather(*requests) == [b"hi"] * 10
        assert upstream.connections == 3
        await pool.close()


async def test_failures_give_their_places_back():
    async with Upstream(Close(), Raw(b"GARBAGE"), Raw(OK[:-1]), Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream, limit=1)
        for _ in range(3):
            await failure_of(fetch(pool))
        assert await fetch(pool) == b"hi"
        await pool.close()
    refusing = DirectPool(f"http://127.0.0.1:{free_port()}", limit=1)
    for _ in range(3):
        assert await failure_of(fetch(refusing)) is FailureKind.CONNECT


async def test_idle_connections_are_closed_after_their_time():
    async with Upstream(Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream, keep_alive=0.02)
        await fetch(pool)
        assert upstream.open_connections == 1
        async with asyncio.timeout(2):
            await upstream.requests[0].ended.wait()
            while upstream.open_connections:
                await asyncio.sleep(0)
        assert await fetch(pool) == b"hi"
        await pool.close()


async def test_a_pool_that_is_closed_keeps_no_connection():
    gate = Gate()
    async with Upstream(Raw(OK, end="keep"), Raw([OK[:-1], gate, OK[-1:]], end="keep")) as upstream:
        pool = pool_for(upstream)
        await fetch(pool)
        running = await send(pool)
        pool.users = 0
        await pool.close()
        gate.open()
        assert await running.read() == b"hi"
        async with asyncio.timeout(1):
            while upstream.open_connections:
                await asyncio.sleep(0)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid", "a..invalid"])
async def test_a_name_that_cannot_be_resolved_is_a_dns_failure(host):
    assert await failure_of(fetch(DirectPool(f"http://{host}:80"))) is FailureKind.DNS
