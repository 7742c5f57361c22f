"""A chat that is answered without a task is answered, logged and counted as by one."""

import json

import pytest

from g4f.api.keys import GATEWAY, STATE
from g4f.config.load import load_text
from g4f.gateway.snapshot import plan
from tests.api.test_two_ways import CASES, KEY, WHOLE, answer, comparable, config, dial, request
from tests.support.caller import chat
from tests.support.loops import turns
from tests.support.replies import Close, Completion, Gate, Hang, Status
from tests.support.upstream import Upstream

__all__ = ["dial"]
TARGET = "/v1/chat/completions"
SENT = request(TARGET, json.dumps(WHOLE).encode())


async def warm(wire):
    """Have the head known, and a connection to the upstream lie idle."""
    for _ in range(2):
        await wire.write(SENT)
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"


def open_taskless(client):
    return len(client.app[STATE].taskless)


@pytest.mark.parametrize(("reply", "asked", "headers"), CASES.values(), ids=CASES)
async def test_the_answer_is_the_same_with_and_without_a_task(serve, dial, reply, asked, headers):
    told = []
    for known in (False, True):
        async with Upstream() as upstream:
            client = await serve(config(upstream.url))
            wire = await dial(client)
            if known:
                await warm(wire)
            upstream.script(reply)
            body = b"{nope" if asked is None else json.dumps(asked).encode()
            await wire.write(request(TARGET, body, **headers))
            told.append(comparable(await answer(wire)))
    assert told[0] == told[1]


def noted(entry):
    """What must be the same of an entry."""
    fields = {name: value for name, value in entry.fields.items() if name != "attempts"}
    attempts = [(a.target, a.number, a.outcome, a.failure, a.dropped) for a in entry.journey.attempts]
    journey = (entry.journey.route, entry.journey.generation, tuple(entry.journey.skipped), attempts)
    about = (entry.status, entry.method, entry.endpoint, entry.caller_name, entry.usage, entry.whole)
    return fields, journey, about, entry.body_tokens, entry.reserved, entry.overhead is None


@pytest.mark.parametrize("reply", [Completion("hello"), Status(500), Completion("y" * 100_000)])
async def test_its_entry_in_the_journal_is_the_same(serve, dial, reply):
    entries = []
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        client.app[STATE].journal.read_by(entries.extend)
        upstream.script(reply)
        await wire.write(SENT)
        await answer(wire)
        client.app[GATEWAY].health.forget("P")
        upstream.script(Completion())
        await warm(wire)
        upstream.script(reply)
        await wire.write(SENT)
        await answer(wire)
        client.app[STATE].journal.drain()
    assert noted(entries[0]) == noted(entries[-1])


async def test_one_whose_client_leaves_ends_its_upstream_call_and_is_noted(serve, dial):
    entries = []
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        client.app[STATE].journal.read_by(entries.extend)
        wire = await dial(client)
        await warm(wire)
        upstream.script(Hang())
        await wire.write(SENT)
        call = await upstream.received(3)
        assert open_taskless(client) == 1
        wire.reset()
        await call.ended.wait()
        await turns(20)
        assert (call.closed, open_taskless(client), client.app[GATEWAY].snapshot.leases) == (True, 0, 0)
        client.app[STATE].journal.drain()
        assert (entries[-1].status, [a.outcome for a in entries[-1].journey.attempts]) == (499, ["abandoned"])


async def test_one_that_is_cut_by_the_end_of_the_server_is_told(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state = client.app[STATE]
        wire = await dial(client)
        await warm(wire)
        upstream.script(Hang())
        await wire.write(SENT)
        await upstream.received(3)
        state.drain()
        assert not state.idle.is_set()
        state.cutting = True
        for waiting in list(state.taskless):
            waiting.take_over()
        await turns(3)
        for task in list(state.running):
            task.cancel()
        first, headers, body = await answer(wire)
        assert (first, headers["Connection"]) == ("HTTP/1.1 503 Service Unavailable", "close")
        assert json.loads(body)["error"]["code"] == "shutting_down"
        await state.idle.wait()


async def test_one_that_ends_a_drain_lets_the_server_go(serve, dial):
    gate = Gate()
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        state = client.app[STATE]
        wire = await dial(client)
        await warm(wire)
        upstream.script(Completion("late", after=gate))
        await wire.write(SENT)
        await upstream.received(3)
        state.drain()
        gate.open()
        _, headers, _ = await answer(wire)
        assert headers["Connection"] == "close"
        await state.idle.wait()


@pytest.mark.parametrize("leaves", [False, True])
async def test_the_last_one_of_a_retired_snapshot_closes_it(serve, dial, leaves):
    gate = Gate()
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        gateway = client.app[GATEWAY]
        wire = await dial(client)
        await warm(wire)
        upstream.script(Completion("late", after=gate))
        await wire.write(SENT)
        await upstream.received(3)
        assert open_taskless(client) == 1
        old = gateway.swap(plan(load_text(config(upstream.url)), {}))
        await old.retire()
        assert old.adapters
        if leaves:
            wire.reset()
        else:
            gate.open()
            assert (await answer(wire))[0] == "HTTP/1.1 200 OK"
        while old.adapters:
            await turns(1)
        assert old.leases == 0


async def test_a_connection_that_died_idle_costs_nobody_an_answer(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        await warm(wire)
        upstream.script(Close(), Completion())
        await wire.write(SENT)
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"


@pytest.mark.parametrize("limit", ["rpm: 100", "tpm: 100000", "concurrency: 5", 'expires: "2099-01-01"'])
async def test_a_key_with_a_limit_takes_a_task(serve, dial, limit):
    gate = Gate()
    async with Upstream() as upstream:
        client = await serve(config(upstream.url).replace("models: [m, none]", f"models: [m, none], {limit}"))
        wire = await dial(client)
        await warm(wire)
        upstream.script(Completion("late", after=gate))
        await wire.write(SENT)
        await upstream.received(3)
        assert open_taskless(client) == 0
        gate.open()
        assert (await answer(wire))[0] == "HTTP/1.1 200 OK"


async def test_many_at_once_are_told_apart(serve, dial):
    async with Upstream() as upstream:
        client = await serve(config(upstream.url))
        wires = [await dial(client) for _ in range(8)]
        gates = [Gate() for _ in wires]
        for wire in wires:
            await warm(wire)
        before = len(upstream.requests)
        for number, (wire, gate) in enumerate(zip(wires, gates, strict=True)):
            upstream.script(Completion(f"answer {number}", after=gate))
            await wire.write(request(TARGET, json.dumps(chat("m", str(number))).encode()))
            await upstream.received(before + number + 1)
        for number in reversed(range(len(wires))):
            gates[number].open()
            body = json.loads((await answer(wires[number]))[2])
            assert body["choices"][0]["message"]["content"] == f"answer {number}"


def test_the_key_of_these_tests_is_that_of_the_file():
    assert f"x-api-key: {KEY}".encode() in SENT


@pytest.mark.parametrize("target", [TARGET, TARGET + "?"], ids=["short", "aiohttp"])
async def test_a_client_that_reads_late_gets_each_answer_once(serve, dial, target):
    text, count = "y" * 60_000, 200
    async with Upstream(Completion(text)) as upstream:
        client = await serve(config(upstream.url))
        wire = await dial(client)
        await warm(wire)
        sent = request(target, json.dumps(WHOLE).encode())
        wire.stop_reading()
        await wire.write(sent * count)  # more than what the sockets between them hold
        while not any(connection.writing_paused for connection in client.server.edge.open):
            await turns(1)
        await turns(20)
        wire.go_on_reading()
        for _ in range(count):
            first, _, body = await answer(wire)
            assert (first, json.loads(body)["choices"][0]["message"]["content"]) == ("HTTP/1.1 200 OK", text)
        assert wire.unread == 0
