"""The rows of the catalogue that are about clients, reloads, proxies, clocks and this machine."""

import asyncio
import json
import os
import resource
import time

import pytest

from g4f.config.load import load_text
from g4f.gateway.snapshot import plan
from tests.support.loops import turns
from tests.support.proxies import HttpProxy, SocksProxy
from tests.support.replies import Close, Completion, Gate, Hang, Raw, Status, Stream
from tests.support.upstream import Upstream
from tests.support.wire import Listener, free_port

FILE = """
defaults: {{timeouts: {{first_token: 8s, idle: 8s}}}}
providers:
  Lab: {{dialect: openai, base_url: "{url}", keyless: true, retries: 0, proxy: {proxy}}}
models: {{{model}: {{chain: [Lab/m]}}}}
"""


def file(upstream, *, proxy="none", model="m"):
    return FILE.format(url=upstream.url, proxy=proxy, model=model)


async def until(condition):
    async with asyncio.timeout(3):
        while not condition():
            await asyncio.sleep(0)


async def first_content(answer):
    wire = b""
    while b'"hi"' not in wire:
        wire += await answer.content.readany()
    return wire


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("reply", [Hang(), Raw(b"HTTP/1.1 200 OK\r\n", end="hang"), Stream([], end="hang")])
async def test_a_client_that_leaves_ends_the_upstream_call(reply, stream, serve):
    """Row 42: at once, and nobody is blamed."""
    async with Upstream(reply) as upstream:
        served = await serve(file(upstream))
        asking = asyncio.ensure_future(served.chat("m", stream=stream))
        request = await upstream.received()
        await turns()
        asking.cancel()
        await asyncio.wait([asking])
        async with asyncio.timeout(1):
            await request.ended.wait()
        await until(lambda: upstream.open_connections == 0)
        assert (request.closed, served.cooling) == (True, [])


async def test_a_client_that_leaves_mid_stream_ends_the_upstream_call(serve):
    """Row 43: the upstream's socket is closed, not kept for another request."""
    async with Upstream(Stream(["hi"], end="hang")) as upstream:
        served = await serve(file(upstream))
        answer = await served.chat("m", stream=True)
        await first_content(answer)
        answer.close()
        async with asyncio.timeout(1):
            await upstream.requests[0].ended.wait()
        await until(lambda: upstream.open_connections == 0)
        assert served.cooling == []


async def reloaded_while_streaming(serve, new):
    gate = Gate()
    async with Upstream(Stream(["hi", gate, " there"])) as upstream:
        served = await serve(file(upstream))
        answer = await served.chat("m", stream=True)
        wire = await first_content(answer)
        await served.gateway.swap(plan(load_text(new), {})).retire()
        after = await served.chat("m", stream=True)
        gate.open()
        wire += await answer.read()
        await until(lambda: upstream.open_connections == 0)
        return wire, after


async def test_a_stream_ends_on_the_snapshot_it_began_with(serve):
    """Row 44: also where its provider is gone from the new file."""
    async with Upstream(Completion("new")) as other:
        wire, after = await reloaded_while_streaming(serve, file(other))
        assert b" there" in wire
        assert wire.endswith(b"data: [DONE]\n\n")
        assert b"new" in await after.read()


async def test_a_model_removed_while_it_streams_finishes(serve):
    """Row 45: and the next request for it is a 404."""
    async with Upstream() as other:
        wire, after = await reloaded_while_streaming(serve, file(other, model="another"))
        assert wire.endswith(b"data: [DONE]\n\n")
        assert after.status == 404


class Rude(Listener):
    """A proxy that says something and closes."""

    def __init__(self, words):
        super().__init__()
        self.words = words

    async def serve(self, wire):
        await wire.read_some()
        await wire.write(self.words)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4", "socks5h"])
async def test_a_proxy_that_refuses_is_never_passed_by(scheme, stream, serve):
    async with Upstream() as upstream:
        served = await serve(file(upstream, proxy=f"{scheme}://127.0.0.1:{free_port()}"))
        error = json.loads(await (await served.chat("m", stream=stream)).read())["error"]
        assert (error["code"], upstream.connections) == ("proxy_error", 0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("http", b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"),
        ("socks5", b"\x05\xff"),
        ("socks5", b"\x05\x00\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"),
        ("socks5", b"garbage"),
        ("socks5", b""),
    ],
)
async def test_a_proxy_that_fails_is_never_passed_by(scheme, words, stream, serve):
    """Row 46."""
    async with Upstream() as upstream, Rude(words) as proxy:
        served = await serve(file(upstream, proxy=f"{scheme}://user:hidden@127.0.0.1:{proxy.port}"))
        answer = await served.chat("m", stream=stream)
        text = await answer.text()
        assert (answer.status, json.loads(text)["error"]["code"]) == (502, "proxy_error")
        assert upstream.connections == 0
        assert "hidden" not in text


@pytest.mark.parametrize("kind", [HttpProxy, SocksProxy])
async def test_a_proxy_that_dies_mid_stream_is_a_break_off(kind, serve):
    """Row 46, after content."""
    async with Upstream(Stream(["hi"], end="hang")) as upstream:
        async with kind() as proxy:
            served = await serve(file(upstream, proxy=proxy.url))
            answer = await served.chat("m", stream=True)
            wire = await first_content(answer)
        wire += await answer.read()
        assert b"upstream_disconnected" in wire
        assert b"[DONE]" not in wire


@pytest.mark.parametrize("ending", [Close(), Close(rst=True)], ids=["fin", "rst"])
async def test_a_stale_connection_through_a_proxy_is_replaced_without_a_failure(ending, serve):
    """Row 8, behind a SOCKS proxy."""
    async with Upstream(Completion("a"), ending, Completion("b")) as upstream, SocksProxy() as proxy:
        served = await serve(file(upstream, proxy=proxy.url))
        assert (await served.chat("m", stream=False)).status == 200
        second = await served.chat("m", stream=False)
        assert (second.status, second.headers["x-g4f-attempts"]) == (200, "1")
        assert len(upstream.requests) == 3


@pytest.mark.parametrize("jump", [-31_536_000.0, 31_536_000.0])
async def test_a_jump_of_the_wall_clock_changes_nothing(jump, serve, monkeypatch, clock):
    """Row 47: a cooldown is as long as it was, and an open stream goes on."""
    gate = Gate()
    script = (Status(429, headers={"Retry-After": "20"}), Stream(["hi", gate, " there"]), Completion())
    async with Upstream(*script) as upstream:
        served = await serve(file(upstream))
        assert (await served.chat("m", stream=False)).status == 429
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        assert served.cooling == [("Lab", "rate_limited", 20.0)]
        clock.advance(20)
        assert served.cooling == []
        answer = await served.chat("m", stream=True)
        wire = await first_content(answer)
        monkeypatch.setattr(time, "time", lambda: real() - jump)
        gate.open()
        assert (wire + await answer.read()).endswith(b"data: [DONE]\n\n")
        assert (await served.chat("m", stream=False)).status == 200


@pytest.fixture
def no_descriptors():
    """A function that leaves this process no descriptor to open; undone after the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def exhaust():
        lowest_free = os.dup(0)
        os.close(lowest_free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))

    yield exhaust
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_no_descriptors_left_is_nobodys_fault(serve, no_descriptors):
    """Row 48."""
    async with Upstream() as upstream:
        served = await serve(file(upstream))
        async with served.client.get("/livez") as alive:  # a client connection that is there already
            await alive.read()
        no_descriptors()
        answer = await served.chat("m", stream=False)
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "overloaded")
        assert served.cooling == []


async def test_when_all_cool_down_the_client_is_told_when_to_come_back(serve):
    """Row 49."""
    async with Upstream(Status(429, headers={"Retry-After": "20"})) as upstream:
        served = await serve(file(upstream))
        await served.chat("m", stream=False)
        answer = await served.chat("m", stream=False)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "20")
        assert (await answer.json())["error"]["code"] == "no_provider_available"
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_a_deadline_in_the_middle_of_a_chain_is_a_504(stream, serve):
    """Row 50: the first of two targets has eaten its share, the second the rest."""
    text = """
defaults: {{timeouts: {{first_token: 8s, total: 200ms}}, retries: 0}}
providers:
  A: {{dialect: openai, base_url: "{url}", keyless: true}}
  B: {{dialect: openai, base_url: "{url}", keyless: true}}
models: {{m: {{chain: [A, B]}}}}
"""
    async with Upstream(Hang()) as upstream:
        served = await serve(text.format(url=upstream.url))
        answer = await served.chat("m", stream=stream)
        error = (await answer.json())["error"]
        assert (answer.status, error["code"]) == (504, "deadline_exceeded")
        assert answer.headers["x-g4f-attempts"] == str(len(error["attempts"])) == "2"
