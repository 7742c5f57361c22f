"""Requests of the Responses API, and what they are as a chat."""

import json
from typing import Any

import pytest

from g4f.dialects.responses.ask import encode_request
from g4f.dialects.responses.request import decode_request
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Request


def decode(**fields: Any) -> Request:
    return decode_request(json.dumps({"model": "m", "input": "hi", **fields}).encode(), request_id="req_1")


def test_a_string_is_what_the_user_says_after_the_instructions() -> None:
    request = decode(instructions="Be brief.", max_output_tokens=5, temperature=0.1)
    assert request.payload == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "max_completion_tokens": 5,
        "temperature": 0.1,
    }
    assert (request.dialect, request.lost, request.stream) == (Dialect.OPENAI_RESPONSES, (), False)


def test_what_an_assistant_thought_said_and_called_in_a_row_is_one_message() -> None:
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "sun"}]},
        {"type": "message", "role": "assistant", "content": "Rain."},
        {"role": "assistant", "content": "And sun."},
    ]
    assert decode(input=items).payload["messages"] == [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": "Let me look.",
            "reasoning_content": "Hm.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
                {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        {"role": "tool", "tool_call_id": "c2", "content": "sun"},
        {"role": "assistant", "content": "Rain."},
        {"role": "assistant", "content": "And sun."},
    ]


def test_pictures_files_and_sound_keep_their_place_and_need_their_capability() -> None:
    content = [
        {"type": "input_text", "text": "What?"},
        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
        {"type": "input_file", "file_data": "data:,x", "filename": "x.txt"},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
    ]
    request = decode(input=[{"role": "user", "content": content}])
    assert request.payload["messages"][0]["content"] == [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "file", "file": {"file_data": "data:,x", "filename": "x.txt"}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
    ]
    assert request.needs >= {"vision", "audio"}


def test_tools_and_structured_output_are_written_as_a_chat_has_them() -> None:
    request = decode(
        tools=[
            {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True},
            {"type": "custom", "name": "shell"},
            {"type": "web_search"},
        ],
        tool_choice={"type": "function", "name": "f"},
        text={"format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}, "strict": True}},
        reasoning={"effort": "low"},
    )
    assert request.payload["tools"] == [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}},
        {"type": "custom", "custom": {"name": "shell"}},
    ]
    assert request.payload["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert request.payload["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True},
    }
    assert (request.payload["reasoning_effort"], request.lost) == ("low", ("tools.web_search",))
    assert request.needs == {"tools", "json", "reasoning"}


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"model": None}, 422, "model"),
        ({"model": 4}, 422, "model"),
        ({"input": 5}, 422, "input"),
        ({"input": ""}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": ["x"]}, 422, "input[0]"),
        ({"input": [{"content": "x"}]}, 422, "input[0].role"),
        ({"input": [{"role": "user", "content": 5}]}, 422, "input[0].content"),
        ({"input": [{"role": "user", "content": ["x"]}]}, 422, "input[0].content[0]"),
        ({"input": [{"type": "function_call", "call_id": "c"}]}, 422, "input[0].name"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, 422, "input[0].call_id"),
        ({"tools": {}}, 422, "tools"),
        ({"tools": [5]}, 422, "tools[0]"),
        ({"tools": [{"type": "function"}]}, 422, "tools[0].name"),
        ({"text": "json"}, 422, "text"),
        ({"reasoning": "high"}, 422, "reasoning"),
        ({"max_output_tokens": "5"}, 422, "max_output_tokens"),
        ({"stream": "yes"}, 422, "stream"),
        ({"instructions": 5}, 422, "instructions"),
        ({"background": True}, 400, "background"),
        ({"conversation": "conv_1"}, 400, "conversation"),
    ],
)
def test_what_no_upstream_could_make_sense_of_is_refused_by_its_name(
    fields: dict[str, Any], status: int, param: str
) -> None:
    with pytest.raises(RequestError) as caught:
        decode(**fields)
    assert (caught.value.status, caught.value.param) == (status, param)


def test_an_upstream_of_the_dialect_gets_the_clients_own_words() -> None:
    request = decode(tools=[{"type": "web_search"}], unknown={"a": 1}, provider="Lab", api_key="x")
    outgoing = encode_request(request, model="lab-1")
    assert json.loads(outgoing.body) == {
        "model": "lab-1", "input": "hi", "tools": [{"type": "web_search"}], "unknown": {"a": 1}
    }  # fmt: skip
    assert (outgoing.path, outgoing.dropped, request.provider) == ("/responses", (), "Lab")


def test_an_upstream_of_the_dialect_is_not_sent_thoughts_that_others_signed() -> None:
    def thought(proof: str | None, **more: Any) -> dict[str, Any]:
        return {"type": "reasoning", "summary": [], "encrypted_content": proof, **more}

    said = {"role": "user", "content": "hi"}
    items = [
        said,
        thought("own", id="rs_1"),
        thought("g4f:anthropic-claude-v1:theirs", id="rs_2"),
        thought("g4f:openai-responses-v1:own after all"),
        thought("g4f::"),
        thought(None, id="rs_kept"),
        thought(None),
    ]
    outgoing = encode_request(decode(input=items), model="lab-1")
    kept = [said, thought("own", id="rs_1"), thought("own after all"), thought(None, id="rs_kept")]
    assert json.loads(outgoing.body)["input"] == kept
    assert outgoing.dropped == ("input.reasoning",)
    assert encode_request(decode(input=[said]), model="lab-1").dropped == ()


def test_a_chat_is_asked_as_a_response_and_says_what_was_dropped() -> None:
    payload = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,x"}}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ],
        "max_tokens": 7,
        "logit_bias": {"1": 2},
        "reasoning_effort": "high",
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {}}},
    }  # fmt: skip
    outgoing = encode_request(Request(id="r", model="m", payload=payload), model="lab-1")
    assert json.loads(outgoing.body) == {
        "model": "lab-1",
        "stream": False,
        "store": False,
        "input": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "input_image", "image_url": "data:,x"}]},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        ],
        "max_output_tokens": 7,
        "reasoning": {"effort": "high", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "text": {"format": {"type": "json_schema", "name": "s", "schema": {}}},
        "tools": [
            {"type": "function", "name": "f", "strict": False, "parameters": {"type": "object", "properties": {}}}
        ],
        "tool_choice": {"type": "function", "name": "f"},
    }
    assert outgoing.dropped == ("logit_bias",)


def test_more_than_one_answer_cannot_be_asked_for() -> None:
    request = Request(id="r", model="m", payload={"messages": [], "n": 2})
    with pytest.raises(AttemptFailed) as caught:
        encode_request(request, model="m")
    assert caught.value.failure.kind == "unsupported"
