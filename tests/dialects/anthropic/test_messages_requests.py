"""Requests of Anthropic's Messages, and of other dialects to it: nothing lost that is not named or refused."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g4f.dialects.registry import upstream
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect
from tests.dialects.messages import asked, dropped, sent

A, OPENAI = Dialect.ANTHROPIC, Dialect.OPENAI
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
TOOL = {"name": "f", "input_schema": {"type": "object", "properties": {}}}
CALL = {"id": "c.1:0", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
SIGNED = {"type": "reasoning.text", "text": "Hm.", "signature": "sig==", "format": "anthropic-claude-v1"}


def chat(*messages: dict[str, Any], **fields: Any) -> Any:
    return asked(OPENAI, messages=list(messages), **fields)


def user(content: Any = "hi") -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_the_clients_own_body_goes_to_its_own_dialect_but_for_the_model() -> None:
    body: dict[str, Any] = {
        "max_tokens": 5, "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [user([{"type": "search_result", "source": "u", "title": "t", "content": []}])],
        "tools": [{"type": "web_search_20250305", "name": "web_search"}, TOOL], "mcp_servers": [{"name": "m"}],
        "thinking": {"type": "adaptive"}, "context_management": {"edits": []}, "metadata": {"user_id": "u"},
        "future_field": {"x": 1},
    }  # fmt: skip
    request = asked(A, **body)
    assert sent(request, A) == {**body, "model": "theirs"}
    assert dropped(request, A) == ()


def test_the_version_and_the_flags_of_a_client_are_passed_on_and_its_key_is_not() -> None:
    headers = {"anthropic-version": "2026-10-21", "anthropic-beta": "a,b", "x-api-key": "secret", "x-stainless-os": "x"}
    outgoing = upstream(A).encode_request(asked(A, headers=headers), model="m")
    assert (outgoing.headers, outgoing.replacing) == ({"anthropic-beta": "a,b"}, ("anthropic-version", "2026-10-21"))
    assert upstream(A).encode_request(asked(OPENAI), model="m").headers == {}


@pytest.mark.parametrize("value", ["a" * 3000, "ü", "a\r\nx: y", "\x00"])
def test_a_flag_that_is_no_flag_is_not_passed_on(value: str) -> None:
    assert asked(A, headers={"anthropic-beta": value}).passed == {}


def test_turns_become_messages_and_results_messages_of_their_own() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}
    request = asked(
        A,
        system=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        messages=[
            user([{"type": "text", "text": "x"}, {"type": "image", "source": {"type": "url", "url": "https://p.x/1"}}]),
            {"role": "assistant", "content": [{"type": "text", "text": "I "}, {"type": "text", "text": "look."},
                                              {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}]},
            user([{"type": "tool_result", "tool_use_id": "t1", "is_error": True,
                   "content": [{"type": "text", "text": "no"}, picture]}, {"type": "text", "text": "y"}]),
            {"role": "system", "content": "now"},
        ],
    )  # fmt: skip
    roles = [message["role"] for message in request.payload["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user", "system"]
    assert request.needs == {"vision"}
    assert request.lost == ("is_error",)
    # A tool's message holds text only for OpenAI's: its picture follows, as the user's.
    messages = sent(request, OPENAI)["messages"]
    assert [message["role"] for message in messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "user",
        "user",
        "system",
    ]
    assert messages[0]["content"] == "a\n\nb"
    assert messages[2]["content"] == "I look."
    assert messages[4]["content"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}}]


def test_thoughts_of_claude_go_back_to_claude_through_a_client_of_openai() -> None:
    assistant = {"role": "assistant", "content": None, "reasoning_details": [SIGNED], "tool_calls": [CALL]}
    result = {"role": "tool", "tool_call_id": "c.1:0", "content": "ok"}
    request = chat(user(), assistant, result, tools=[FUNCTION], reasoning_effort="low")
    body = sent(request, A, model="claude-sonnet-4-5")
    thought, call = body["messages"][1]["content"]
    assert thought == {"type": "thinking", "thinking": "Hm.", "signature": "sig=="}
    assert call["id"] == body["messages"][2]["content"][0]["tool_use_id"] == "c_1_0"
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert body["max_tokens"] == 16384 + 2048


def test_thoughts_of_another_maker_are_not_claudes() -> None:
    other = {**SIGNED, "format": "google-gemini-v1"}
    assistant = {"role": "assistant", "content": "a", "reasoning_details": [other]}
    assert sent(chat(user(), assistant, user()), A)["messages"][1]["content"] == [{"type": "text", "text": "a"}]


@pytest.mark.parametrize(
    ("block", "kept"),
    [
        ({"type": "thinking", "thinking": "t", "signature": "real=="}, "real=="),
        ({"type": "thinking", "thinking": "t", "signature": "g4f::"}, None),
        ({"type": "thinking", "thinking": "t", "signature": "g4f:openai-responses-v1:abc"}, None),
        ({"type": "thinking", "thinking": "t", "signature": "g4f:anthropic-claude-v1:real=="}, "real=="),
        ({"type": "redacted_thinking", "data": "g4f:openai-responses-v1:abc"}, None),
    ],
)
def test_a_conversation_may_come_back_to_anthropic_without_foreign_thoughts(block: Any, kept: str | None) -> None:
    turns = [user(), {"role": "assistant", "content": [block, {"type": "text", "text": "x"}]}, user()]
    body = sent(asked(A, messages=turns), A)
    blocks = body["messages"][1]["content"]
    assert [b.get("signature") for b in blocks if b["type"] != "text"] == ([kept] if kept else [])


def test_a_budget_to_think_is_taken_back_where_the_signed_thoughts_are_missing() -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    block = {"type": "thinking", "thinking": "t", "signature": "g4f::"}
    turns = [user(), {"role": "assistant", "content": [block, call]},
             user([{"type": "tool_result", "tool_use_id": "t", "content": "r"}])]  # fmt: skip
    request = asked(A, messages=turns, tools=[TOOL], thinking={"type": "enabled", "budget_tokens": 1024})
    assert sent(request, A)["thinking"] == {"type": "disabled"}
    assert dropped(request, A) == ("messages.thinking", "thinking")
    result = {"role": "tool", "tool_call_id": "c.1:0", "content": "r"}
    said = {"role": "assistant", "tool_calls": [CALL]}
    unsigned = chat(user(), said, result, tools=[FUNCTION], reasoning_effort="high")
    assert "thinking" not in sent(unsigned, A)
    assert dropped(unsigned, A) == ("reasoning_effort",)


@pytest.mark.parametrize(
    ("model", "fields", "thinking", "effort"),
    [
        ("claude-sonnet-4-5", {"reasoning_effort": "high"}, {"type": "enabled", "budget_tokens": 16384}, None),
        ("claude-3-7-sonnet-latest", {"reasoning_effort": "minimal"}, {"type": "enabled", "budget_tokens": 1024}, None),
        ("claude-opus-4-6", {"reasoning_effort": "minimal"}, {"type": "adaptive"}, "low"),
        ("claude-opus-5", {"reasoning_effort": "xhigh"}, {"type": "adaptive"}, "xhigh"),
        ("claude-sonnet-4-5", {"reasoning_effort": "none"}, None, None),
        ("claude-sonnet-4-5", {"reasoning": {"max_tokens": 5000}}, {"type": "enabled", "budget_tokens": 5000}, None),
        ("claude-sonnet-4-5", {"reasoning_effort": "high", "max_tokens": 4000},
         {"type": "enabled", "budget_tokens": 2000}, None),
        ("claude-sonnet-4-5", {"reasoning_effort": "high", "max_tokens": 500}, None, None),
        ("claude-sonnet-4-5", {"thinking": {"type": "enabled", "budget_tokens": 1500}},
         {"type": "enabled", "budget_tokens": 1500}, None),
        ("claude-opus-4-6", {"reasoning_effort": "low", "tools": [FUNCTION], "tool_choice": "required"}, None, None),
    ],
)  # fmt: skip
def test_an_effort_becomes_what_the_model_understands(model: str, fields: Any, thinking: Any, effort: Any) -> None:
    body = sent(chat(user(), **fields), A, model=model)
    assert body.get("thinking") == thinking
    assert (body.get("output_config") or {}).get("effort") == effort
    assert thinking is None or thinking.get("budget_tokens", 0) < body["max_tokens"]


@pytest.mark.parametrize(
    ("model", "fields", "kept"),
    [
        ("claude-3-5-haiku-latest", {"temperature": 1.7, "top_p": 0.5}, {"temperature": 1, "top_p": 0.5}),
        ("claude-sonnet-4-5", {"temperature": 0.5, "top_p": 0.5}, {"temperature": 0.5}),
        ("claude-opus-4-7", {"temperature": 0.5, "top_k": 3}, {}),
        ("claude-sonnet-4-5", {"temperature": 0.5, "reasoning_effort": "low"}, {}),
        ("kimi-k2", {"temperature": 0.5, "top_p": 0.5, "top_k": 3}, {"temperature": 0.5, "top_p": 0.5, "top_k": 3}),
    ],
)
def test_sampling_is_set_where_the_model_takes_it_and_named_where_not(model: str, fields: Any, kept: Any) -> None:
    request = chat(user(), **fields)
    body = sent(request, A, model=model)
    assert {name: body[name] for name in ("temperature", "top_p", "top_k") if name in body} == kept
    lost = set(fields) - {"reasoning_effort"} - set(kept)
    assert lost <= set(dropped(request, A, model=model))


def test_what_has_no_words_is_named() -> None:
    request = chat(
        {**user(), "name": "ann"}, seed=1, logit_bias={"1": 1}, frequency_penalty=0, stop=[" ", "END"], store=True
    )
    assert sent(request, A)["stop_sequences"] == ["END"]
    assert dropped(request, A) == ("messages.name", "seed", "logit_bias", "stop")


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"modalities": ["text", "audio"]},
        {"messages": [user([{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}])]},
        {"messages": [user([{"type": "file", "file": {"file_id": "file-1"}}])]},
        {"messages": [user([{"type": "image_url", "image_url": {"url": "ftp://x/y"}}])]},
        {"tools": [{"type": "custom", "custom": {"name": "c"}}]},
        {"messages": [{"role": "system", "content": "only"}]},
        {"tools": [FUNCTION], "response_format": {"type": "json_object"}},
    ],
)
def test_what_would_change_the_meaning_is_refused(fields: Any) -> None:
    with pytest.raises(AttemptFailed) as caught:
        sent(asked(OPENAI, **fields), A)
    assert caught.value.failure.kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": [user([{"type": "search_result", "source": "u", "title": "t", "content": []}])]},
        {"messages": [user([{"type": "image", "source": {"type": "file", "file_id": "f"}}])]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [TOOL, {"type": "bash_20250124", "name": "bash"}], "tool_choice": {"type": "tool", "name": "bash"}},
    ],
)
@pytest.mark.parametrize("to", [OPENAI, Dialect.OLLAMA])
def test_what_only_anthropic_can_do_is_refused_by_others(fields: Any, to: Dialect) -> None:
    with pytest.raises(AttemptFailed) as caught:
        sent(asked(A, **fields), to)
    assert caught.value.failure.kind is FailureKind.UNSUPPORTED


def test_a_tool_of_the_servers_beside_others_is_lost_by_name() -> None:
    request = asked(A, tools=[TOOL, {"type": "web_search_20250305", "name": "web_search"}])
    assert request.lost == ("tools.web_search_20250305",)
    assert [tool["function"]["name"] for tool in sent(request, OPENAI)["tools"]] == ["f"]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"type": "auto"}, "auto"), ({"type": "any"}, "required"), ({"type": "none"}, "none"),
        ({"type": "tool", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
    ],
)  # fmt: skip
def test_the_choice_of_a_tool_is_translated_there_and_back(choice: Any, wanted: Any) -> None:
    request = asked(A, tools=[TOOL], tool_choice={**choice, "disable_parallel_tool_use": True})
    body = sent(request, OPENAI)
    assert (body["tool_choice"], body["parallel_tool_calls"]) == (wanted, False)
    back = sent(chat(user(), tools=[FUNCTION], tool_choice=wanted), A).get("tool_choice", {"type": "auto"})
    assert back == choice


def test_a_schema_is_closed_and_what_bounds_a_value_becomes_a_hint() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1, "description": "A number"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = sent(chat(user(), response_format=wanted), A, model="claude-sonnet-4-5")
    fit = body["output_config"]["format"]["schema"]
    assert fit["additionalProperties"] is False
    assert fit["properties"]["n"] == {"type": "integer", "description": "A number (minimum: 1)"}


def test_an_older_model_answers_in_json_by_way_of_a_tool() -> None:
    body = sent(chat(user(), response_format={"type": "json_object"}), A, model="claude-3-5-haiku-latest")
    assert body["tool_choice"] == {"type": "tool", "name": "json_answer"}
    assert [tool["name"] for tool in body["tools"]] == ["json_answer"]


def test_models_that_openai_says_take_no_max_tokens_get_the_other_word() -> None:
    request = asked(A, max_tokens=7, output_config={"effort": "max"}, metadata={"user_id": "u" * 65})
    body = sent(request, OPENAI, model="gpt-5-mini")
    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (7, "xhigh")
    assert "max_tokens" not in body
    assert dropped(request, OPENAI, model="gpt-4o") == ("reasoning_effort", "user")
    assert sent(request, OPENAI, model="gpt-4o")["max_tokens"] == 7


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": "5"}, {"max_tokens": True}, {"max_tokens": -1}, {"max_tokens": None}, {"messages": []},
        {"messages": [{"role": "user"}]}, {"messages": [{"role": "tool", "content": "x"}]}, {"messages": ["x"]},
        {"messages": [{"role": "user", "content": [{"text": "x"}]}]}, {"system": 5}, {"tools": [1]}, {"stream": "yes"},
        {"stop_sequences": [1]}, {"model": ""}, {"tool_choice": "auto"},
    ],
)  # fmt: skip
def test_a_wrong_field_is_a_400_that_names_it(fields: Any) -> None:
    with pytest.raises(RequestError) as caught:
        asked(A, **fields)
    assert caught.value.status == 400
    (name,) = fields
    assert caught.value.param is not None
    assert caught.value.param.startswith(name)


WORDS = ("type", "text", "role", "content", "function", "name", "id", "source", "data")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(["tools", "tool_choice", "messages", "response_format", "reasoning", "stop", "thinking", "user",
                     "reasoning_effort", "functions", "function_call", "metadata", "system", "options"]),
    JSON, max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(FIELDS, st.sampled_from([OPENAI, A, Dialect.OLLAMA]), st.sampled_from([OPENAI, A, Dialect.OLLAMA]), JSON)
def test_no_request_whatever_it_holds_does_more_than_being_refused(
    fields: Any, front: Dialect, to: Dialect, message: Any
) -> None:
    said = {"role": "assistant", "tool_calls": message, "content": message, "reasoning_details": message}
    for messages in ({}, {"messages": [user(message), said, {"role": "tool", "content": message}]}):
        with contextlib.suppress(RequestError, AttemptFailed):
            sent(asked(front, **{**fields, **messages}), to)
