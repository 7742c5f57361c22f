"""Whole answers: original bytes where they are regular, mended ones where not, and failures told from answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from g4f.dialects.openai.completion import decode_completion, frames_of_completion
from g4f.dialects.openai.fold import fold
from g4f.dialects.openai.wire import chunks_of
from g4f.exchange.answer import Usage
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Request

Ask = Callable[..., Request]
USAGE = {"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def body(message: Any = None, finish: str | None = "stop", **top: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Hello", "refusal": None} if message is None else message
    choices = [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]
    head = {"id": "c1", "object": "chat.completion", "created": 1, "model": "lab"}
    return {**head, "choices": choices, "usage": USAGE, **top}


def decoded_bytes(ask: Ask, raw: str | bytes) -> bytes:
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return decode_completion(raw, request=ask(), provider="Lab").wire


def decoded(ask: Ask, value: Any) -> dict[str, Any]:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return json.loads(decoded_bytes(ask, raw))


def failure_of(ask: Ask, value: Any) -> FailureKind:
    with pytest.raises(AttemptFailed) as caught:
        decoded(ask, value)
    return caught.value.failure.kind


def test_a_regular_answer_keeps_its_bytes_behind_the_provider(ask: Ask) -> None:
    raw = json.dumps(body(odd=1.10, big=12345678901234567890123), indent=2).encode()
    completion = decode_completion(b"\n" + raw + b"\n", request=ask(), provider="Lab")
    assert completion.wire == b'{"provider":"Lab",' + raw[1:]
    assert (completion.usage, completion.finish) == (Usage(2, 3), "stop")


def test_what_the_schema_requires_is_added_and_the_other_bytes_stay(ask: Ask) -> None:
    told = ', "odd": 12345678901234567890123, "usage": ' + json.dumps(USAGE) + "}"
    head = '{"id": "c1", "object": "chat.completion", "created": 1, "model": "lab", "choices": [{"index": 0, '
    raw = head + '"message": {"role": "assistant", "content": "{\\"message\\": {"}, "finish_reason": "stop"}]' + told
    wire = decode_completion(raw.encode(), request=ask(), provider="Lab").wire.decode()
    added = raw.replace('"message": {"role"', '"logprobs":null,"message":{"refusal":null,"role"')
    assert wire == '{"provider":"Lab",' + added[1:]
    twice = json.loads(decoded_bytes(ask, raw.replace(told, ', "x": {"message": {}}' + told)))
    assert (twice["x"], twice["choices"][0]["message"]["refusal"]) == ({"message": {}}, None)


def test_a_provider_named_by_the_upstream_is_replaced(ask: Ask) -> None:
    assert decoded(ask, body(provider="Google")) == body(provider="Lab")


def test_what_is_missing_is_mended(ask: Ask) -> None:
    raw = {"choices": [{"message": {"content": "Hi"}}], "usage": {"prompt_tokens": 1, "completion_tokens": -1}}
    got = decoded(ask, raw)
    assert isinstance(got.pop("created"), int)
    assert got == {
        "choices": [
            {
                "message": {"role": "assistant", "content": "Hi", "refusal": None},
                "index": 0,
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "id": "chatcmpl-r1",
        "object": "chat.completion",
        "model": "asked",
        "provider": "Lab",
    }


def test_tool_calls_get_id_type_and_arguments_as_text(ask: Ask) -> None:
    calls = [{"function": {"name": "f", "arguments": {"x": 1}}}, {"function": {"name": "g"}}, "junk", CALL]
    got = decoded(ask, body({"role": "assistant", "tool_calls": calls}, None))["choices"][0]
    first, second, third = got["message"]["tool_calls"]
    assert first["id"].startswith("call_")
    assert first["id"] != second["id"]
    assert (first["type"], first["function"]["arguments"]) == ("function", '{"x":1}')
    assert (second["function"]["arguments"], third) == ("", CALL)
    assert (got["finish_reason"], got["message"]["content"]) == ("tool_calls", None)


def test_content_given_as_parts_becomes_text_and_reasoning(ask: Ask) -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Ok"}, "!"]
    message = decoded(ask, body({"role": "assistant", "content": parts}))["choices"][0]["message"]
    assert message == {"role": "assistant", "content": "Ok!", "refusal": None, "reasoning_content": "Hm."}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", FailureKind.BAD_RESPONSE),
        (b"hello", FailureKind.BAD_RESPONSE),
        (b"[]", FailureKind.BAD_RESPONSE),
        (b"{}", FailureKind.BAD_RESPONSE),
        (b'{"choices":[]}', FailureKind.BAD_RESPONSE),
        (b'{"choices":[{"message":null}]}', FailureKind.BAD_RESPONSE),
        (b'{"choices":["x"]}', FailureKind.BAD_RESPONSE),
        (b'{"choices":[{"message":{"content":NaN}}]}', FailureKind.BAD_RESPONSE),
        (b"[" * 100_000, FailureKind.BAD_RESPONSE),
        (b'"\\ud800' + b"[" * 100_000, FailureKind.BAD_RESPONSE),
        (b"<!DOCTYPE html><title>Just a moment</title>", FailureKind.CHALLENGE),
        (b'{"error":{"code":"insufficient_quota","message":"m"}}', FailureKind.QUOTA),
        (b'{"error":"out of cheese"}', FailureKind.SERVER_ERROR),
        (b'data: {"error":{"code":429}}\n\n', FailureKind.RATE_LIMITED),
        (b'data: {"choices":[{"delta":{"content":"cut"}}]}\n\n', FailureKind.DISCONNECTED),
        (b": ping\n\ndata: [DONE]\n\n", FailureKind.EMPTY),
        (json.dumps(body({"role": "assistant", "content": ""})).encode(), FailureKind.EMPTY),
        (json.dumps(body({"content": None, "tool_calls": []}, None)).encode(), FailureKind.EMPTY),
    ],
)
def test_what_is_no_answer_fails_the_attempt_with_its_kind(ask: Ask, raw: bytes, kind: FailureKind) -> None:
    assert failure_of(ask, raw) is kind


@pytest.mark.parametrize(
    ("message", "finish"),
    [
        ({"content": "", "refusal": "no"}, "stop"),
        ({"content": "", "reasoning_content": "hm"}, "stop"),
        ({"content": None, "audio": {"id": "a"}}, "stop"),
        ({"content": None, "tool_calls": [CALL]}, "stop"),
        ({"content": ""}, "length"),
        ({"content": ""}, "content_filter"),
    ],
)
def test_an_answer_without_text_may_be_an_answer(ask: Ask, message: dict[str, Any], finish: str) -> None:
    assert decoded(ask, body({"role": "assistant", **message}, finish))["choices"][0]["finish_reason"] == finish


@pytest.mark.parametrize("include_usage", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        body(),
        body({"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "call_2"}]}, "tool_calls"),
        body({"role": "assistant", "content": "a", "reasoning_content": "b", "refusal": None}, "length"),
        body(system_fingerprint="fp", choices=[
            {"index": i, "message": {"role": "assistant", "content": str(i)}, "finish_reason": "stop",
             "logprobs": {"content": [{"token": "a", "logprob": -1.0}], "refusal": None}} for i in (0, 1)
        ]),
    ],
)  # fmt: skip
def test_the_stream_of_a_whole_answer_folds_back_into_it(ask: Ask, value: dict[str, Any], include_usage: bool) -> None:
    request = ask(stream=True, stream_options={"include_usage": include_usage})
    frames = frames_of_completion(json.dumps(value).encode(), request=request, provider="Lab")
    folded = fold(chunk for frame in frames for chunk in chunks_of(frame.wire))
    expected = decoded(ask, value)
    if not include_usage:
        del expected["usage"]
    assert folded == expected
    assert frames[0].content
    assert [frame.usage for frame in frames if frame.usage] == [Usage(2, 3)]
    assert [frame.finish for frame in frames if frame.finish] == [c["finish_reason"] for c in value["choices"]]


def test_a_golden_stream_to_a_call_that_wanted_none_is_a_whole_answer(golden: bytes, ask: Ask) -> None:
    got = decoded(ask, golden)
    parsed = ChatCompletion.model_validate(got)
    assert got["provider"] == "Lab"
    assert [choice.index for choice in parsed.choices] == list(range(len(parsed.choices)))


def test_usage_survives_the_folding_of_a_stream_whole(ask: Ask) -> None:
    chunk = {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}
    usage = {"choices": [], "usage": {**USAGE, "prompt_tokens_details": {"cached_tokens": 1}}}
    raw = b"".join(b"data: " + json.dumps(item).encode() + b"\n\n" for item in (chunk, usage)) + b"data: [DONE]\n\n"
    assert decoded(ask, raw)["usage"] == usage["usage"]
