"""What holds whatever the upstreams do and however their bytes are cut (invariants 1, 2 and 5 of a stream's life)."""

import asyncio
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from g4f.config.load import load_text
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from g4f.router.health import Health
from g4f.router.policy import MAX_ATTEMPTS
from tests.faults.catalogue import SSE, UNTIL_EOF
from tests.faults.serving import app_over
from tests.support.clock import Clock
from tests.support.http import chunk
from tests.support.loops import LOOPS
from tests.support.replies import Close, Completion, Html, Raw, Reply, Status, Stream, error
from tests.support.upstream import Upstream

GOLDEN = sorted((Path(__file__).parents[1] / "dialects" / "golden").glob("*.sse"))
FILE = """
providers:
  A: {{dialect: openai, base_url: "{0}", keyless: true}}
  B: {{dialect: openai, base_url: "{1}", keyless: true}}
  C: {{dialect: openai, base_url: "{2}", keyless: true}}
models: {{m: {{chain: [A, B, C]}}}}
"""
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Counting(Health):
    """Health that also counts what it is told: a real one, which keeps books."""

    def __init__(self, clock):
        super().__init__(clock, lambda: 0.0)
        self.begun = Counter()
        self.outcomes = Counter()

    @property
    def untroubled(self):
        return False  # it is told of every attempt

    def begin(self, provider, *rest, **more):
        self.begun[provider] += 1
        super().begin(provider, *rest, **more)

    def succeeded(self, provider, *rest, **more):
        self.outcomes[provider] += 1
        super().succeeded(provider, *rest, **more)

    def failed(self, provider, *rest, **more):
        self.outcomes[provider] += 1
        super().failed(provider, *rest, **more)


class World:
    """Three scripted upstreams behind one server, on a loop of its own, for many examples."""

    def __init__(self, loop_factory):
        self.runner = asyncio.Runner(loop_factory=loop_factory)
        self.stack = AsyncExitStack()
        self.clock = Clock()

    def __enter__(self):
        self.runner.run(self._start())
        return self

    def __exit__(self, *_):
        self.runner.run(self.stack.aclose())
        self.runner.close()

    async def _start(self):
        self.upstreams = [await self.stack.enter_async_context(Upstream()) for _ in range(3)]
        first = plan(load_text(FILE.format(*(u.url for u in self.upstreams))), {})
        self.gateway = Gateway(first, clock=self.clock, dice=lambda: 0.0, sleep=partial(asyncio.sleep, 0))
        runner = web.AppRunner(app_over(self.gateway), handler_cancellation=True, lingering_time=0.1)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/chat/completions"

    def ask(self, scripts, *, stream=True, jump=0.0):
        """The status and body of one request, the upstreams playing `scripts`, and a wall clock that jumped."""
        return self.runner.run(self._ask(scripts, stream, jump))

    async def _ask(self, scripts, stream, jump):
        for upstream, replies in zip(self.upstreams, scripts, strict=False):
            upstream.requests.clear()
            upstream.script(*replies)
        for provider in "ABC":
            self.gateway.health.forget(provider)
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": stream}
        real = time.time
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "time", lambda: real() + jump)
            async with aiohttp.request("POST", self.url, json=body) as answer:
                return answer.status, await answer.read()

    @property
    def calls(self):
        return sum(len(upstream.requests) for upstream in self.upstreams)


@pytest.fixture(scope="module", params=LOOPS)
def world(request):
    with World(LOOPS[request.param]) as world:
        yield world


def cuts(content, places):
    edges = [0, *sorted({place % len(content) for place in places} - {0}), len(content)]
    return [content[a:b] for a, b in pairwise(edges)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
@QUICK
@given(places=st.lists(st.integers(0, 1 << 20), max_size=40), chunked=st.booleans(), apart=st.booleans())
def test_however_a_stream_is_cut_the_client_gets_the_same_bytes(world, path, places, chunked, apart):
    content = path.read_bytes()
    whole = _scrubbed(world.ask([[Raw(UNTIL_EOF + content)]]))
    pieces = cuts(content, places)
    if chunked:
        reply = Raw([SSE, *map(chunk, pieces), chunk(b"")], apart=apart, end="keep")
    else:
        reply = Raw([UNTIL_EOF, *pieces], apart=apart)
    assert _scrubbed(world.ask([[reply]])) == whole


def _scrubbed(answer):
    """Without what names or times the request itself."""
    status, body = answer
    assert status == 200
    events = [json.loads(e[6:]) for e in body.split(b"\n\n") if e.startswith(b"data: {")]
    for event in events:
        event.pop("created", None)
        if str(event.get("id", "")).startswith("chatcmpl-req_"):
            event["id"] = "ours"
        for choice in event.get("choices") or ():
            for call in choice["delta"].get("tool_calls") or ():
                if str(call.get("id", "")).startswith("call_"):
                    call["id"] = "call"
    return events, body.rpartition(b"data: ")[2]


def replies(name):
    """What one upstream may do; each text it says begins with its name."""
    said = [f"{name}{number} " for number in range(4)]
    kinds: list[Reply] = [
        Completion("".join(said).strip()),
        Status(429, headers={"Retry-After": "20"}),
        Status(500),
        Status(503),
        Status(400),
        Status(401),
        Status(404),
        Html(),
        Close(),
        Close(rst=True),
        Close(after=150),
        Raw(b"GARBAGE\r\n\r\n"),
        Stream([], end="eof"),
        *(Stream(said[:n], end=end) for n in range(4) for end in ("done", "eof", "cut", "reset")),
        *(Stream([*said[:n], error("x", type="overloaded_error")]) for n in range(3)),
        Stream([said[0], b"data: {nope\n\n"]),
    ]
    return st.lists(st.sampled_from(kinds), min_size=1, max_size=3)


SCRIPTS = st.tuples(replies("A"), replies("B"), replies("C"))
JUMPS = st.sampled_from([0.0, -31_536_000.0, 31_536_000.0])


@settings(QUICK, max_examples=200)
@given(scripts=SCRIPTS, stream=st.booleans(), jump=JUMPS)
def test_an_answer_is_one_targets_and_what_it_cost_is_bounded(world, scripts, stream, jump):
    health = Counting(world.clock)
    _watch(world.gateway, health)
    status, body = world.ask(scripts, stream=stream, jump=jump)
    attempts = health.begun.total()
    assert attempts <= MAX_ATTEMPTS
    assert attempts <= world.calls <= 2 * attempts, "each attempt may find one connection that had gone stale"
    assert health.begun == health.outcomes, "each attempt has exactly one outcome"
    if status != 200:
        assert json.loads(body)["error"].keys() >= {"message", "type", "param", "code"}
        return
    text = _text(body, stream)
    name = text[:1]
    assert "".join(f"{name}{number} " for number in range(4)).startswith(text), "a prefix of one target's answer"
    if stream:
        last = body.rstrip(b"\n").rpartition(b"\n\n")[2]
        assert last == b"data: [DONE]" or json.loads(last[6:]).keys() == {"error"}
        assert body.count(b"[DONE]") + body.count(b'{"error"') == 1


def _watch(gateway, health):
    """Give the gateway other books: health is one of the conditions that it is made with."""
    gateway.health = health
    gateway._conditions = replace(gateway._conditions, health=health)


def _text(body, stream):
    if not stream:
        return json.loads(body)["choices"][0]["message"]["content"]
    events = [json.loads(e[6:]) for e in body.split(b"\n\n") if e.startswith(b"data: {")]
    return "".join(c["delta"].get("content") or "" for e in events for c in e.get("choices") or ())


@settings(QUICK, max_examples=40)
@given(scripts=SCRIPTS, stream=st.booleans(), jump=st.sampled_from([-31_536_000.0, 31_536_000.0]))
def test_a_jump_of_the_wall_clock_changes_no_outcome(world, scripts, stream, jump):
    _watch(world.gateway, Counting(world.clock))
    scripts = [script[:1] for script in scripts]  # a stale connection costs a reply, so let them all be the same
    before = world.ask(scripts, stream=stream)[0], _cooling(world)
    assert (world.ask(scripts, stream=stream, jump=jump)[0], _cooling(world)) == before


def _cooling(world):
    return [(key, cooldown.kind, cooldown.until) for key, cooldown in world.gateway.health.cooling()]
