"""A plain chat takes the short way and any other aiohttp's, and no client can tell which one it was."""

import asyncio
import gc
import json
import re

import pytest

from g4f.api.keys import STATE
from tests.support.caller import chat
from tests.support.loops import turns
from tests.support.replies import Completion, Gate, Hang, Status, Stream, error
from tests.support.upstream import Upstream
from tests.support.wire import Wire

KEY = "0123456789abcdef"
#: A query that says nothing keeps a request from being plain.
WAYS = {"short": "/v1/chat/completions", "aiohttp": "/v1/chat/completions?"}
BOTH = pytest.mark.parametrize("target", WAYS.values(), ids=WAYS)


def config(url, server=""):
    return f"""
        server: {{keys: [{{name: k, key: {KEY}, models: [m, none]}}], keepalive: 50ms, max_body: 1MiB{server}}}
        defaults: {{retries: 0}}
        providers: {{P: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [P]}}, hidden: {{chain: [P]}}}}
        """


@pytest.fixture
async def dial():
    """`await dial(client)` is a connection to its server, stopped after the test."""
    wires = []

    async def connect(client):
        wires.append(await Wire.dial("127.0.0.1", client.port))
        return wires[-1]

    yield connect
    for wire in wires:
        await wire.stop()


def request(target, body, **headers):
    fields = {"Host": "localhost", "x-api-key": KEY, "Content-Length": str(len(body)), **headers}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answer(wire):
    """Status, headers and body of an answer, with its chunks joined."""
    head = (await wire.read_until(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")[:-2]
    headers = dict(line.split(": ", 1) for line in lines)
    if "Content-Length" in headers:
        return first, headers, await wire.read_exactly(int(headers["Content-Length"]))
    assert headers["Transfer-Encoding"] == "chunked"
    body = b""
    while size := int(await wire.read_until(b"\r\n"), 16):
        body += (await wire.read_exactly(size + 2))[:-2]
    await wire.read_exactly(2)
    return first, headers, body


def comparable(told):
    """What must be the same on both ways: all but ids and times."""
    first, headers, body = told
    changing = {"x-request-id": headers["x-request-id"][:4], "Date": "", "Content-Length": ""}
    body = re.sub(rb'"ms":[0-9]+|after [0-9]+ ms', b"MS", body.replace(headers["x-request-id"].encode(), b"ID"))
    return first, {name: changing.get(name, value) for name, value in headers.items()}, body


def stream(*pieces, **more):
    return Stream(list(pieces), **more)


WHOLE, STREAM = chat("m"), chat("m", stream=True)
CASES = {
    "whole": (Completion("hello"), WHOLE, {}),
    "unicode": (Completion("žluťoučký 🐎"), chat("m", "🐎"), {}),
    "a large answer": (Completion("y" * 300_000), WHOLE, {}),
    "a stream": (stream("one", " two"), STREAM, {}),
    "a stream that breaks": (stream("one", error("x", type="server_error")), STREAM, {}),
    "a stream that fails before it begins": (Status(500), STREAM, {}),
    "a failure": (Status(500), WHOLE, {}),
    "a rate limit": (Status(429, {"Retry-After": "7"}), WHOLE, {}),
    "a refusal": (Status(400), WHOLE, {}),
    "no key": (Completion(), WHOLE, {"x-api-key": None}),
    "a wrong key": (Completion(), WHOLE, {"x-api-key": "wrong"}),
    "two keys": (Completion(), WHOLE, {"Authorization": "Bearer other"}),
    "no such model": (Completion(), chat("none"), {}),
    "another's model": (Completion(), chat("hidden"), {}),
    "no messages": (Completion(), {"model": "m"}, {}),
    "no JSON": (Completion(), None, {}),
    "another type": (Completion(), WHOLE, {"Content-Type": "text/plain"}),
    "compressed": (Completion(), WHOLE, {"Content-Encoding": "gzip"}),
    "too large": (Completion(), chat("m", "x" * (1 << 20)), {}),
    "a client that says close": (Completion(), WHOLE, {"Connection": "close"}),
}


@pytest.mark.parametrize(("reply", "asked", "headers"), CASES.values(), ids=CASES)
async def test_the_answer_is_the_same_on_both_ways(serve, dial, reply, asked, headers):
    told = []
    for target in WAYS.values():
        async with Upstream(reply) as upstream:
            client = await serve(config(upstream.url))
            wire = await dial(client)
            body = b"{nope" if asked is None else json.dumps(asked).encode()
            await wire.write(request(target, body, **headers))
            told.append(comparable(await answer(wire)))
            if told[-1][1].get("Connection") == "close":
                await wire.gone.wait()
            else:
                await wire.write(request(target, json.dumps(WHOLE).encode()))
                await wire.read_until(b"\r\n\r\n")  # another request may follow
    assert told[0] == told[1]


@BOTH
async def test_what_goes_upstream_and_into_the_log_is_the_same(serve, target):
    async with Upstream(Completion("hello")) as upstream:
        client = await serve(config(upstream.url))
        added = []
        state = client.app[STATE]
        state.journal.read_by(added.extend)
        await client.post(target, json=chat("m", seed=3), headers={"x-api-key": KEY})
        state.journal.drain()
        (line,) = added
        assert upstream.requests[0].json["seed"] == 3
        assert (line.method, line.endpoint, line.status, line.caller_name) == ("POST", "/v1/chat/completions", 200, "k")
        assert (line.fields["model"], line.usage is not None, line.whole) == ("m", True, True)


@BOTH
async def test_a_client_that_leaves_ends_the_upstream_call(serve, dial, target):
    for reply, asked in ((Hang(), WHOLE), (Hang(), STREAM), (Stream(["one", Gate()]), STREAM)):
        async with Upstream(reply) as upstream:
            client = await serve(config(upstream.url))
            wire = await dial(client)
            await wire.write(request(target, json.dumps(asked).encode()))
            call = await upstream.received()
            if isinstance(reply, Stream):
                await wire.read_until(b'"one"')
            wire.reset()
            await call.ended.wait()
            assert call.closed


@BOTH
async def test_requests_in_a_row_without_waiting_are_answered_in_their_order(serve, dial, target):
    async with Upstream(Completion("a"), Completion("b"), Completion("c")) as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        sent = request(target, json.dumps(WHOLE).encode())
        other = request(WAYS["aiohttp"], json.dumps(WHOLE).encode())
        await wire.write(sent + other + sent)
        texts = [json.loads((await answer(wire))[2])["choices"][0]["message"]["content"] for _ in range(3)]
        assert texts == ["a", "b", "c"]


@BOTH
async def test_a_flood_behind_a_request_is_not_read_until_it_is_answered(serve, dial, target):
    gate = Gate()
    async with Upstream(Stream([gate, "one"])) as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        sent = request(target, json.dumps(STREAM).encode())
        await wire.write(sent)
        await upstream.received()
        flood = asyncio.ensure_future(wire.write(*[sent * 200] * 400))
        await turns(300)
        assert not flood.done()
        gate.open()
        assert b'"one"' in (await answer(wire))[2]
        flood.cancel()


@BOTH
async def test_a_body_that_nobody_wanted_does_not_end_the_connection(serve, dial, target):
    async with Upstream(Completion("hello")) as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        body = json.dumps(WHOLE).encode()
        await wire.write(request(target, body, **{"x-api-key": "wrong"})[: -len(body)])
        assert (await answer(wire))[0] == "HTTP/1.1 401 Unauthorized"
        await wire.write(body + request(target, body))
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"


@BOTH
async def test_a_server_that_drains_says_so_to_each_client(serve, dial, target):
    gate = Gate()
    async with Upstream(Stream(["one", gate])) as upstream:
        client = await serve(config(upstream.url))
        state = client.app[STATE]
        wire = await dial(client)
        await wire.write(request(target, json.dumps(STREAM).encode()))
        await gate.arrived()
        waiting = await dial(client)
        upstream.script(Hang())
        await waiting.write(request(target, json.dumps(WHOLE).encode()))
        await upstream.received(2)
        state.drain()
        state.cutting = True
        for task in list(state.running):
            task.cancel()
        _, _, body = await answer(wire)
        assert json.loads(body.split(b"\n\n")[-2].removeprefix(b"data: "))["error"]["code"] == "shutting_down"
        first, headers, body = await answer(waiting)
        assert (first, headers["Connection"]) == ("HTTP/1.1 503 Service Unavailable", "close")
        assert json.loads(body)["error"]["code"] == "shutting_down"
        await state.idle.wait()


@pytest.mark.parametrize("asked", [WHOLE, STREAM], ids=["whole", "stream"])
async def test_a_request_leaves_nothing_to_the_garbage_collector(serve, dial, asked):
    async with Upstream(Completion("hello there")) as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        sent = request(WAYS["short"], json.dumps(asked).encode())
        for _ in range(3):  # the first ones also fill what is remembered
            await wire.write(sent)
            await answer(wire)
        client.app[STATE].journal.drain()
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for _ in range(3):
                await wire.write(sent)
                await answer(wire)
            client.app[STATE].journal.drain()
            await turns(3)
            gc.collect()
            left = [type(found) for found in gc.garbage if type(found).__module__.startswith("g4f.")]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        assert left == []
