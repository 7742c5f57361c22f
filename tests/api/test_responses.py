"""POST /v1/responses, asked by the official SDK, in front of upstreams of both of OpenAI's dialects."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.support.replies import Completion, Status, Stream, ToolCall
from tests.support.responses import Said
from tests.support.upstream import Upstream

WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": True,
}
FILE = """
server: {{keepalive: none}}
providers:
  Chat: {{base_url: "{chat}", retries: 0}}
  Native: {{base_url: "{native}", dialect: openai-responses, retries: 0}}
models:
  chat: {{chain: [Chat]}}
  native: {{chain: [Native]}}
  both: {{chain: [Native, Chat]}}
"""


class City(BaseModel):
    city: str


@pytest.fixture
async def chat() -> AsyncIterator[Upstream]:
    async with Upstream(Completion("Hello there")) as upstream:
        yield upstream


@pytest.fixture
async def native() -> AsyncIterator[Upstream]:
    async with Upstream(Said("Hello there")) as upstream:
        yield upstream


@pytest.fixture
async def sdk(serve: Any, chat: Upstream, native: Upstream) -> AsyncIterator[openai.AsyncOpenAI]:
    client = await serve(FILE.format(chat=chat.url, native=native.url))
    url = str(client.make_url("/v1"))
    async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as sdk:
        yield sdk


@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_whole_response_says_what_the_upstream_said(sdk: openai.AsyncOpenAI, model: str) -> None:
    response = await sdk.responses.create(model=model, input="Hello!", instructions="Be brief.")
    assert (response.output_text, response.status) == ("Hello there", "completed")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (7, 3)


@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_stream_is_told_in_events_and_ends_with_the_whole(sdk: openai.AsyncOpenAI, model: str) -> None:
    async with sdk.responses.stream(model=model, input="Hello!") as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert final.output_text.replace(" ", "") == "Hellothere"
    assert final.usage is not None
    assert final.usage.total_tokens == 10


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_tool_is_called_and_its_result_taken(
    sdk: openai.AsyncOpenAI, chat: Upstream, native: Upstream, model: str, stream: bool
) -> None:
    chat.script(Completion(tool_calls=[ToolCall("weather", '{"city":"Paris"}')]), Completion("Rain."))
    native.script(Said(call="weather"), Said("Rain."))
    asked: list[Any] = [{"role": "user", "content": "Weather in Paris?"}]
    if stream:
        async with sdk.responses.stream(model=model, input=asked, tools=[WEATHER]) as events:
            first = await events.get_final_response()
    else:
        first = await sdk.responses.create(model=model, input=asked, tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    assert (call.name, call.arguments) == ("weather", '{"city":"Paris"}')
    asked += [call.model_dump(), {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}]
    second = await sdk.responses.create(model=model, input=asked, tools=[WEATHER])
    assert second.output_text == "Rain."
    if model == "chat":
        assert [message["role"] for message in chat.requests[-1].json["messages"]] == ["user", "assistant", "tool"]


async def test_structured_output_is_parsed(sdk: openai.AsyncOpenAI, chat: Upstream) -> None:
    chat.script(Completion('{"city":"Paris"}'))
    parsed = await sdk.responses.parse(model="chat", input="Which city?", text_format=City)
    assert parsed.output_parsed == City(city="Paris")
    assert chat.requests[-1].json["response_format"]["json_schema"]["name"] == "City"


async def test_an_upstream_that_fails_is_replaced_by_one_of_another_dialect(
    sdk: openai.AsyncOpenAI, native: Upstream
) -> None:
    native.script(Status(500))
    raw = await sdk.responses.with_raw_response.create(model="both", input="Hello!")
    assert (raw.parse().output_text, raw.headers["x-g4f-provider"]) == ("Hello there", "Chat")


async def test_what_a_chat_has_no_words_for_is_named_and_left_out(sdk: openai.AsyncOpenAI, chat: Upstream) -> None:
    raw = await sdk.responses.with_raw_response.create(model="chat", input="Hello!", tools=[{"type": "web_search"}])
    assert raw.headers["x-g4f-dropped"] == "tools.web_search"
    assert "tools" not in chat.requests[-1].json


async def test_an_upstream_of_the_dialect_gets_what_the_client_wrote(sdk: openai.AsyncOpenAI, native: Upstream) -> None:
    await sdk.responses.create(model="native", input="Hello!", tools=[{"type": "web_search"}], store=False)
    assert native.requests[-1].json == {
        "model": "native", "input": "Hello!", "tools": [{"type": "web_search"}], "store": False
    }  # fmt: skip


@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_stream_that_breaks_raises_in_the_sdk(
    sdk: openai.AsyncOpenAI, chat: Upstream, native: Upstream, model: str
) -> None:
    chat.script(Stream(["Hel", "lo"], end="cut"))
    native.script(Said("Hel lo", end="cut"))
    stream = await sdk.responses.create(model=model, input="Hello!", stream=True)
    with pytest.raises(openai.APIError) as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "upstream_disconnected"


async def test_a_failure_after_content_raises_with_the_upstreams_words(
    sdk: openai.AsyncOpenAI, native: Upstream
) -> None:
    native.script(Said(end="failed"))
    stream = await sdk.responses.create(model="native", input="Hello!", stream=True)
    with pytest.raises(openai.APIError, match="the model broke"):
        async for _ in stream:
            pass


async def test_an_unknown_model_and_a_missing_input_are_told_as_the_api_tells_them(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await sdk.responses.create(model="nobody", input="x")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.UnprocessableEntityError) as missing:
        await sdk.responses.create(model="chat")
    assert missing.value.param == "input"


async def test_a_chat_is_answered_by_an_upstream_of_the_responses_api(
    sdk: openai.AsyncOpenAI, native: Upstream
) -> None:
    hello: list[Any] = [{"role": "user", "content": "Hello!"}]
    whole = await sdk.chat.completions.create(model="native", messages=hello)
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("Hello there", "stop")
    stream = await sdk.chat.completions.create(
        model="native", messages=hello, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Hellothere"
    assert chunks[-1].usage is not None
    assert native.requests[-1].json["input"] == hello


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_request_goes_on_from_a_kept_response_at_any_provider(
    sdk: openai.AsyncOpenAI, chat: Upstream, model: str, stream: bool
) -> None:
    if stream:
        async with sdk.responses.stream(model=model, input="Hello!") as events:
            first = await events.get_final_response()
    else:
        first = await sdk.responses.create(model=model, input="Hello!")
    second = await sdk.responses.create(model="chat", input="And then?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    await sdk.responses.create(model="chat", input="The end.", previous_response_id=second.id)
    said = [(message["role"], message["content"]) for message in chat.requests[-1].json["messages"]]
    assert said == [
        ("user", "Hello!"), ("assistant", "Hello there"), ("user", "And then?"), ("assistant", "Hello there"),
        ("user", "The end."),
    ]  # fmt: skip


async def test_an_upstream_of_the_dialect_is_sent_what_was_said_and_not_our_id(
    sdk: openai.AsyncOpenAI, native: Upstream
) -> None:
    first = await sdk.responses.create(model="native", input="Hello!")
    await sdk.responses.create(model="native", input="And then?", previous_response_id=first.id)
    asked = native.requests[-1].json
    assert "previous_response_id" not in asked
    assert [item["role"] for item in asked["input"]] == ["user", "assistant", "user"]
    assert not any("id" in item for item in asked["input"])


async def test_a_kept_response_can_be_read_and_forgotten(sdk: openai.AsyncOpenAI) -> None:
    first = await sdk.responses.create(model="chat", input="Hello!")
    again = await sdk.responses.retrieve(first.id)
    assert again.output_text == first.output_text
    items = await sdk.responses.input_items.list(first.id)
    assert [item.role for item in items.data] == ["user"]  # type: ignore[union-attr]
    await sdk.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        await sdk.responses.retrieve(first.id)
    with pytest.raises(openai.BadRequestError) as gone:
        await sdk.responses.create(model="chat", input="x", previous_response_id=first.id)
    assert gone.value.code == "previous_response_not_found"


async def test_what_is_not_to_be_stored_is_not_kept(sdk: openai.AsyncOpenAI) -> None:
    first = await sdk.responses.create(model="chat", input="Hello!", store=False)
    with pytest.raises(openai.NotFoundError):
        await sdk.responses.retrieve(first.id)


async def test_an_answer_that_broke_off_is_not_kept(sdk: openai.AsyncOpenAI, chat: Upstream) -> None:
    chat.script(Stream(["Hel", "lo"], end="cut"))
    stream = await sdk.responses.create(model="chat", input="Hello!", stream=True)
    ids = []
    with pytest.raises(openai.APIError):
        async for event in stream:
            if event.type == "response.created":
                ids.append(event.response.id)
    with pytest.raises(openai.NotFoundError):
        await sdk.responses.retrieve(ids[0])


async def test_a_kept_response_belongs_to_the_key_that_asked(serve: Any, chat: Upstream, native: Upstream) -> None:
    keys = "keys: [{name: a, key: key-number-one-of-two}, {name: b, key: key-number-two-of-two}], "
    client = await serve(FILE.format(chat=chat.url, native=native.url).replace("server: {", "server: {" + keys))
    url = str(client.make_url("/v1"))
    async with openai.AsyncOpenAI(api_key="key-number-one-of-two", base_url=url, max_retries=0) as one:
        mine = await one.responses.create(model="chat", input="Hello!")
        async with openai.AsyncOpenAI(api_key="key-number-two-of-two", base_url=url, max_retries=0) as other:
            with pytest.raises(openai.NotFoundError):
                await other.responses.retrieve(mine.id)
        assert (await one.responses.retrieve(mine.id)).id == mine.id
