"""The cache of a model: the very same request gets the very same answer, and nobody else does."""

import asyncio
import json
from dataclasses import dataclass

import pytest

from tests.support.caller import chat, text_of
from tests.support.http import Request
from tests.support.loops import turns
from tests.support.replies import Completion, Gate, Hang, Reply, Status, Stream, delta
from tests.support.upstream import Upstream
from tests.support.wire import Wire

CHAT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Gated:
    """A reply that waits."""

    gate: Gate
    reply: Reply

    async def play(self, wire: Wire, request: Request) -> bool:
        await self.gate.passage()
        return await self.reply.play(wire, request)


ALICE, BOB = {"Authorization": "Bearer alice-has-a-long-key"}, {"Authorization": "Bearer bob-has-a-long-key-too"}
KEYS = (
    "server: {keys: [{name: alice, key: alice-has-a-long-key}, {name: bob, key: bob-has-a-long-key-too, tpm: 100}]}\n"
)


def over(upstream: Upstream, cache: str = "{ttl: 5m}", *, keys: bool = False) -> str:
    rows = f"defaults: {{retries: 0}}\nproviders: {{A: {{base_url: '{upstream.url}'}}}}\n"
    models = f"models: {{m: {{aliases: [n], chain: [A], cache: {cache}}}, plain: {{chain: [A]}}}}\n"
    return (KEYS if keys else "") + rows + models


async def ask(client, model="m", headers=None, **fields):
    answer = await client.post(CHAT, json=chat(model, **fields), headers=headers)
    return answer.headers.get("x-g4f-cache"), await answer.read(), answer


@pytest.mark.parametrize("stream", [False, True])
async def test_the_same_request_gets_the_same_answer_again(serve, stream):
    async with Upstream(Completion("one two three")) as upstream:
        client = await serve(over(upstream))
        first, body, _ = await ask(client, stream=stream)
        second, again, answer = await ask(client, stream=stream)
        assert (first, second, len(upstream.requests)) == ("miss", "hit", 1)
        assert body == again
        assert (answer.headers["x-g4f-provider"], answer.headers["x-g4f-attempts"]) == ("A", "0")
        if stream:
            assert body.endswith(b"data: [DONE]\n\n")
            assert (
                text_of([line.removeprefix("data: ") for line in again.decode().split("\n\n") if line])
                == "one two three"
            )


async def test_what_is_coming_already_is_waited_for(serve):
    gate = Gate()
    async with Upstream(Gated(gate, Completion("one"))) as upstream:
        client = await serve(over(upstream))
        asking = [asyncio.create_task(ask(client)) for _ in range(20)]
        await upstream.received()
        await turns(200)
        gate.open()
        answers = await asyncio.gather(*asking)
        assert [state for state, _, _ in answers].count("hit") == 19
        assert len({body for _, body, _ in answers}) == len(upstream.requests) == 1


async def test_an_error_is_that_of_all_who_waited_and_is_not_kept(serve):
    gate = Gate()
    async with Upstream(Gated(gate, Status(400)), Completion()) as upstream:
        client = await serve(over(upstream))
        asking = [asyncio.create_task(ask(client)) for _ in range(5)]
        await upstream.received()
        await turns(200)
        gate.open()
        assert {answer.status for _, _, answer in await asyncio.gather(*asking)} == {400}
        assert len(upstream.requests) == 1
        assert (await ask(client))[0] == "miss"


async def test_when_the_first_one_leaves_the_next_one_asks(serve):
    async with Upstream(Hang(), Completion("one")) as upstream:
        client = await serve(over(upstream))
        first = asyncio.create_task(ask(client))
        await upstream.received()
        others = [asyncio.create_task(ask(client)) for _ in range(5)]
        await turns(200)
        first.cancel()
        answers = await asyncio.gather(*others)
        assert [state for state, _, _ in answers].count("hit") == 4
        assert len(upstream.requests) == 2


async def test_anything_else_is_another_request(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream, keys=True))
        asked = [{}, {"stream": True}, {"temperature": 0.1}, {"prompt": "other"}, {"model": "n"}, {"user": "u"}]
        for fields in asked:
            assert (await ask(client, headers=ALICE, **fields))[0] == "miss"
        assert (await ask(client, headers=BOB))[0] == "miss"
        assert len(upstream.requests) == len(asked) + 1
        for fields in asked:
            assert (await ask(client, headers=ALICE, **fields))[0] == "hit"


async def test_the_order_of_fields_does_not_matter(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream))
        await ask(client, seed=1, user="u")
        answer = await client.post(CHAT, json=dict(reversed(list(chat("m", seed=1, user="u").items()))))
        assert answer.headers["x-g4f-cache"] == "hit"


async def test_a_model_without_a_cache_has_none(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream))
        assert [(await ask(client, "plain"))[0] for _ in range(2)] == [None, None]
        assert len(upstream.requests) == 2


async def test_a_request_may_want_a_new_answer_or_one_that_is_not_kept(serve):
    async with Upstream(Completion("a"), Completion("b"), Completion("c")) as upstream:
        client = await serve(over(upstream))

        async def text(headers=None, **fields):
            return json.loads((await ask(client, headers=headers, **fields))[1])["choices"][0]["message"]["content"]

        assert await text() == "a"
        assert await text({"Cache-Control": "no-cache"}) == "b"
        assert await text() == "b"
        assert await text({"Cache-Control": "No-Store"}) == "c"
        assert await text() == "b"
        assert await text(cache={"no-cache": True}) == "c"
        assert await text() == "c"
        assert "cache" not in upstream.requests[-1].json


async def test_errors_and_broken_streams_are_not_kept(serve):
    class Broken:
        async def play(self, wire, request):
            return await Stream([delta(request, {"content": "x"})], end="cut").play(wire, request)

    async with Upstream(Status(400), Completion()) as upstream:
        client = await serve(over(upstream))
        assert (await ask(client))[2].status == 400
        assert (await ask(client))[0] == "miss"
        upstream.script(Broken(), Completion())
        await ask(client, stream=True)
        assert (await ask(client, stream=True))[0] == "miss"


async def test_an_answer_that_a_filter_took_is_not_kept(serve):
    async with Upstream(Completion("x", choice={"finish_reason": "content_filter"})) as upstream:
        client = await serve(over(upstream))
        assert [(await ask(client))[0] for _ in range(2)] == ["miss", "miss"]


async def test_a_hit_costs_no_tokens(serve):
    async with Upstream(Completion(usage=(30, 30))) as upstream:
        client = await serve(over(upstream, keys=True))
        assert [(await ask(client, headers=BOB))[0] for _ in range(4)] == ["miss", "hit", "hit", "hit"]


async def test_conversations_are_not_kept(serve):
    async with Upstream(Completion()) as upstream:
        client = await serve(over(upstream))
        assert [(await ask(client, conversation_id="c"))[0] for _ in range(2)] == [None, None]
