"""The official OpenAI SDK for Python, against a daemon in front of scripted upstreams."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from tests.conftest import Serve
from tests.support.daemon import Daemon
from tests.support.replies import Choose, Completion, Models, Status, ToolCall, error
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

KEY = "a-key-of-sixteen-characters-or-more"
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "strict": True,
    },
}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}}


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def daemon(serve: Serve, upstream: Upstream) -> Daemon:
    return await serve(
        f"""
        server: {{keys: [{{name: test, key: {KEY}}}]}}
        defaults: {{retries: 0}}
        providers:
          Lab: {{base_url: "{upstream.url}", keys: [{{name: main, key: upstream-key-0123456789}}]}}
        models:
          m: {{aliases: [fast], chain: [Lab/upstream-model]}}
          "org/model:free": {{chain: [Lab]}}
        """
    )


@pytest.fixture
async def client(daemon: Daemon) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


async def test_models_are_listed_and_found_by_their_ids(client: openai.AsyncOpenAI, upstream: Upstream):
    listed = [model.id async for model in client.models.list()]
    assert {"m", "fast", "org/model:free"} <= set(listed)
    assert (await client.models.retrieve("m")).id == "m"
    assert (await client.models.retrieve("org/model:free")).object == "model"
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("nothing")
    assert upstream.requests == []


async def test_a_provider_lists_the_models_of_its_upstream(daemon: Daemon, upstream: Upstream):
    upstream.models = Models(["one", "two"])
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/api/Lab", api_key=KEY) as client:
        assert [model.id async for model in client.models.list()] == ["one", "two"]
        answer = await client.chat.completions.create(model="two", messages=HELLO)
    assert answer.choices[0].message.content == "hi"
    assert upstream.requests[-1].json["model"] == "two"


async def test_a_chat_is_answered_with_our_key_in_and_the_providers_key_out(
    client: openai.AsyncOpenAI, upstream: Upstream
):
    raw = await client.chat.completions.with_raw_response.create(model="fast", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content == "hi"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 3)
    assert raw.headers["x-g4f-provider"] == "Lab"
    assert raw.headers["x-request-id"] == raw.request_id
    sent = upstream.requests[0]
    assert (sent.key, sent.json["model"]) == ("upstream-key-0123456789", "upstream-model")
    assert KEY not in json.dumps(dict(sent.headers)) + sent.body.decode()


async def test_a_stream_arrives_piece_by_piece_with_its_usage(client: openai.AsyncOpenAI, upstream: Upstream):
    upstream.script(Completion("all is well"))
    stream = await client.chat.completions.create(
        model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    events = [event async for event in stream]
    assert [text for text in map(_text, events) if text] == ["all", " is", " well"]
    assert len({event.id for event in events}) == 1
    assert events[-1].usage is not None
    assert (events[-1].choices, events[-1].usage.total_tokens) == ([], 10)
    assert upstream.requests[0].json["stream_options"] == {"include_usage": True}


async def test_the_synchronous_client_chats_and_streams(daemon: Daemon, upstream: Upstream):
    def talk() -> tuple[str | None, str]:
        with openai.OpenAI(base_url=f"{daemon.url}/v1", api_key=KEY) as client:
            whole = client.chat.completions.create(model="m", messages=HELLO)
            pieces = client.chat.completions.create(model="m", messages=HELLO, stream=True)
            return whole.choices[0].message.content, "".join(map(_text, pieces))

    assert await asyncio.to_thread(talk) == ("hi", "hi")
    assert len(upstream.requests) == 2


async def test_tool_calls_go_out_and_come_back_in_both_modes(client: openai.AsyncOpenAI, upstream: Upstream):
    calls = [ToolCall("weather", '{"city": "Oslo"}', "call_a"), ToolCall("weather", '{"city": "Rome"}', "call_b")]
    upstream.script(Completion(tool_calls=calls))
    asked = {"model": "m", "messages": HELLO, "tools": [WEATHER], "tool_choice": "auto", "parallel_tool_calls": True}
    whole = await client.chat.completions.create(**asked)
    async with client.chat.completions.stream(**asked) as stream:
        final = await stream.get_final_completion()
    for answer in (whole, final):
        got = answer.choices[0].message.tool_calls or []
        assert [(call.id, call.function.name, json.loads(call.function.arguments)) for call in got] == [
            ("call_a", "weather", {"city": "Oslo"}),
            ("call_b", "weather", {"city": "Rome"}),
        ]
        assert answer.choices[0].finish_reason == "tool_calls"
    for sent in upstream.requests:
        assert sent.json["tools"] == [WEATHER]
        assert (sent.json["tool_choice"], sent.json["parallel_tool_calls"]) == ("auto", True)


async def test_the_results_of_tools_reach_the_upstream_as_they_are(client: openai.AsyncOpenAI, upstream: Upstream):
    messages = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [ToolCall("weather").wire()]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"°C": -3}'},
    ]
    await client.chat.completions.create(model="m", messages=messages)
    assert upstream.requests[0].json["messages"] == messages


async def test_parts_with_pictures_reach_the_upstream_as_they_are(client: openai.AsyncOpenAI, upstream: Upstream):
    messages = [{"role": "user", "content": [{"type": "text", "text": "What is it? 🐈"}, PICTURE]}]
    await client.chat.completions.create(model="m", messages=messages)
    assert upstream.requests[0].json["messages"] == messages


OPTIONS = (
    {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}},
    {"logprobs": True, "top_logprobs": 2},
    {"seed": 2**53, "temperature": 0, "top_p": 1, "stop": ["\n", "END"], "max_completion_tokens": 5},
    {"logit_bias": {"50256": -100}, "presence_penalty": -2, "frequency_penalty": 0.5, "user": "u-1"},
    {"reasoning_effort": "low", "service_tier": "flex", "store": False, "metadata": {"a": "b"}},
    {"top_k": 40, "a_field_of_tomorrow": {"deep": [1, 2.5, None]}},
)


async def test_options_reach_the_upstream_untouched(client: openai.AsyncOpenAI, upstream: Upstream):
    for options in OPTIONS:
        await client.chat.completions.create(model="m", messages=HELLO, extra_body=options)
    expected = [{"model": "upstream-model", "messages": HELLO, **options} for options in OPTIONS]
    assert [request.json for request in upstream.requests] == expected


async def test_alternatives_log_probabilities_and_unknown_fields_come_back(
    client: openai.AsyncOpenAI, upstream: Upstream
):
    token = {"token": "hi", "logprob": -0.25, "bytes": [104, 105], "top_logprobs": []}
    upstream.script(
        Completion(
            choice={"logprobs": {"content": [token], "refusal": None}},
            extra={"system_fingerprint": "fp_1", "x_of_tomorrow": 1},
        )
    )
    answer = await client.chat.completions.create(model="m", messages=HELLO, n=3, logprobs=True, seed=1)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert all(c.logprobs and c.logprobs.content and c.logprobs.content[0].logprob == -0.25 for c in answer.choices)
    assert answer.system_fingerprint == "fp_1"
    assert answer.model_extra is not None
    assert answer.model_extra["x_of_tomorrow"] == 1
    async with client.chat.completions.stream(model="m", messages=HELLO, n=2) as stream:
        final = await stream.get_final_completion()
    assert [choice.message.content for choice in final.choices] == ["hi", "hi"]


async def test_an_unknown_model_is_not_found_and_costs_no_call(client: openai.AsyncOpenAI, upstream: Upstream):
    with pytest.raises(openai.NotFoundError) as raised:
        await client.chat.completions.create(model="gpt-nothing", messages=HELLO)
    assert raised.value.code == "model_not_found"
    assert raised.value.request_id
    assert upstream.requests == []


async def test_a_wrong_key_is_an_authentication_error_and_costs_no_call(daemon: Daemon, upstream: Upstream):
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key="a-wrong-key", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as raised:
            await client.chat.completions.create(model="m", messages=HELLO)
    assert raised.value.code == "invalid_api_key"
    assert upstream.requests == []
    assert "a-wrong-key" not in daemon.output()


async def test_the_key_may_come_in_each_of_its_headers(client: openai.AsyncOpenAI):
    for header in ("g4f-api-key", "x-api-key"):
        instead = {header: KEY, "Authorization": openai.Omit()}
        answer = await client.chat.completions.create(model="m", messages=HELLO, extra_headers=instead)
        assert answer.choices[0].message.content == "hi"


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_upstream_says_of_a_bad_request_is_passed_on(
    client: openai.AsyncOpenAI, upstream: Upstream, stream: bool
):
    said = error("'x' is not of type 'array'", type="invalid_request_error", param="tools", code="invalid_type")
    upstream.script(Status(400, said))
    with pytest.raises(openai.BadRequestError) as raised:
        await client.chat.completions.create(model="m", messages=HELLO, stream=stream)
    assert (raised.value.param, raised.value.code) == ("tools", "invalid_type")
    assert "is not of type 'array'" in raised.value.message
    assert len(upstream.requests) == 1


async def test_an_impossible_value_is_a_bad_request_and_costs_no_call(client: openai.AsyncOpenAI, upstream: Upstream):
    with pytest.raises(openai.BadRequestError) as raised:
        await client.chat.completions.create(model="m", messages=[])
    assert raised.value.param == "messages"
    assert upstream.requests == []


MISTYPED: dict[str, dict[str, Any]] = {
    "messages": {"messages": "Hello!"},
    "messages[0].role": {"messages": [{"content": "no role"}]},
    "temperature": {"messages": HELLO, "temperature": "warm"},
}


async def test_a_mistyped_field_is_unprocessable_and_named(client: openai.AsyncOpenAI, upstream: Upstream):
    for param, wrong in MISTYPED.items():
        with pytest.raises(openai.UnprocessableEntityError) as raised:
            await client.chat.completions.create(model="m", **wrong)
        assert raised.value.param == param
    assert upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
async def test_a_rate_limited_chain_is_a_rate_limit_error_that_says_when(
    client: openai.AsyncOpenAI, upstream: Upstream, stream: bool
):
    upstream.script(Status(429, headers={"Retry-After": "20"}))
    with pytest.raises(openai.RateLimitError) as raised:
        await client.chat.completions.create(model="m", messages=HELLO, stream=stream)
    assert 15 < int(raised.value.response.headers["retry-after"]) <= 25
    assert raised.value.code == "rate_limit_exceeded"


async def test_an_exhausted_chain_is_not_walked_again_by_a_client_that_retries(daemon: Daemon, upstream: Upstream):
    upstream.script(Status(500))
    async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key=KEY, max_retries=5) as client:
        with pytest.raises(openai.InternalServerError) as raised:
            await client.chat.completions.create(model="m", messages=HELLO)
    assert raised.value.response.headers["x-should-retry"] == "false"
    assert len(upstream.requests) == 1


async def test_answers_do_not_get_mixed_up_between_callers(client: openai.AsyncOpenAI, upstream: Upstream):
    upstream.script(Choose(lambda request: Completion(request.json["messages"][0]["content"])))

    async def echo(number: int) -> None:
        told = [{"role": "user", "content": f"number {number}"}]
        if number % 2:
            stream = await client.chat.completions.create(model="m", messages=told, stream=True)
            text = "".join([_text(event) async for event in stream])
        else:
            text = str((await client.chat.completions.create(model="m", messages=told)).choices[0].message.content)
        assert text == f"number {number}"

    await asyncio.gather(*map(echo, range(100)))


def _text(event: ChatCompletionChunk) -> str:
    return "".join(choice.delta.content or "" for choice in event.choices)
