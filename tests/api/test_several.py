"""`n` at providers that give fewer: they are asked again for what is missing, and the client gets one answer."""

import json
from dataclasses import dataclass

import pytest

from tests.support.caller import chat
from tests.support.http import Request, answer
from tests.support.replies import Choose, Completion, Status, error
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
