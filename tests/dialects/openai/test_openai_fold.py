"""Folding chunks: what is appended, what is extended, and what is kept."""

from typing import Any

from g4f.dialects.openai.fold import fold


def folded(*deltas: dict[str, Any]) -> dict[str, Any]:
    chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    return fold(chunks)["choices"][0]["message"]


def test_texts_are_appended_and_null_adds_nothing() -> None:
    message = folded({"content": "a"}, {"content": None, "refusal": None}, {"content": "b", "reasoning": "r"})
    assert message == {"role": "assistant", "content": "ab", "refusal": None, "reasoning": "r"}


def test_names_and_ids_that_are_repeated_stand_once() -> None:
    pieces = [{"index": 0, "id": "a", "function": {"name": "f", "arguments": part}} for part in ("{", "}")]
    message = folded(*({"tool_calls": [piece]} for piece in pieces))
    assert message["tool_calls"] == [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]


def test_custom_tools_legacy_functions_and_audio_are_appended() -> None:
    message = folded(
        {"tool_calls": [{"index": 0, "type": "custom", "custom": {"name": "n", "input": "a"}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": "b"}}], "function_call": {"name": "f", "arguments": "1"}},
        {"function_call": {"arguments": "2"}, "audio": {"id": "x", "data": "AA", "transcript": "h"}},
        {"audio": {"data": "BB", "transcript": "i", "expires_at": 5}, "annotations": [1]},
        {"annotations": [2], "odd": 3},
    )
    assert message == {
        "role": "assistant", "content": None, "refusal": None,
        "tool_calls": [{"type": "custom", "custom": {"name": "n", "input": "ab"}}],
        "function_call": {"name": "f", "arguments": "12"},
        "audio": {"id": "x", "data": "AABB", "transcript": "hi", "expires_at": 5},
        "annotations": [1, 2], "odd": 3,
    }  # fmt: skip


def test_log_probabilities_are_extended_and_the_head_keeps_what_was_said_last() -> None:
    chunks = [
        {"id": "c", "fp": "x", "choices": [{"index": 1, "delta": {}, "logprobs": {"content": [1], "refusal": None}}]},
        {"id": "c", "fp": None, "choices": [{"index": 1, "delta": {}, "logprobs": None}]},
        {"id": "c", "choices": [{"index": 1, "delta": {}, "logprobs": {"content": [2]}, "finish_reason": "stop"}]},
        {"id": "c", "choices": [{"index": 0, "delta": {}}], "usage": {"n": 1}},
    ]
    body = fold(chunks)
    assert (body["id"], body["fp"], body["usage"], body["object"]) == ("c", "x", {"n": 1}, "chat.completion")
    first, second = body["choices"]
    assert (first["index"], second["finish_reason"], second["logprobs"]) == (
        0, "stop", {"content": [1, 2], "refusal": None}
    )  # fmt: skip
