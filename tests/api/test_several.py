"""`n` at providers that give fewer: they are asked again for what is missing, and the client gets one answer."""

import json
from dataclasses import dataclass

import pytest

from tests.support.caller import chat
from tests.support.http import Request, answer
from tests.support.replies import Choose, Completion, Gate, Status, Stream, delta, error
from tests.support.responses import Said
from tests.support.upstream import Upstream
from tests.support.wire import Wire

IMAGES, CHAT = "/v1/images/generations", "/v1/chat/completions"
USAGE = {"input_tokens": 2, "output_tokens": 3, "total_tokens": 5, "input_tokens_details": {"text_tokens": 2}}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, whatever is asked for."""

    name: str

    async def play(self, wire: Wire, request: Request) -> bool:
        body = {"created": 1, "data": [{"url": f"https://example.com/{self.name}"}], "usage": USAGE}
        await wire.write(answer(200, {}, json.dumps(body).encode()))
        return True


def one_picture_a_call(request: Request):
    """https://platform.openai.com/docs/api-reference/images/create: for dall-e-3 only n=1 is supported."""
    if request.json.get("n", 1) > 1:
        return Status(400, error("You must provide n=1 for this model.", type="invalid_request_error"))
    return Picture("a")


def over(upstream: Upstream, dialect: str = "openai") -> str:
    row = f"{{dialect: {dialect}, base_url: '{upstream.url}', key: k-1}}"
    return f"defaults: {{retries: 0}}\nproviders: {{A: {row}}}\nmodels: {{m: {{chain: [A]}}}}\n"


async def ask(client, path, **body):
    told = await client.post(path, json={"model": "m", **body})
    return told.status, await told.json()


async def test_a_model_that_refuses_more_than_one_picture_is_asked_for_each(serve):
    async with Upstream(Choose(one_picture_a_call)) as upstream:
        status, body = await ask(await serve(over(upstream)), IMAGES, prompt="x", n=3)
    assert (status, len(body["data"])) == (200, 3)
    assert (body["usage"]["total_tokens"], body["usage"]["input_tokens_details"]) == (15, {"text_tokens": 6})
    assert [request.json.get("n") for request in upstream.requests] == [3, None, None, None]


async def test_what_a_server_that_ignores_n_leaves_out_is_asked_for(serve):
    async with Upstream(Picture("a")) as upstream:
        status, body = await ask(await serve(over(upstream)), IMAGES, prompt="x", n=2)
    assert (status, len(body["data"]), len(upstream.requests)) == (200, 2, 2)


async def test_a_provider_that_gives_all_is_asked_once(serve):
    async with Upstream(Completion()) as upstream:
        _, body = await ask(await serve(over(upstream)), CHAT, **chat("m", n=3))
    assert (len(body["choices"]), len(upstream.requests)) == (3, 1)


async def test_a_dialect_without_n_is_asked_as_often_as_there_are_answers(serve):
    async with Upstream(Said("one"), Said("two")) as upstream:
        status, body = await ask(await serve(over(upstream, "openai-responses")), CHAT, **chat("m", n=2))
    assert status == 200
    said = [(choice["index"], choice["message"]["content"]) for choice in body["choices"]]
    assert said == [(0, "one"), (1, "two")]
    assert body["usage"]["total_tokens"] == 20


async def test_of_calls_that_fail_the_others_are_given(serve):
    async with Upstream(Picture("a"), Status(500), Picture("b")) as upstream:
        status, body = await ask(await serve(over(upstream)), IMAGES, prompt="x", n=3)
    assert (status, len(body["data"]), len(upstream.requests)) == (200, 2, 3)


@pytest.mark.parametrize("status", [400, 500])
async def test_another_refusal_is_the_answer_and_nobody_is_asked_again(serve, status):
    async with Upstream(Status(status, error("Your prompt was rejected."))) as upstream:
        told, _ = await ask(await serve(over(upstream)), IMAGES, prompt="x", n=3)
    assert (told, len(upstream.requests)) == (502 if status == 500 else 400, 1)


async def test_more_than_it_may_become_calls_goes_out_as_it_is(serve):
    async with Upstream(Completion()) as upstream:
        _, body = await ask(await serve(over(upstream)), CHAT, **chat("m", n=20))
    assert (len(body["choices"]), upstream.requests[0].json["n"]) == (20, 20)


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """One answer, whatever is asked for."""

    async def play(self, wire: Wire, request: Request) -> bool:
        said = {"index": 0, "message": {"role": "assistant", "content": "one answer"}, "finish_reason": "stop"}
        body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "up", "choices": [said]}
        await wire.write(answer(200, {}, json.dumps(body).encode()))
        return True


async def streamed(client, **body):
    """The status, the text of each answer by its index, and the events that are no answer."""
    told = await client.post(CHAT, json={**chat("m", stream=True), **body})
    events = [json.loads(line[6:]) for line in (await told.text()).splitlines() if line.startswith("data: {")]
    said: dict[int, str] = {}
    for choice in (choice for event in events for choice in event.get("choices", ())):
        said[choice["index"]] = said.get(choice["index"], "") + (choice["delta"].get("content") or "")
    return told, said, events


def one_answer_a_call(request: Request):
    """A server that ignores `n`."""
    if not request.json.get("stream"):
        return OneAnswer()
    return Stream([delta(request, {"role": "assistant"}), "one ", "answer"])


async def test_a_stream_of_several_answers_is_asked_for_those_that_a_server_leaves_out(serve):
    async with Upstream(Choose(one_answer_a_call)) as upstream:
        told, said, events = await streamed(await serve(over(upstream)), n=3)
    assert said == {0: "one answer", 1: "one answer", 2: "one answer"}
    assert len({event["id"] for event in events}) == 1
    assert [choice["finish_reason"] for event in events for choice in event["choices"]].count("stop") == 3
    assert [request.json.get("n") for request in upstream.requests] == [3, None, None]
    assert (await told.text()).endswith("data: [DONE]\n\n")


async def test_a_stream_of_several_answers_that_all_come_is_asked_for_once(serve):
    async with Upstream(Completion("a b")) as upstream:
        _, said, _ = await streamed(await serve(over(upstream)), n=2)
    assert (said, len(upstream.requests)) == ({0: "a b", 1: "a b"}, 1)


async def test_the_tokens_of_a_stream_of_several_answers_are_those_of_all_calls(serve):
    async with Upstream(Said("one"), Said("two")) as upstream:
        client = await serve(over(upstream, "openai-responses"))
        told, said, events = await streamed(client, n=2, stream_options={"include_usage": True})
    assert sorted(said.values()) == ["one", "two"]
    assert [event["usage"]["total_tokens"] for event in events if event.get("usage")] == [20]
    assert len({event["id"] for event in events}) == 1
    assert "x-g4f-dropped" not in told.headers


@pytest.mark.parametrize("stream", [False, True])
async def test_several_continuations_of_a_text_are_as_many_chats_where_a_provider_only_chats(serve, stream):
    async with Upstream(Choose(one_answer_a_call)) as upstream:
        client = await serve(over(upstream).replace("key: k-1", "key: k-1, operations: [chat]"))
        told = await client.post("/v1/completions", json={"model": "m", "prompt": "x", "n": 3, "stream": stream})
        body = await told.text()
    events = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")] if stream else []
    chunks = events or [json.loads(body)]
    said: dict[int, str] = {}
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        said[choice["index"]] = said.get(choice["index"], "") + choice["text"]
    assert said == {0: "one answer", 1: "one answer", 2: "one answer"}


async def test_of_streamed_answers_that_fail_before_they_begin_the_others_are_given(serve):
    async with Upstream(Choose(one_answer_a_call), Status(500), Choose(one_answer_a_call)) as upstream:
        told, said, _ = await streamed(await serve(over(upstream)), n=3)
    assert said == {0: "one answer", 1: "one answer"}
    assert (await told.text()).endswith("data: [DONE]\n\n")


async def test_a_streamed_answer_that_breaks_off_beside_others_ends_the_stream_with_an_error(serve):
    async with Upstream(Choose(one_answer_a_call), Stream(["half "], end="cut")) as upstream:
        told, said, events = await streamed(await serve(over(upstream)), n=2)
    assert said == {0: "one answer", 1: "half "}
    assert events[-1]["error"]["code"] == "upstream_disconnected"
    assert "[DONE]" not in await told.text()


async def test_a_stream_of_which_every_answer_fails_falls_back_as_any_other(serve):
    refuses = Status(400, error("n must be 1.", type="invalid_request_error"))
    async with Upstream(refuses, Status(500)) as upstream:
        told, _, _ = await streamed(await serve(over(upstream)), n=2)
    assert (told.status, len(upstream.requests)) == (502, 3)


async def test_a_client_that_leaves_ends_every_call_of_its_answers(serve):
    gate = Gate()
    async with Upstream(Choose(one_answer_a_call), Stream(["half ", gate])) as upstream:
        client = await serve(over(upstream))
        told = await client.post(CHAT, json=chat("m", stream=True, n=3))
        while b"half" not in await told.content.readany():
            pass
        await upstream.received(3)
        told.close()
        await upstream.idle()
