"""For one configuration, one state of the dice and one script of the upstreams, the library makes the same attempts in
the same order as the daemon, and gives the same answer."""

import asyncio
import json
import random
import time
from contextlib import AsyncExitStack

from hypothesis import given, settings
from hypothesis import strategies as st

from g4f import AsyncClient
from g4f.api.app import build_app
from g4f.api.auth import Doorkeeper
from g4f.api.state import ServerState
from g4f.config.load import load_text
from g4f.errors import ExhaustedError, G4FError
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from tests.support.caller import chat, post, text_of
from tests.support.replies import Choose, Completion, Html, Status, Stream
from tests.support.server import EdgeServer
from tests.support.upstream import Upstream

NAMES = ("A", "B", "C")

replies = st.sampled_from(
    [
        Completion("fine"),
        Status(500),
        Status(401),
        Status(404),
        Status(429, headers={"Retry-After": "7"}),
        Status(400),
        Html(),
        Stream(["begun"], end="cut"),
    ]
)
#: What each upstream does with the calls that reach it; the last reply stands.
scripts = st.fixed_dictionaries({name: st.lists(replies, min_size=1, max_size=3) for name in NAMES})
chains = st.sampled_from(
    ["[A/u, B/u, C/u]", "[[A/u, B/u], C/u]", "[C/u, {provider: A, model: u, retries: 1}, [B/u, B/v]]"]
)
#: Requests one after the other: whether each wants a stream, and the provider it pins.
requests = st.lists(st.tuples(st.booleans(), st.sampled_from([None, None, "B"])), min_size=1, max_size=4)


async def no_pause(_):
    return None


class World:
    """Upstreams that play a script from its beginning, and a gateway whose dice fall as the seed says."""

    def __init__(self, stack, script, chain, seed):
        self._stack, self._script, self._chain, self._seed = stack, script, chain, seed
        self.calls = []

    async def gateway(self):
        rows = []
        for name, played in self._script.items():
            upstream = await self._stack.enter_async_context(Upstream(Choose(self._next(name, list(played)))))
            rows.append(f"  {name}: {{base_url: '{upstream.url}'}}")
        text = "\n".join(["providers:", *rows, f"models: {{m: {{chain: {self._chain}}}}}"])
        dice = random.Random(self._seed).random
        return Gateway(plan(load_text(text), {}), dice=dice, sleep=no_pause, clock=lambda: 1000.0)

    def _next(self, name, left):
        def choose(request):
            self.calls.append((name, request.json["model"], bool(request.json.get("stream"))))
            return left.pop(0) if len(left) > 1 else left[0]

        return choose


def told(code, attempts):
    return code, [(a["provider"], a["model"], a["failure"], a["status"]) for a in attempts]


async def by_library(world, asked):
    gateway, outcomes = await world.gateway(), []
    client = AsyncClient()
    client._asker.gateway = gateway
    for stream, provider in asked:
        pieces = []
        try:
            if stream:
                async with client.chat.completions.stream("Hello!", "m", provider) as chunks:
                    async for chunk in chunks:
                        pieces.append(str(chunk))
                outcomes.append("".join(pieces))
            else:
                answer = await client.chat.completions.create("Hello!", "m", provider)
                outcomes.append((answer.provider, answer.choices[0].message.content))
        except G4FError as error:
            attempts = error.attempts if isinstance(error, ExhaustedError) else []
            outcomes.append(("".join(pieces), *told(error.code, [] if pieces else attempts)))
    await client.close()
    return world.calls, outcomes


async def by_daemon(world, asked, stack):
    gateway, outcomes = await world.gateway(), []
    config = gateway.snapshot.config
    door = Doorkeeper((), extra=None, hosts=["127.0.0.1"], clock=time.monotonic, wrong_keys=config.limits.wrong_keys)
    app = build_app(gateway, ServerState(doorkeeper=door, server=config.server, limits=config.limits))
    server = EdgeServer(app)
    await server.start_server(lingering_time=0.01)
    stack.push_async_callback(server.close)
    for stream, provider in asked:
        pin = {} if provider is None else {"provider": provider}
        answer = await post(str(server.make_url("/v1/chat/completions")), chat("m", stream=stream, **pin))
        if answer.status != 200:
            error = answer.json["error"]
            outcomes.append(("", *told(error["code"], error.get("attempts", []))))
        elif not stream:
            outcomes.append((answer.json["provider"], answer.text))
        elif answer.events[-1] == "[DONE]":
            outcomes.append(text_of(answer.events))
        else:
            error = json.loads(answer.events[-1])["error"]
            outcomes.append((text_of(answer.events[:-1]), error["code"], []))
    await gateway.close()
    return world.calls, outcomes


@settings(max_examples=20, deadline=None)
@given(scripts, chains, requests, st.integers(0, 1 << 16))
def test_the_library_and_the_daemon_do_the_same(script, chain, asked, seed):
    async def both():
        async with AsyncExitStack() as stack:
            library = await by_library(World(stack, script, chain, seed), asked)
            daemon = await by_daemon(World(stack, script, chain, seed), asked, stack)
            assert library == daemon

    asyncio.run(both())
