"""A stream that is silent for long stays alive, and still ends in the truth."""

import json

import pytest

from g4f.dialects.registry import front
from g4f.exchange.request import Dialect
from tests.support.caller import chat, text_of
from tests.support.replies import Completion, Gate, Status, Stream
from tests.support.upstream import Upstream

CHAT = "/v1/chat/completions"
KEEPALIVE = front(Dialect.OPENAI).keepalive


def config(*urls, keepalive="50ms"):
    providers = "\n".join(f'  P{n}: {{base_url: "{url}"}}' for n, url in enumerate(urls))
    chain = ", ".join(f"P{n}" for n in range(len(urls)))
    return f"""
server: {{keepalive: {keepalive}}}
defaults: {{retries: 0}}
providers:
{providers}
models: {{m: {{chain: [{chain}]}}}}
"""


async def ask(client):
    return await client.post(CHAT, json=chat("m", stream=True))


async def comments(answer, count=1):
    """Wait until `count` comments have come and nothing else; returns them."""
    return await answer.content.readexactly(len(KEEPALIVE) * count)


def events(body):
    lines = body.decode().split("\n\n")
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


async def test_a_client_that_waits_for_the_first_content_gets_headers_and_comments(serve):
    gate = Gate()
    async with Upstream(Stream([gate, "hello"])) as upstream:
        client = await serve(config(upstream.url))
        answer = await ask(client)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["x-request-id"].startswith("req_")
        assert "x-g4f-provider" not in answer.headers
        assert await comments(answer, 3) == KEEPALIVE * 3
        gate.open()
        found = events(await answer.read())
    assert (text_of(found), found[-1]) == ("hello", "[DONE]")


async def test_another_target_can_still_take_over_after_a_comment(serve):
    gate = Gate()
    async with Upstream(Stream([gate], end="cut")) as first, Upstream(Completion("from the second")) as second:
        client = await serve(config(first.url, second.url))
        answer = await ask(client)
        await comments(answer)
        gate.open()
        found = events(await answer.read())
    assert (text_of(found), found[-1]) == ("from the second", "[DONE]")


async def test_an_error_after_a_comment_is_told_in_the_stream(serve):
    gate = Gate()
    async with Upstream(Stream([gate], end="cut")) as first, Upstream(Status(503)) as second:
        client = await serve(config(first.url, second.url))
        answer = await ask(client)
        await comments(answer)
        gate.open()
        found = events(await answer.read())
    assert answer.status == 200
    (error,) = [json.loads(event)["error"] for event in found]
    assert {"message", "type", "param", "code"} <= set(error)
    assert [attempt["provider"] for attempt in error["attempts"]] == ["P0", "P1"]


async def test_an_upstream_that_falls_silent_between_contents_is_bridged(serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate, " two"])) as upstream:
        client = await serve(config(upstream.url))
        answer = await ask(client)
        first = await answer.content.readuntil(b"\n\n")
        assert answer.headers["x-g4f-provider"] == "P0"
        assert text_of(events(first)) == "one"
        await comments(answer, 2)
        gate.open()
        rest = await answer.read()
    assert text_of(events(rest)) == " two"


@pytest.mark.parametrize("off", ["none", '"off"'])
async def test_without_keepalive_the_status_waits_for_the_truth(serve, off):
    async with Upstream(Stream([], end="hang")) as upstream:
        file = config(upstream.url, keepalive=off).replace("retries: 0", "retries: 0, timeouts: {first_token: 300ms}")
        client = await serve(file)
        answer = await ask(client)
        assert (answer.status, (await answer.json())["error"]["code"]) == (504, "upstream_timeout")


async def test_an_answer_that_comes_in_time_has_no_comment(serve):
    async with Upstream(Completion("quick")) as upstream:
        client = await serve(config(upstream.url, keepalive="10s"))
        body = await (await ask(client)).read()
    assert KEEPALIVE not in body
    assert events(body)[-1] == "[DONE]"
