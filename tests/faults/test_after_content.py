"""After the first content nobody takes over: what came stays, and what breaks it is told, alone, as the last event."""

import json

import openai
import pytest

from tests.faults.catalogue import SSE, UNTIL_EOF
from tests.support.http import chunk
from tests.support.proxies import SocksProxy
from tests.support.replies import Completion, Endless, Gate, Raw, Stream, error, sse
from tests.support.upstream import Upstream

FILE = """
providers:
  Bad: {{dialect: openai, base_url: "{bad}", keyless: true, proxy: {proxy}, timeouts: {limits}}}
  Good: {{dialect: openai, base_url: "{good}", keyless: true}}
models:
  pair: {{chain: [Bad/m, Good/m]}}
"""
SHORT = "{first_token: 5s, idle: 60ms}"
LONG = "{first_token: 8s, idle: 8s}"
HI = sse({"id": "c", "choices": [{"index": 0, "delta": {"content": "hi"}, "finish_reason": None}]})
MIB = 1 << 20


def raw(after=b"", end="close"):
    return lambda gate: Raw([SSE + chunk(HI), gate, after], end=end)


#: number, fault, reply, code, failures until it cools down, whether time limits are short
BREAKS = [
    (7, "stall", raw(end="hang"), "upstream_timeout", 2, True),
    (7, "comments that never end", lambda _: Endless(UNTIL_EOF + HI, b": x\n\n"), "upstream_timeout", 2, True),
    (10, "closed", raw(), "upstream_disconnected", 5, False),
    (10, "reset", raw(end="reset"), "upstream_disconnected", 5, False),
    (10, "cut within a chunk", raw(chunk(HI)[:9]), "upstream_disconnected", 5, False),
    (11, "clean end without terminator", raw(chunk(b"")), "upstream_disconnected", 5, False),
    (11, "end of the connection", lambda g: Raw([UNTIL_EOF + HI, g]), "upstream_disconnected", 5, False),
    (
        11,
        "reset of a body without length",
        lambda g: Raw([UNTIL_EOF + HI, g], end="reset"),
        "upstream_disconnected",
        5,
        False,
    ),
    (11, "end within an event", raw(chunk(HI[:-9]) + chunk(b"")), "upstream_disconnected", 5, False),
    (13, "a chunk that is none", raw(b"zz\r\n"), "upstream_bad_response", 5, False),
    (20, "event over 1 MiB", raw(chunk(b"data: " + b"x" * MIB + b"\n\n")), "upstream_too_large", 5, False),
    (20, "line without end", lambda g: Endless(UNTIL_EOF + HI, b"x" * 65536), "upstream_too_large", 5, False),
    (21, "event that is no JSON", raw(chunk(b"data: {nope\n\n")), "upstream_bad_response", 5, False),
    (21, "no JSON, and then more", raw(chunk(b"data: {nope\n\n" + HI)), "upstream_bad_response", 5, False),
    (
        23,
        "an error",
        lambda g: Stream(["hi", g, error("sk-secret123456", type="server_error")]),
        "upstream_error",
        5,
        False,
    ),
    (23, "an error event", raw(chunk(b'event: error\ndata: {"message": "x"}\n\n')), "upstream_error", 5, False),
    (
        23,
        "overloaded",
        lambda g: Stream(["hi", g, error("x", type="overloaded_error")]),
        "upstream_overloaded",
        5,
        False,
    ),
    (
        31,
        "a rate limit",
        lambda g: Stream(["hi", g, error("x", code="rate_limit_exceeded")]),
        "rate_limit_exceeded",
        1,
        False,
    ),
]
ROWS = pytest.mark.parametrize(
    ("reply", "code", "cools", "timed"), [row[2:] for row in BREAKS], ids=[f"{row[0]}: {row[1]}" for row in BREAKS]
)


async def break_off(reply, served, bad):
    """The events of one stream whose upstream goes on to its fault once the client has the first content."""
    gate = Gate()
    bad.script(reply(gate))
    answer = await served.chat("pair", stream=True)
    wire = b""
    while b'"hi"' not in wire:
        wire += await answer.content.readany()
    gate.open()
    wire += await answer.read()
    assert answer.status == 200
    assert wire.endswith(b"\n\n")
    return [
        json.loads(event.removeprefix("data: ")) for event in wire.decode().split("\n\n") if event.startswith("data")
    ]


async def meet(reply, code, cools, timed, serve, proxy="none"):
    async with Upstream() as bad, Upstream(Completion("good words")) as good:
        served = await serve(FILE.format(bad=bad.url, good=good.url, proxy=proxy, limits=SHORT if timed else LONG))
        for failures in range(cools):
            assert served.cooling == [], f"cools down after {failures} failures"
            first, *_, last = await break_off(reply, served, bad)
            assert first["choices"][0]["delta"]["content"] == "hi"
            assert last.keys() == {"error"}
            assert last["error"].keys() == {"message", "type", "param", "code"}
            assert last["error"]["code"] == code
            assert "sk-secret" not in last["error"]["message"]
        assert [provider for provider, *_ in served.cooling] == ["Bad"]
        assert (good.requests, len(bad.requests)) == ([], cools), "nothing is tried again after content"


@ROWS
async def test_a_break_after_content_is_told_in_the_stream(reply, code, cools, timed, serve):
    await meet(reply, code, cools, timed, serve)


@ROWS
async def test_a_break_behind_a_proxy_is_told_in_the_stream(reply, code, cools, timed, serve):
    async with SocksProxy() as proxy:
        await meet(reply, code, cools, timed, serve, proxy.url)


@ROWS
async def test_the_openai_sdk_raises_on_it(reply, code, cools, timed, serve):
    gate = Gate()
    async with Upstream(reply(gate)) as bad, Upstream() as good:
        served = await serve(FILE.format(bad=bad.url, good=good.url, proxy="none", limits=SHORT if timed else LONG))
        async with openai.AsyncOpenAI(base_url=str(served.client.make_url("/v1")), api_key="x") as sdk:
            stream = await sdk.chat.completions.create(
                model="pair", messages=[{"role": "user", "content": "x"}], stream=True
            )
            texts = []
            with pytest.raises(openai.APIError) as caught:
                async for piece in stream:
                    texts.append(piece.choices[0].delta.content)
                    gate.open()
        assert caught.value.code == code
        assert "".join(filter(None, texts)).startswith("hi")
        assert good.requests == []


async def test_a_stream_of_content_without_end_stops_at_the_deadline(serve):
    """Catalogue row 38, after content: the time of the whole request bounds it."""
    async with Upstream(Endless(UNTIL_EOF + HI, HI)) as bad, Upstream() as good:
        served = await serve(FILE.format(bad=bad.url, good=good.url, proxy="none", limits="{total: 300ms}"))
        answer = await served.chat("pair", stream=True)
        async with answer:
            last = (await answer.read()).rstrip(b"\n").rpartition(b"\n\n")[2]
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "deadline_exceeded"
        assert served.cooling == []
