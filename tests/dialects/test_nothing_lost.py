"""What a request says reaches every upstream, or is named, or is refused: nothing is lost in silence.

Each front's request says all that its dialect has words for, every text of its own; each has to turn up in what the
upstream is sent, under whatever name.
"""

import json
from typing import Any

import pytest

from g4f.dialects.bridge import Bridge
from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.registry import front, upstream
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect, Operation, Request

PICTURE, SHOWN = "iVBORw0KGgoAAAAN", "iVBORw0KGgoBBBBN"
CITY = {"type": "object", "properties": {"city": {"type": "string", "description": "said-city"}}, "required": ["city"]}
#: What stands in for the models of each upstream: some words are for some models only.
MODELS = {
    Dialect.OPENAI: "gpt-5",
    Dialect.OPENAI_RESPONSES: "gpt-5",
    Dialect.ANTHROPIC: "claude-sonnet-4-5",
    Dialect.GEMINI: "gemini-2.5-flash",
    Dialect.OLLAMA: "qwen3",
    Dialect.COHERE: "command-a",
}
#: Every text that a request has, whatever its dialect; those of thoughts are named where they are lost.
SAID = (
    "said-system",
    "said-one",
    "said-answer",
    "said-Oslo",
    "said-Rome",
    "said-cold",
    "said-warm",
    "said-three",
    "said_tool",
    "said-description",
    "said-city",
    PICTURE,
    SHOWN,
)


def data(picture: str) -> str:
    return f"data:image/png;base64,{picture}"


def image(picture: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data(picture)}}


OPENAI = {
    "messages": [
        {"role": "system", "content": "said-system"},
        {"role": "user", "name": "said-name", "content": [{"type": "text", "text": "said-one"}, image(PICTURE)]},
        {
            "role": "assistant",
            "content": "said-answer",
            "reasoning_content": "said-thought",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "x", "signature": "said-proof", "format": "other"}
            ],
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "said_tool", "arguments": '{"city":"said-Oslo"}'},
                },
                {
                    "id": "c2",
                    "type": "function",
                    "function": {"name": "said_tool", "arguments": '{"city":"said-Rome"}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "said-cold"}, image(SHOWN)]},
        {"role": "tool", "tool_call_id": "c2", "content": "said-warm"},
        {"role": "assistant", "content": None, "refusal": "said-refusal"},
        {"role": "user", "content": "said-three"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {"name": "said_tool", "description": "said-description", "parameters": CITY},
        }
    ],
}
RESPONSES = {
    "instructions": "said-system",
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "said-one"},
                {"type": "input_image", "image_url": data(PICTURE)},
            ],
        },
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "said-thought"}], "encrypted_content": "p"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "said-answer"}]},
        {"type": "function_call", "call_id": "c1", "name": "said_tool", "arguments": '{"city":"said-Oslo"}'},
        {"type": "function_call", "call_id": "c2", "name": "said_tool", "arguments": '{"city":"said-Rome"}'},
        {
            "type": "function_call_output",
            "call_id": "c1",
            "output": [
                {"type": "input_text", "text": "said-cold"},
                {"type": "input_image", "image_url": data(SHOWN)},
            ],
        },
        {"type": "function_call_output", "call_id": "c2", "output": "said-warm"},
        {"role": "user", "content": "said-three"},
    ],
    "tools": [{"type": "function", "name": "said_tool", "description": "said-description", "parameters": CITY}],
}


def source(picture: str) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": picture}}


ANTHROPIC = {
    "max_tokens": 9,
    "system": "said-system",
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "said-one"}, source(PICTURE)]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "said-thought", "signature": "proof"},
                {"type": "redacted_thinking", "data": "hidden"},
                {"type": "text", "text": "said-answer"},
                {"type": "tool_use", "id": "toolu_1", "name": "said_tool", "input": {"city": "said-Oslo"}},
                {"type": "tool_use", "id": "toolu_2", "name": "said_tool", "input": {"city": "said-Rome"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_1",
                    "content": [{"type": "text", "text": "said-cold"}, source(SHOWN)],
                },
                {"type": "tool_result", "tool_use_id": "toolu_2", "content": "said-warm"},
                {"type": "text", "text": "said-three"},
            ],
        },
    ],
    "tools": [{"name": "said_tool", "description": "said-description", "input_schema": CITY}],
}


def inline(picture: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": picture}}


GEMINI = {
    "systemInstruction": {"parts": [{"text": "said-system"}]},
    "contents": [
        {"role": "user", "parts": [{"text": "said-one"}, inline(PICTURE)]},
        {
            "role": "model",
            "parts": [
                {"text": "said-thought", "thought": True},
                {"text": "said-answer"},
                {"functionCall": {"name": "said_tool", "args": {"city": "said-Oslo"}}, "thoughtSignature": "cA=="},
                {"functionCall": {"name": "said_tool", "args": {"city": "said-Rome"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "name": "said_tool",
                        "response": {"output": "said-cold"},
                        "parts": [inline(SHOWN)],
                    }
                },
                {"functionResponse": {"name": "said_tool", "response": {"warm": "said-warm"}}},
                {"text": "said-three"},
            ],
        },
    ],
    "tools": [{"functionDeclarations": [{"name": "said_tool", "description": "said-description", "parameters": CITY}]}],
}
OLLAMA = {
    "messages": [
        {"role": "system", "content": "said-system"},
        {"role": "user", "content": "said-one", "images": [PICTURE]},
        {
            "role": "assistant",
            "content": "said-answer",
            "thinking": "said-thought",
            "tool_calls": [
                {"function": {"name": "said_tool", "arguments": {"city": "said-Oslo"}}},
                {"function": {"name": "said_tool", "arguments": {"city": "said-Rome"}}},
            ],
        },
        {"role": "tool", "tool_name": "said_tool", "content": "said-cold", "images": [SHOWN]},
        {"role": "tool", "tool_name": "said_tool", "content": "said-warm"},
        {"role": "user", "content": "said-three"},
    ],
    "tools": OPENAI["tools"],
}
FRONTS = {
    Dialect.OPENAI: OPENAI,
    Dialect.OPENAI_RESPONSES: RESPONSES,
    Dialect.ANTHROPIC: ANTHROPIC,
    Dialect.GEMINI: GEMINI,
    Dialect.OLLAMA: OLLAMA,
}
PATH = {"model": "m", "call": "generateContent"}


def decoded(dialect: Dialect, body: dict[str, Any]) -> Request:
    path = {**PATH, "call": "chat"} if dialect is Dialect.OLLAMA else PATH
    asked = json.dumps({"model": "m", **body}).encode()
    return front(dialect).decode_request(asked, request_id="r", path=path, headers={})


def sent(asked: Request, behind: Dialect) -> tuple[Outgoing, str, set[str]]:
    outgoing = upstream(behind).encode_request(asked, model=MODELS[behind])
    named = {*outgoing.dropped, *(asked.lost if asked.dialect is not behind else ())}
    return outgoing, outgoing.body.decode(), named


every_pair = pytest.mark.parametrize(
    ("before", "behind"), [(before, behind) for before in FRONTS for behind in Dialect], ids=str
)


@every_pair
def test_every_text_picture_call_and_result_reaches_the_upstream(before: Dialect, behind: Dialect) -> None:
    _, body, _ = sent(decoded(before, FRONTS[before]), behind)
    assert [text for text in SAID if text not in body] == []


@every_pair
def test_thoughts_reach_the_upstream_or_are_named(before: Dialect, behind: Dialect) -> None:
    _, body, named = sent(decoded(before, FRONTS[before]), behind)
    assert "said-thought" in body or "messages.reasoning_content" in named or "messages.reasoning_details" in named


@pytest.mark.parametrize("behind", list(Dialect), ids=str)
def test_a_refusal_of_an_earlier_turn_and_who_spoke_are_not_lost_in_silence(behind: Dialect) -> None:
    _, body, named = sent(decoded(Dialect.OPENAI, OPENAI), behind)
    assert "said-refusal" in body
    assert "said-name" in body or "messages.name" in named


@pytest.mark.parametrize("behind", [dialect for dialect in Dialect if dialect is not Dialect.OPENAI_RESPONSES], ids=str)
@pytest.mark.parametrize(
    "part", [{"type": "input_image", "file_id": "file-1"}, {"type": "input_file", "file_url": "https://a.example/b"}]
)
def test_what_only_openai_can_look_up_is_refused_by_others(part: dict[str, Any], behind: Dialect) -> None:
    asked = decoded(Dialect.OPENAI_RESPONSES, {"input": [{"role": "user", "content": [part]}]})
    with pytest.raises(AttemptFailed) as caught:
        sent(asked, behind)
    assert caught.value.failure.kind is FailureKind.UNSUPPORTED


@pytest.mark.parametrize("behind", list(Dialect), ids=str)
def test_pictures_that_tools_gave_come_after_all_results_of_the_turn(behind: Dialect) -> None:
    _, body, _ = sent(decoded(Dialect.ANTHROPIC, ANTHROPIC), behind)
    if behind in (Dialect.OPENAI, Dialect.GEMINI, Dialect.COHERE):
        assert body.index("said-cold") < body.index("said-warm") < body.index(SHOWN) < body.index("said-three")


TOOL = {"type": "function", "function": {"name": "f", "strict": True, "parameters": CITY}}


@pytest.mark.parametrize("behind", list(Dialect), ids=str)
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("user", "said-user", "said-user"),
        ("metadata", {"k": "said-metadata"}, "said-metadata"),
        ("service_tier", "flex", "flex"),
        ("parallel_tool_calls", False, "parallel_tool"),  # Anthropic: disable_parallel_tool_use
        ("web_search_options", {}, "web_search_options"),
        ("seed", 1234567, "1234567"),
        ("logit_bias", {"said-token": -100}, "said-token"),
        ("prediction", {"type": "content", "content": "said-prediction"}, "said-prediction"),
    ],
)
def test_each_field_of_a_request_is_sent_or_named(name: str, value: Any, words: str, behind: Dialect) -> None:
    messages = [{"role": "user", "content": "x"}]
    _, body, named = sent(decoded(Dialect.OPENAI, {"messages": messages, "tools": [TOOL], name: value}), behind)
    assert words in body or name in named


@pytest.mark.parametrize("behind", list(Dialect), ids=str)
def test_that_a_tool_is_strict_is_said_or_named(behind: Dialect) -> None:
    _, body, named = sent(
        decoded(Dialect.OPENAI, {"messages": [{"role": "user", "content": "x"}], "tools": [TOOL]}), behind
    )
    assert '"strict":true' in body.replace(" ", "") or "tools.strict" in named


def test_a_temperature_that_anthropic_does_not_have_is_lowered_and_named() -> None:
    messages = [{"role": "user", "content": "x"}]
    for asked, given, names in ((1.5, 1, {"temperature"}), (1, 1, set()), (0, 0, set())):
        request = decoded(Dialect.OPENAI, {"messages": messages, "temperature": asked})
        _, body, named = sent(request, Dialect.ANTHROPIC)
        assert (json.loads(body)["temperature"], named) == (given, names)


def test_texts_of_a_system_prompt_do_not_run_into_each_other() -> None:
    system = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]
    request = decoded(
        Dialect.OPENAI, {"messages": [{"role": "system", "content": system}, {"role": "user", "content": "x"}]}
    )
    for behind in Dialect:
        _, body, _ = sent(request, behind)
        assert "One.Two." not in body


def test_a_call_without_arguments_is_one_with_none_of_them() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    messages = [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}]
    messages.append({"role": "tool", "tool_call_id": "c1", "content": "done"})
    for behind in Dialect:
        if behind is not Dialect.OPENAI:
            _, body, _ = sent(decoded(Dialect.OPENAI, {"messages": messages}), behind)
            assert '"arguments":""' not in body.replace(" ", "")


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (Dialect.GEMINI, {"contents": [{"parts": [{"text": "x"}]}], "cachedContent": "cachedContents/1"}),
        (Dialect.GEMINI, {"contents": [{"parts": [{"text": "x"}]}], "cached_content": "cachedContents/1"}),
        (Dialect.OPENAI_RESPONSES, {"input": "x", "prompt": {"id": "pmpt_1"}}),
    ],
)
def test_a_text_that_only_its_provider_has_is_asked_for_there_or_not_at_all(
    before: Dialect, asked: dict[str, Any]
) -> None:
    request = decoded(before, asked)
    for behind in Dialect:
        if behind is before:
            assert "1" in through(request, behind)
        else:
            with pytest.raises(AttemptFailed) as caught:
                through(request, behind)
            assert caught.value.failure.kind is FailureKind.UNSUPPORTED


def through(asked: Request, behind: Dialect) -> str:
    outgoing = Bridge(upstream(behind), ()).encode(asked, model=MODELS[behind])
    return bytes(outgoing.body).decode()


@pytest.mark.parametrize("behind", [dialect for dialect in Dialect if dialect is not Dialect.OPENAI], ids=str)
@pytest.mark.parametrize("kind", ["suffix", "video_url", "unheard_of"])
def test_a_part_that_an_upstream_has_no_words_for_is_refused(kind: str, behind: Dialect) -> None:
    content = [{"type": "text", "text": "x"}, {"type": kind, kind: {"url": "https://a.example"}}]
    with pytest.raises(AttemptFailed) as caught:
        sent(decoded(Dialect.OPENAI, {"messages": [{"role": "user", "content": content}]}), behind)
    assert caught.value.failure.kind is FailureKind.UNSUPPORTED


def test_texts_without_a_type_reach_the_upstream() -> None:
    for behind in Dialect:
        _, body, _ = sent(decoded(Dialect.OPENAI, {"messages": [{"role": "user", "content": ["said-plain"]}]}), behind)
        assert "said-plain" in body


@pytest.mark.parametrize(
    ("before", "asked", "behind", "told", "heard"),
    [
        (Dialect.ANTHROPIC, {"messages": []}, Dialect.GEMINI, b'{"totalTokens": 11}', {"input_tokens": 11}),
        (Dialect.GEMINI, {"contents": []}, Dialect.ANTHROPIC, b'{"input_tokens": 11}', {"totalTokens": 11}),
    ],
)
def test_a_count_of_tokens_reaches_a_client_of_another_dialect(
    before: Dialect, asked: dict[str, Any], behind: Dialect, told: bytes, heard: dict[str, int]
) -> None:
    said = {"role": "user", "content": "x"} if before is Dialect.ANTHROPIC else {"parts": [{"text": "x"}]}
    path = {**PATH, "operation": Operation.COUNT_TOKENS.value, "call": "countTokens"}
    body = json.dumps({"model": "m", next(iter(asked)): [said]}).encode()
    request = front(before).decode_request(body, request_id="r", path=path, headers={})
    bridge = Bridge(upstream(behind), (Operation.CHAT,))
    sent_on = json.loads(bytes(bridge.encode(request, model=MODELS[behind]).body))
    assert not {"max_tokens", "stream"} & sent_on.keys()
    origin = Origin(request=request, provider="Lab", now=0)
    assert json.loads(bridge.completion(told, origin, media_type="application/json").wire) == heard
    for none in (b'{"totalTokens": "many", "input_tokens": null}', b"[]", b"<html>"):
        with pytest.raises(AttemptFailed):
            bridge.completion(none, origin, media_type="application/json")
