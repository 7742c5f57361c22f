"""conversation_id: the server keeps what was said, for whoever said it."""

import json

import pytest

from tests.support.caller import chat, text_of
from tests.support.replies import Completion, Gate, Status, Stream, delta
from tests.support.upstream import Upstream

CHAT = "/v1/chat/completions"
ALICE, BOB = {"Authorization": "Bearer alice-has-a-long-key"}, {"Authorization": "Bearer bob-has-a-long-key-too"}


def over(upstream: Upstream, *, keys: bool = False) -> str:
    held = "server: {keys: [{name: alice, key: alice-has-a-long-key}, {name: bob, key: bob-has-a-long-key-too}]}\n"
    rows = f"providers: {{A: {{base_url: '{upstream.url}'}}}}\nmodels: {{m: {{chain: [A]}}}}\n"
    return held + rows if keys else rows


def contents(upstream: Upstream) -> list[list[str]]:
    """What each request to the upstream said."""
    return [[said["content"] for said in request.json["messages"]] for request in upstream.requests]


async def test_what_was_said_under_an_id_is_put_in_front_of_the_next_request(serve):
    async with Upstream(Completion("first"), Completion("second")) as upstream:
        client = await serve(over(upstream))
        for prompt in ("one", "two"):
            answer = await client.post(CHAT, json=chat("m", prompt, conversation_id="c-1"))
            assert (await answer.json())["conversation_id"] == "c-1"
        await client.post(CHAT, json=chat("m", "three", conversation_id="c-2"))
        await client.post(CHAT, json=chat("m", "four"))
    assert contents(upstream) == [["one"], ["one", "first", "two"], ["three"], ["four"]]
    assert "conversation_id" not in upstream.requests[0].json


async def test_a_streamed_answer_is_kept_too_and_each_chunk_names_the_conversation(serve):
    async with Upstream(Completion("the first answer")) as upstream:
        client = await serve(over(upstream))
        answer = await client.post(CHAT, json=chat("m", "one", conversation_id="c", stream=True))
        events = [line.removeprefix("data: ") for line in (await answer.text()).split("\n\n") if line]
        assert (text_of(events), events[-1]) == ("the first answer", "[DONE]")
        assert {json.loads(event)["conversation_id"] for event in events[:-1]} == {"c"}
        await client.post(CHAT, json=chat("m", "two", conversation_id="c"))
    assert contents(upstream)[1] == ["one", "the first answer", "two"]


async def test_the_conversation_may_be_in_the_path(serve):
    async with Upstream(Completion("first")) as upstream:
        client = await serve(over(upstream))
        for prompt in ("one", "two"):
            answer = await client.post("/api/A/conv-123/chat/completions", json=chat("anything", prompt))
            assert answer.status == 200, await answer.text()
    assert contents(upstream)[1] == ["one", "first", "two"]
    assert upstream.requests[0].json["model"] == "anything"


async def test_two_keys_do_not_share_a_conversation(serve):
    async with Upstream(Completion("first")) as upstream:
        client = await serve(over(upstream, keys=True))
        for headers in (ALICE, BOB, ALICE):
            await client.post(CHAT, json=chat("m", "one", conversation_id="c"), headers=headers)
    assert contents(upstream) == [["one"], ["one"], ["one", "first", "one"]]


async def test_an_answer_that_failed_leaves_the_conversation_as_it_was(serve):
    async with Upstream(Status(400), Completion("first")) as upstream:
        client = await serve(over(upstream))
        assert (await client.post(CHAT, json=chat("m", "one", conversation_id="c"))).status == 400
        await client.post(CHAT, json=chat("m", "two", conversation_id="c"))
    assert contents(upstream)[1] == ["two"]


async def test_a_stream_that_breaks_leaves_the_conversation_as_it_was(serve):
    async with Upstream() as upstream:
        client = await serve(over(upstream))
        upstream.script(Broken(), Completion("first"))
        await (await client.post(CHAT, json=chat("m", "one", conversation_id="c", stream=True))).text()
        await client.post(CHAT, json=chat("m", "two", conversation_id="c"))
    assert contents(upstream)[-1] == ["two"]


class Broken:
    async def play(self, wire, request):
        return await Stream([delta(request, {"content": "fir"})], end="cut").play(wire, request)


async def test_an_answer_that_was_given_up_leaves_the_conversation_as_it_was(serve):
    gate = Gate()

    class Slow:
        async def play(self, wire, request):
            return await Stream([delta(request, {"content": "fir"}), gate], end="done").play(wire, request)

    async with Upstream(Slow(), Completion("first")) as upstream:
        client = await serve(over(upstream))
        answer = await client.post(CHAT, json=chat("m", "one", conversation_id="c", stream=True))
        await gate.arrived()
        answer.close()
        await upstream.requests[0].ended.wait()
        await client.post(CHAT, json=chat("m", "two", conversation_id="c"))
    assert contents(upstream)[1] == ["two"]


@pytest.mark.parametrize(
    ("written", "status"), [("", 200), (None, 200), (7, 422), ("a/b", 400), ("x" * 129, 400), ("é", 400), ("a\n", 400)]
)
async def test_an_id_has_a_form(serve, written, status):
    async with Upstream(Completion("first")) as upstream:
        client = await serve(over(upstream))
        answer = await client.post(CHAT, json=chat("m", "one", conversation_id=written))
        assert answer.status == status
        if status != 200:
            assert (await answer.json())["error"]["param"] == "conversation_id"


async def test_an_id_in_the_path_has_the_same_form(serve):
    async with Upstream(Completion("first")) as upstream:
        client = await serve(over(upstream))
        assert (await client.post("/api/A/a%2Fb/chat/completions", json=chat("m"))).status == 400


async def test_a_picture_said_before_still_needs_a_provider_that_sees(serve):
    picture = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
    async with Upstream(Completion("blind")) as blind, Upstream(Completion("seen")) as seeing:
        client = await serve(
            f"""
            providers:
              Blind: {{base_url: '{blind.url}', capabilities: [stream, tools]}}
              Seeing: {{base_url: '{seeing.url}', capabilities: [stream, vision]}}
            models: {{m: {{chain: [Blind, Seeing]}}}}
            """
        )
        shown = {"model": "m", "messages": [{"role": "user", "content": picture}], "conversation_id": "c"}
        await client.post(CHAT, json=shown)
        answer = await client.post(CHAT, json=chat("m", "and now?", conversation_id="c"))
        assert answer.headers["x-g4f-provider"] == "Seeing"
