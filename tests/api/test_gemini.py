"""Gemini's API in front of every provider and behind, asked by Google's official SDK."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.support.gemini import Counted, Parts
from tests.support.replies import Completion, Status, Stream, ToolCall
from tests.support.upstream import Upstream

#: Of the SDK's own making.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")

FILE = """
server: {{keepalive: none, keys: [{{name: me, key: a-key-of-sixteen-characters}}]}}
providers:
  Chat: {{base_url: "{chat}", retries: 0}}
  Native: {{base_url: "{native}", dialect: gemini, retries: 0, keys: [{{name: one, key: google-key}}]}}
models:
  chat: {{chain: [Chat]}}
  native: {{chain: [Native/gemini-3-pro]}}
  "team/both:8b": {{chain: [Native/gemini-2.5-flash, Chat]}}
"""
WEATHER: Any = {
    "name": "weather",
    "description": "The weather of a city",
    "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]},
}


@pytest.fixture
async def chat() -> AsyncIterator[Upstream]:
    async with Upstream(Completion("Hello there")) as upstream:
        yield upstream


@pytest.fixture
async def native() -> AsyncIterator[Upstream]:
    async with Upstream(Parts()) as upstream:
        yield upstream


@pytest.fixture
async def server(serve: Any, chat: Upstream, native: Upstream) -> Any:
    return await serve(FILE.format(chat=chat.url, native=native.url.removesuffix("/v1")))


@pytest.fixture
async def sdk(server: Any) -> AsyncIterator[Any]:
    options = types.HttpOptions(base_url=str(server.make_url("/")))
    client = genai.Client(api_key="a-key-of-sixteen-characters", http_options=options)
    async with client.aio as sdk:
        yield sdk


@pytest.mark.parametrize("model", ["chat", "native", "team/both:8b"])
async def test_a_whole_answer_says_what_the_upstream_said(sdk: Any, model: str) -> None:
    answer = await sdk.models.generate_content(model=model, contents="Hello!")
    assert answer.text == "Hello there"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    counted = answer.usage_metadata
    assert (counted.prompt_token_count, counted.candidates_token_count, counted.total_token_count) == (7, 3, 10)


@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_stream_comes_in_pieces_and_ends_with_its_reason_and_usage(sdk: Any, model: str) -> None:
    pieces = [piece async for piece in await sdk.models.generate_content_stream(model=model, contents="Hello!")]
    assert "".join(piece.text or "" for piece in pieces).replace(" ", "") == "Hellothere"
    assert pieces[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert pieces[-1].usage_metadata.total_token_count == 10


async def test_a_stream_without_sse_is_a_list(server: Any) -> None:
    asked = {"contents": [{"parts": [{"text": "Hello!"}]}]}
    headers = {"x-goog-api-key": "a-key-of-sixteen-characters"}
    answer = await server.post("/v1beta/models/chat:streamGenerateContent", json=asked, headers=headers)
    (piece,) = await answer.json()
    assert piece["candidates"][0]["content"]["parts"] == [{"text": "Hello there"}]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["chat", "native"])
async def test_functions_are_called_and_their_results_taken(
    sdk: Any, chat: Upstream, native: Upstream, model: str, stream: bool
) -> None:
    calls = [ToolCall("weather", '{"city":"Paris"}', "call_1"), ToolCall("weather", '{"city":"Oslo"}', "call_2")]
    chat.script(Completion(tool_calls=calls), Completion("Rain."))
    called = [{"functionCall": {"name": "weather", "args": {"city": city}}} for city in ("Paris", "Oslo")]
    native.script(Parts([{**called[0], "thoughtSignature": "c2ln"}, called[1]]), Parts([{"text": "Rain."}]))
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[WEATHER])])
    asked: list[Any] = [types.Content(role="user", parts=[types.Part(text="Weather?")])]
    parts: list[Any] = []
    if stream:
        async for piece in await sdk.models.generate_content_stream(model=model, contents=asked, config=config):
            parts += piece.candidates[0].content.parts or []
    else:
        answer = await sdk.models.generate_content(model=model, contents=asked, config=config)
        parts += answer.candidates[0].content.parts
    assert [(part.function_call.name, part.function_call.args["city"]) for part in parts] == [
        ("weather", "Paris"), ("weather", "Oslo")
    ]  # fmt: skip
    results = [types.Part.from_function_response(name="weather", response={"result": "rain"}) for _ in parts]
    asked += [types.Content(role="model", parts=parts), types.Content(role="user", parts=results)]
    final = await sdk.models.generate_content(model=model, contents=asked, config=config)
    assert final.text == "Rain."
    if model == "chat":
        messages = chat.requests[-1].json["messages"]
        assert [message["role"] for message in messages] == ["user", "assistant", "tool", "tool"]
        assert [call["id"] for call in messages[1]["tool_calls"]] == [m["tool_call_id"] for m in messages[2:]]
        assert chat.requests[0].json["tools"][0]["function"]["parameters"] == {
            "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]
        }  # fmt: skip
    else:
        assert native.requests[-1].json["contents"][1]["parts"][0]["thoughtSignature"] == "c2ln"


async def test_a_chat_is_answered_by_gemini_and_its_signatures_come_back(server: Any, native: Upstream) -> None:
    call = {"functionCall": {"name": "weather", "args": {"city": "Paris"}}, "thoughtSignature": "c2ln"}
    native.script(Parts([{"text": "Hm.", "thought": True}, call]), Parts([{"text": "Rain."}]))
    asked: dict[str, Any] = {
        "model": "native",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Weather?"}],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "reasoning_effort": "low",
        "max_tokens": 9,
    }
    headers = {"Authorization": "Bearer a-key-of-sixteen-characters"}
    answer = await (await server.post("/v1/chat/completions", json=asked, headers=headers)).json()
    said = answer["choices"][0]["message"]
    assert (answer["choices"][0]["finish_reason"], said["reasoning_content"]) == ("tool_calls", "Hm.")
    sent = native.requests[-1]
    assert sent.path == "/v1beta/models/gemini-3-pro:generateContent"
    assert sent.headers["x-goog-api-key"] == "google-key"
    assert sent.json == {
        "contents": [{"role": "user", "parts": [{"text": "Weather?"}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {
            "maxOutputTokens": 9, "thinkingConfig": {"thinkingLevel": "low", "includeThoughts": True}
        },
        "tools": [{"functionDeclarations": [{"name": "weather", "parametersJsonSchema": {"type": "object"}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}},
    }  # fmt: skip
    asked["messages"] += [said, {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": "rain"}]
    await server.post("/v1/chat/completions", json=asked, headers=headers)
    contents = native.requests[-1].json["contents"]
    assert contents[1]["parts"] == [call]
    assert contents[2]["parts"] == [{"functionResponse": {"name": "weather", "response": {"result": "rain"}}}]


async def test_thoughts_are_apart_from_the_answer(sdk: Any, chat: Upstream) -> None:
    chat.script(Completion("Yes.", choice={"message": {"content": "Yes.", "reasoning_content": "Hm."}}))
    answer = await sdk.models.generate_content(model="chat", contents="Well?")
    parts = answer.candidates[0].content.parts
    assert [(part.text, bool(part.thought)) for part in parts] == [("Hm.", True), ("Yes.", False)]


async def test_pictures_schemas_and_settings_are_carried(sdk: Any, chat: Upstream) -> None:
    chat.script(Completion('{"city":"Paris"}'))
    config = types.GenerateContentConfig(
        system_instruction="Be brief.",
        temperature=0.5,
        top_p=0.9,
        max_output_tokens=50,
        stop_sequences=["END"],
        response_mime_type="application/json",
        response_schema={"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
        thinking_config=types.ThinkingConfig(thinking_budget=2000),
    )
    picture = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")
    answer = await sdk.models.generate_content(model="chat", contents=[picture, "Where?"], config=config)
    assert json.loads(answer.text) == {"city": "Paris"}
    asked = chat.requests[-1].json
    assert asked["messages"][0] == {"role": "system", "content": "Be brief."}
    assert asked["messages"][1]["content"][0] == {
        "type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}
    }  # fmt: skip
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], asked["stop"]) == (0.5, 0.9, 50, ["END"])
    schema = asked["response_format"]["json_schema"]["schema"]
    assert schema == {"type": "object", "properties": {"city": {"type": "string"}}}


async def test_an_answer_that_was_cut_or_filtered_says_so(sdk: Any, native: Upstream, chat: Upstream) -> None:
    native.script(Parts([{"text": "Once"}], reason="MAX_TOKENS"))
    answer = await sdk.models.generate_content(model="native", contents="x")
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS
    chat.script(Completion("x", choice={"finish_reason": "length"}))
    answer = await sdk.models.generate_content(model="chat", contents="x")
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


@pytest.mark.parametrize("model", ["chat", "native"])
async def test_a_stream_that_breaks_raises_in_the_sdk(sdk: Any, chat: Upstream, native: Upstream, model: str) -> None:
    chat.script(Stream(["Hel", "lo"], end="cut"))
    native.script(Parts(end="cut"))
    with pytest.raises(errors.APIError) as caught:
        async for _ in await sdk.models.generate_content_stream(model=model, contents="x"):
            pass
    assert caught.value.code == 502


async def test_errors_are_in_googles_shape(sdk: Any, server: Any, native: Upstream) -> None:
    with pytest.raises(errors.ClientError) as unknown:
        await sdk.models.generate_content(model="nobody", contents="x")
    assert (unknown.value.code, unknown.value.status) == (404, "NOT_FOUND")
    native.script(Status(400, {"error": {"code": 400, "message": "bad picture", "status": "INVALID_ARGUMENT"}}))
    with pytest.raises(errors.ClientError, match="bad picture") as bad:
        await sdk.models.generate_content(model="native", contents="x")
    assert bad.value.code == 400
    refused = await server.post("/v1beta/models/chat:generateContent", json={"contents": []})
    assert (refused.status, (await refused.json())["error"]["status"]) == (401, "UNAUTHENTICATED")
    headers = {"x-goog-api-key": "a-key-of-sixteen-characters"}
    for body in ({}, {"contents": []}, {"contents": [5]}, {"contents": [{"role": "x", "parts": []}]}):
        answer = await server.post("/v1beta/models/chat:generateContent", json=body, headers=headers)
        assert (answer.status, (await answer.json())["error"]["status"]) == (400, "INVALID_ARGUMENT")
    other = await server.post("/v1beta/models/chat:predict", json={}, headers=headers)
    assert (other.status, (await other.json())["error"]["code"]) == (404, 404)


async def test_an_upstream_that_fails_is_replaced_by_one_of_another_dialect(sdk: Any, native: Upstream) -> None:
    native.script(Status(503))
    assert (await sdk.models.generate_content(model="team/both:8b", contents="x")).text == "Hello there"


async def test_tokens_are_counted_by_who_can_and_estimated_otherwise(sdk: Any, native: Upstream) -> None:
    native.script(Counted(42))
    assert (await sdk.models.count_tokens(model="native", contents="Hello!")).total_tokens == 42
    assert native.requests[-1].path == "/v1beta/models/gemini-3-pro:countTokens"
    assert (await sdk.models.count_tokens(model="chat", contents="Hello!")).total_tokens > 0


async def test_models_are_listed_as_google_lists_them(sdk: Any) -> None:
    names = [model.name async for model in await sdk.models.list()]
    assert names == ["models/chat", "models/native", "models/team/both:8b"]
    assert (await sdk.models.get(model="chat")).name == "models/chat"
