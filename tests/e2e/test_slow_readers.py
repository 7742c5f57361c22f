"""A client that does not read slows its own upstream down, costs little, and is cut in the end."""

import asyncio
import io
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.conftest import Serve
from tests.support.caller import chat, post
from tests.support.http import Request, chunk, head
from tests.support.replies import Choose, Completion, delta, sse
from tests.support.upstream import Upstream
from tests.support.wire import Wire

pytestmark = pytest.mark.e2e

MIB = 1 << 20


@dataclass
class Flood:
    """A stream that never ends, and how many bytes of it could be sent."""

    sent: list[int] = field(default_factory=lambda: [0])

    async def play(self, wire: Wire, request: Request) -> bool:
        await wire.write(head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}))
        piece = chunk(sse(delta(request, {"content": "x" * 4000})))
        while wire.is_open:
            await wire.write(piece)
            self.sent[0] += len(piece)
            await asyncio.sleep(0)
        return False


@asynccontextmanager
async def client_that_does_not_read(url: str, **fields: object):
    """A connection with a small window that sends a request and then never reads."""
    host, port = url.removeprefix("http://").split(":")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, (host, int(port)))
    body = json.dumps(chat("m", **fields)).encode()
    request = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    await loop.sock_sendall(deaf, request.encode() + body)
    try:
        yield deaf
    finally:
        deaf.close()


def config(url: str, write_timeout: str) -> str:
    return f"""
        server: {{write_timeout: {write_timeout}}}
        providers: {{P: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [P]}}}}
        """


async def settled(value) -> int:
    """The value once it has stopped changing for a while."""
    before = -1
    while value() != before:
        before = value()
        await asyncio.sleep(0.3)
    return before


async def test_a_stalled_stream_throttles_its_upstream_in_bounded_memory_and_is_cut(serve: Serve):
    flood = Flood()
    async with Upstream(flood) as upstream:
        daemon = await serve(config(upstream.url, "2s"))
        before = daemon.rss_mib()
        async with client_that_does_not_read(daemon.url, stream=True):
            request = await upstream.received()
            sent = await settled(lambda: flood.sent[0])
            # Almost all of it is in the kernel's socket buffers, which grow up to some MiB on loopback.
            assert 0 < sent < 24 * MIB
            assert daemon.rss_mib() - before < 8
            async with asyncio.timeout(10):
                await request.ended.wait()
        assert request.closed
        line = await daemon.logged("request.finished")
        assert (line["status"], line["reason"]) == (499, "write_timeout")


async def test_a_stalled_whole_answer_is_cut_too(serve: Serve):
    async with Upstream(Completion("y" * (24 * MIB))) as upstream:
        daemon = await serve(config(upstream.url, "500ms"))
        async with client_that_does_not_read(daemon.url):
            line = await daemon.logged("request.finished")
        assert (line["status"], line["reason"]) == (499, "write_timeout")


async def test_other_clients_are_not_held_up_by_one_that_does_not_read(serve: Serve):
    flood = Flood()
    by = Choose(lambda request: flood if request.json.get("stream") else Completion("quick"))
    async with Upstream(by) as upstream:
        daemon = await serve(config(upstream.url, "60s"))
        async with client_that_does_not_read(daemon.url, stream=True):
            await upstream.received()
            for _ in range(20):
                assert (await post(f"{daemon.url}/v1/chat/completions", chat("m"))).text == "quick"


async def test_answers_and_requests_of_30_mib_are_relayed_in_bounded_memory(serve: Serve):
    size = 30 * MIB
    echo = Choose(lambda request: Completion(request.json["messages"][0]["content"][:1]))
    async with Upstream(echo) as upstream:
        daemon = await serve(config(upstream.url, "60s"))
        url = f"{daemon.url}/v1/chat/completions"
        assert (await post(url, chat("m", "warm"))).text == "w"
        before = daemon.rss_mib()
        daemon.forget_peak()
        large = io.BytesIO(json.dumps(chat("m", "z" * size)).encode())
        async with aiohttp.request("POST", url, data=large, headers={"Content-Type": "application/json"}) as reply:
            assert (await reply.json())["choices"][0]["message"]["content"] == "z"
        asked = daemon.peak_mib() - before
        upstream.script(Completion("a" * size))
        daemon.forget_peak()
        assert len((await post(url, chat("m"))).text) == size
        answered = daemon.peak_mib() - before
    print(f"peak growth: {asked / 30:.2f} x the request's body, {answered / 30:.2f} x the answer's")
    assert asked < 4 * 30
    assert answered < 5 * 30
