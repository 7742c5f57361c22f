"""A kept connection that turns out to be closed costs nothing: the request goes out again, once, on a new one."""

import pytest

from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.providers.transport import Pools
from tests.support.http import answer
from tests.support.replies import Raw
from tests.support.upstream import Upstream


class Once:
    """A good reply on a connection that is kept; what comes second on it gets these bytes and the end."""

    def __init__(self, rest=b""):
        self.seen = set()
        self._rest = rest

    async def play(self, wire, request):
        if id(wire) in self.seen:
            await wire.write(self._rest)
            return False
        self.seen.add(id(wire))
        await wire.write(answer(200, {}, b"{}"))
        return True


class KeepAliveProxy(Upstream):
    """Stands for an HTTP proxy that answers by itself and keeps connections, to see what is sent on them."""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"


async def sent(pool, prepared, count):
    statuses = []
    for _ in range(count):
        reply = await pool.send(prepared, b"{}", connect=5)
        await reply.read()
        reply.close()
        statuses.append(reply.status)
    return statuses


@pytest.mark.parametrize("proxied", [False, True])
async def test_a_request_on_a_connection_that_was_closed_while_idle_is_sent_again_at_once(proxied):
    async with KeepAliveProxy(Once()) as upstream:
        pools = Pools()
        base = "http://upstream.test/v1" if proxied else upstream.url
        route, pool = pools.take(base, upstream.address if proxied else None)
        prepared = pool.prepare("POST", f"{base}/chat/completions", {})
        assert await sent(pool, prepared, 2) == [200, 200]
        assert len(upstream.requests) == 3
        await pools.give_back(route)


@pytest.mark.parametrize("proxied", [False, True])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_on_a_new_connection_or_after_a_reply_began_nothing_is_sent_again(proxied, begun):
    async with KeepAliveProxy(Raw(begun)) as upstream:
        pools = Pools()
        base = "http://upstream.test/v1" if proxied else upstream.url
        route, pool = pools.take(base, upstream.address if proxied else None)
        prepared = pool.prepare("POST", f"{base}/chat/completions", {})
        with pytest.raises(AttemptFailed) as caught:
            await sent(pool, prepared, 1)
        assert caught.value.failure.kind in (FailureKind.DISCONNECTED, FailureKind.BAD_RESPONSE)
        assert len(upstream.requests) == 1
        await pools.give_back(route)


@pytest.mark.parametrize("proxied", [False, True])
async def test_a_reply_that_began_on_a_kept_connection_is_not_asked_for_again(proxied):
    async with KeepAliveProxy(Once(b"HTTP/1.1 200 OK\r\nContent-")) as upstream:
        pools = Pools()
        base = "http://upstream.test/v1" if proxied else upstream.url
        route, pool = pools.take(base, upstream.address if proxied else None)
        prepared = pool.prepare("POST", f"{base}/chat/completions", {})
        with pytest.raises(AttemptFailed):
            await sent(pool, prepared, 2)
        assert len(upstream.requests) == 2
        await pools.give_back(route)
