"""A provider's odd habits, put right for every client: tools in words, thoughts in tags, names for thoughts."""

import json

import pytest

from tests.support.caller import chat
from tests.support.replies import Completion, Stream, delta
from tests.support.upstream import Upstream

CHAT = "/v1/chat/completions"
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
CALL = 'I look. <tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>'


def over(upstream: Upstream, row: str) -> str:
    return f"providers: {{A: {{base_url: '{upstream.url}', {row}}}}}\nmodels: {{m: {{chain: [A]}}}}\n"


async def ask(client, *, stream: bool, **fields) -> dict:
    """The message of an answer, streamed or not, and its reason."""
    answer = await client.post(CHAT, json=chat("m", stream=stream, **fields))
    assert answer.status == 200, await answer.text()
    if not stream:
        choice = (await answer.json())["choices"][0]
        return {**choice["message"], "reason": choice["finish_reason"]}
    message: dict = {"reason": None}
    for line in (await answer.text()).split("\n\n"):
        if not line.startswith("data: {"):
            continue
        choice = json.loads(line.removeprefix("data: "))["choices"][0]
        message["reason"] = choice["finish_reason"] or message["reason"]
        for name, value in choice["delta"].items():
            if isinstance(value, str) and name != "role":
                message[name] = message.get(name, "") + value
            elif name == "tool_calls":
                message.setdefault(name, []).extend(value)
    return message


@pytest.mark.parametrize("stream", [False, True])
async def test_tools_are_told_in_words_and_calls_are_read_back(serve, stream):
    async with Upstream(Completion(CALL)) as upstream:
        client = await serve(over(upstream, "tools: emulated, capabilities: [stream]"))
        message = await ask(client, stream=stream, tools=[WEATHER])
    (call,) = message["tool_calls"]
    assert call["type"] == "function"
    assert call["id"].startswith("call_")
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("weather", {"city": "Oslo"})
    assert message["content"].strip() == "I look."
    assert message["reason"] == "tool_calls"
    sent = upstream.requests[0].json
    assert "tools" not in sent
    assert "<tools>" in sent["messages"][0]["content"]


@pytest.mark.parametrize("stream", [False, True])
async def test_without_tools_an_answer_is_relayed_as_it_is(serve, stream):
    async with Upstream(Completion(CALL, extra={"system_fingerprint": "fp"})) as upstream:
        client = await serve(over(upstream, "tools: emulated"))
        message = await ask(client, stream=stream)
        assert (message["content"], message["reason"]) == (CALL, "stop")


async def test_a_provider_without_tools_is_not_asked_for_them(serve):
    async with Upstream(Completion(CALL)) as upstream:
        client = await serve(over(upstream, "capabilities: [stream]"))
        assert (await client.post(CHAT, json=chat("m", tools=[WEATHER]))).status in (400, 503)
    assert upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
async def test_thoughts_in_tags_are_told_apart(serve, stream):
    async with Upstream(Completion("<think>hm, well</think>\n\nYes it is")) as upstream:
        client = await serve(over(upstream, "think_tags: true"))
        message = await ask(client, stream=stream)
    assert (message["reasoning_content"], message["content"]) == ("hm, well", "Yes it is")


class Thoughtful:
    """Says its thoughts under one of the names that upstreams have for them."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def play(self, wire, request):
        said = {self.name: "hm"}
        if request.json.get("stream"):
            events = [delta(request, said), delta(request, {"content": "yes"}), delta(request, {}, finish="stop")]
            return await Stream(events, end="done").play(wire, request)
        body = Completion("yes").body(request)
        body["choices"][0]["message"].update(said)
        return await Completion("yes", choice={"message": body["choices"][0]["message"]}).play(wire, request)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("both", {"reasoning", "reasoning_content"}),
        ("reasoning", {"reasoning"}),
        ("reasoning_content", {"reasoning_content"}),
    ],
)
async def test_a_request_says_what_thoughts_are_called(serve, stream, name, asked, told):
    async with Upstream(Thoughtful(name)) as upstream:
        client = await serve(over(upstream, "retries: 0"))
        message = await ask(client, stream=stream, reasoning_names=asked)
    assert {key: message.get(key) for key in ("reasoning", "reasoning_content") if message.get(key)} == dict.fromkeys(
        told, "hm"
    )
    assert message["content"] == "yes"
    assert "reasoning_names" not in upstream.requests[0].json


async def test_other_names_are_refused(serve):
    async with Upstream() as upstream:
        client = await serve(over(upstream, "retries: 0"))
        answer = await client.post(CHAT, json=chat("m", reasoning_names="all"))
        assert (answer.status, (await answer.json())["error"]["param"]) == (400, "reasoning_names")


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
SHAPED = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}


@pytest.mark.parametrize("stream", [False, True])
async def test_json_is_asked_for_in_words_and_comes_without_any(serve, stream):
    async with Upstream(Completion('Sure!\n```json\n{"city": "Oslo"}\n```\nAnything else?')) as upstream:
        client = await serve(over(upstream, "structured: emulated"))
        message = await ask(client, stream=stream, response_format=SHAPED)
    assert (message["content"], message["reason"]) == ('{"city": "Oslo"}', "stop")
    sent = upstream.requests[0].json
    assert "response_format" not in sent
    assert '"required":["city"]' in sent["messages"][0]["content"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("said", ["I would rather not.", '{"town": "Oslo"}', '{"city": 5}', "[1"])
async def test_what_is_not_the_json_that_was_asked_for_is_no_answer(serve, said, stream):
    async with Upstream(Completion(said)) as upstream, Upstream(Completion('{"city": "Rome"}')) as other:
        client = await serve(
            f"defaults: {{retries: 0}}\nproviders: {{A: {{base_url: '{upstream.url}', structured: emulated}}, "
            f"B: {{base_url: '{other.url}'}}}}\nmodels: {{m: {{chain: [A, B]}}}}\n"
        )
        message = await ask(client, stream=stream, response_format=SHAPED)
    assert message["content"] == '{"city": "Rome"}'


async def test_any_object_will_do_where_no_schema_is_given_and_nothing_is_changed_where_no_json_is_asked_for(serve):
    async with Upstream(Completion('{"a": 1}'), Completion("just words")) as upstream:
        client = await serve(over(upstream, "structured: emulated"))
        assert (await ask(client, stream=False, response_format={"type": "json_object"}))["content"] == '{"a": 1}'
        assert (await ask(client, stream=False))["content"] == "just words"
    assert "response_format" not in upstream.requests[0].json


async def test_json_that_was_cut_by_its_length_comes_as_it_is(serve):
    async with Upstream(Completion('{"city": "Os', choice={"finish_reason": "length"})) as upstream:
        message = await ask(await serve(over(upstream, "structured: emulated")), stream=False, response_format=SHAPED)
    assert (message["content"], message["reason"]) == ('{"city": "Os', "length")
