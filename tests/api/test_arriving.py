"""A request whose body comes after its head is answered, logged and bounded as one that comes at once."""

import json
from contextlib import suppress

import pytest

from g4f.api import arriving
from g4f.api.keys import STATE
from tests.api.test_taskless import SENT, TARGET, open_taskless, warm
from tests.api.test_two_ways import CASES, KEY, WHOLE, answer, comparable, config, dial, request
from tests.support.loops import turns
from tests.support.replies import Completion, Gate
from tests.support.upstream import Upstream
from tests.support.wire import PeerGoneError

__all__ = ["dial"]
HEAD, BODY = SENT[: SENT.index(b"\r\n\r\n") + 4], SENT[SENT.index(b"\r\n\r\n") + 4 :]


async def begun(wire, *pieces):
    """Send some pieces, so that each of them is a read of its own."""
    for piece in pieces:
        await wire.write(piece)
        await turns(20)


@pytest.mark.parametrize(("reply", "asked", "headers"), CASES.values(), ids=CASES)
async def test_the_answer_is_the_same_in_one_piece_and_in_two(serve, dial, reply, asked, headers):
    told = []
    for cut in (False, True):
        async with Upstream() as upstream:
            client = await serve(config(upstream.url))
            wire = await dial(client)
            await warm(wire)
            upstream.script(reply)
            sent = request(TARGET, b"{nope" if asked is None else json.dumps(asked).encode(), **headers)
            head, _, body = sent.partition(b"\r\n\r\n")
            with suppress(PeerGoneError):  # some are refused for their head
                await begun(wire, *([head + b"\r\n\r\n", body] if cut else [sent]))
            told.append(comparable(await answer(wire)))
    assert told[0] == told[1]


@pytest.mark.parametrize("size", [0, 1, len(BODY) - 1])
async def test_no_task_waits_for_a_body_that_comes_at_once(serve, dial, size):
    gate = Gate()
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state, wire = client.app[STATE], await dial(client)
        await warm(wire)
        upstream.script(Completion("late", after=gate))
        await begun(wire, HEAD + BODY[:size])
        assert (open_taskless(client), len(state.running), state.waiting) == (1, 0, 1)
        await begun(wire, BODY[size:])
        await upstream.received(3)
        assert (open_taskless(client), len(state.running), state.waiting) == (1, 0, 0)
        gate.open()
        assert json.loads((await answer(wire))[2])["choices"][0]["message"]["content"] == "late"
        assert state.open == 0


async def test_a_large_body_in_many_pieces_arrives_whole(serve, dial):
    said = {**WHOLE, "messages": [{"role": "user", "content": "x" * 300_000}]}
    sent = request(TARGET, json.dumps(said).encode())
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        await warm(wire)
        upstream.script(Completion())
        await begun(wire, *(sent[start : start + 50_000] for start in range(0, len(sent), 50_000)))
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"
        assert upstream.requests[-1].json["messages"] == said["messages"]


async def test_a_task_waits_for_a_body_that_takes_longer(serve, dial, monkeypatch):
    monkeypatch.setattr(arriving, "MOMENT", 0.0)
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state, wire = client.app[STATE], await dial(client)
        await warm(wire)
        await begun(wire, HEAD + BODY[:5])
        while not state.running:
            await turns(1)
        assert (open_taskless(client), state.open, state.waiting) == (0, 1, 1)
        upstream.script(Completion())
        await begun(wire, BODY[5:])
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"
        assert (state.open, state.waiting) == (0, 0)


async def test_one_that_takes_too_long_is_told(serve, dial, monkeypatch):
    monkeypatch.setattr(arriving, "MOMENT", 0.0)
    async with Upstream() as upstream:
        client = await serve(config(upstream.url).replace("server: {", "server: {body_timeout: 10ms, ", 1))
        wire = await dial(client)
        await warm(wire)
        await begun(wire, HEAD + BODY[:5])
        assert (await answer(wire))[0] == "HTTP/1.1 408 Request Timeout"


async def test_one_whose_client_leaves_is_noted_with_its_key(serve, dial):
    entries = []
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state, wire = client.app[STATE], await dial(client)
        state.journal.read_by(entries.extend)
        await warm(wire)
        await begun(wire, HEAD + BODY[:5])
        wire.reset()
        while state.open:
            await turns(1)
        state.journal.drain()
        assert (entries[-1].status, entries[-1].caller_name) == (499, entries[0].caller_name)
        assert (state.waiting, len(upstream.requests)) == (0, 2)


async def test_the_end_of_the_server_waits_for_it(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state, wire = client.app[STATE], await dial(client)
        await warm(wire)
        await begun(wire, HEAD)
        state.drain()
        assert not state.idle.is_set()
        upstream.script(Completion())
        await begun(wire, BODY)
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"
        await state.idle.wait()


async def test_a_request_behind_it_waits_its_turn(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        await warm(wire)
        upstream.script(Completion("one"), Completion("two"))
        await begun(wire, HEAD + BODY[:5], BODY[5:] + SENT)
        said = [json.loads((await answer(wire))[2])["choices"][0]["message"]["content"] for _ in range(2)]
        assert said == ["one", "two"]


async def test_strangers_and_unknown_heads_are_looked_at_before_their_bodies(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        await warm(wire)
        wrong = HEAD.replace(KEY.encode(), b"sk-wrong")
        await begun(wire, wrong)
        assert (await answer(wire))[0] == "HTTP/1.1 401 Unauthorized"
