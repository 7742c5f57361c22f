"""Recorded traffic of real providers: each oddity that it proves is made regular, and no cut of it changes a frame."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openai._streaming import SSEDecoder
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from g4f.dialects.openai.completion import decode_completion
from g4f.dialects.openai.errors import decode_error
from g4f.dialects.openai.wire import DONE, chunks_of
from g4f.exchange.answer import Frame, Usage
from g4f.exchange.failure import Failure, FailureKind
from g4f.exchange.request import Request

Recorded = Callable[[str], dict[str, Any]]
Relayed = Callable[..., list[Frame]]
Ask = Callable[..., Request]

STREAMS = (
    "deepseek__stream-reasoning_content.0",
    "gemini-openai-compat__stream-tool-no-index.0",
    "groq__stream-text-usage.0",
    "mistral__stream-tool.0",
    "ollama__openai-compat-stream.0",
    "openai__chat-stream-2tools.0",
    "openai__chat-stream-obfuscation.0",
    "openai__chat-stream-structured-refusal.0",
    "openai__chat-stream-usage.0",
    "openrouter__stream-reasoning-comments.0",
    "together__stream-text.0",
    "xai__stream-text.0",
)
WITH_USAGE = {"stream_options": {"include_usage": True}}


def stream(recorded: Recorded, name: str) -> bytes:
    return recorded(name)["body"].encode()


def chunks(frames: list[Frame]) -> list[dict[str, Any]]:
    return [chunk for frame in frames for chunk in chunks_of(frame.wire)]


def deltas(frames: list[Frame]) -> list[dict[str, Any]]:
    return [choice["delta"] for chunk in chunks(frames) for choice in chunk["choices"]]


@pytest.mark.parametrize("name", STREAMS)
def test_rechunking_changes_no_frame(name: str, recorded: Recorded, relayed: Relayed) -> None:
    raw = stream(recorded, name)
    whole = relayed([raw])
    for size in (1, 7, 100, 4096):
        assert relayed([raw[i : i + size] for i in range(0, len(raw), size)]) == whole
    assert relayed([raw.replace(b"\n", b"\r\n")]) == whole


@pytest.mark.parametrize("name", STREAMS)
def test_the_sdk_folds_the_frames_into_the_answer_of_a_call_without_stream(
    name: str, recorded: Recorded, relayed: Relayed, ask: Ask
) -> None:
    raw = stream(recorded, name)
    out = b"".join(frame.wire for frame in relayed([raw], **WITH_USAGE)) + DONE
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for event in SSEDecoder().iter_bytes(iter([out])):
        if event.data != "[DONE]":
            state.handle_chunk(ChatCompletionChunk.model_validate(event.json()))
    theirs = state.current_completion_snapshot
    ours = ChatCompletion.model_validate_json(decode_completion(raw, request=ask(), provider="Lab").wire)
    assert (ours.id, ours.model) == (theirs.id, theirs.model)
    for mine, their in zip(ours.choices, theirs.choices, strict=True):
        assert (mine.finish_reason, mine.message.content) == (their.finish_reason, their.message.content)
        assert mine.message.refusal == their.message.refusal
        assert [call.model_dump(exclude_none=True) for call in mine.message.tool_calls or []] == [
            call.model_dump(exclude_none=True, exclude={"index": True, "function": {"parsed_arguments"}})
            for call in their.message.tool_calls or []
        ]


@pytest.mark.parametrize(
    "name", [name for name in STREAMS if not name.startswith(("gemini", "mistral", "ollama", "xai"))]
)
def test_a_regular_stream_is_relayed_byte_for_byte(name: str, recorded: Recorded, relayed: Relayed) -> None:
    raw = stream(recorded, name)
    out = b"".join(frame.wire for frame in relayed([raw], **WITH_USAGE)) + DONE
    assert out == raw.replace(b": OPENROUTER PROCESSING\n\n", b"")


@pytest.mark.parametrize("name", [name for name in STREAMS if name.startswith(("gemini", "mistral", "ollama"))])
def test_tool_calls_without_index_or_id_get_both(name: str, recorded: Recorded, relayed: Relayed) -> None:
    (call,) = [call for delta in deltas(relayed([stream(recorded, name)])) for call in delta.get("tool_calls") or []]
    assert call["index"] == 0
    assert call["id"]
    assert call["type"] == "function"
    assert json.loads(call["function"]["arguments"])


def test_a_missing_id_of_the_answer_is_given(recorded: Recorded, relayed: Relayed) -> None:
    frames = relayed([stream(recorded, "gemini-openai-compat__stream-tool-no-index.0")])
    assert {chunk["id"] for chunk in chunks(frames)} == {"chatcmpl-r1"}


def test_a_missing_finish_reason_is_null(recorded: Recorded, relayed: Relayed) -> None:
    reasons = [c["choices"][0]["finish_reason"] for c in chunks(relayed([stream(recorded, "xai__stream-text.0")]))]
    assert reasons == [None] * (len(reasons) - 1) + ["stop"]


@pytest.mark.parametrize(
    ("name", "field"),
    [("deepseek__stream-reasoning_content.0", "reasoning_content"),
     ("openrouter__stream-reasoning-comments.0", "reasoning")],
)  # fmt: skip
def test_reasoning_is_content_and_comes_before_the_text(
    name: str, field: str, recorded: Recorded, relayed: Relayed
) -> None:
    frames = relayed([stream(recorded, name)])
    first = next(frame for frame in frames if frame.content)
    assert chunks([first])[0]["choices"][0]["delta"][field]


def test_groqs_own_usage_field_is_counted_and_kept(recorded: Recorded, relayed: Relayed) -> None:
    last = relayed([stream(recorded, "groq__stream-text-usage.0")])[-1]
    assert last.usage == Usage(12, 26)
    assert chunks([last])[0]["x_groq"]["usage"]["completion_tokens"] == 26


def test_openais_padding_is_kept_in_streams_and_left_out_of_completions(
    recorded: Recorded, relayed: Relayed, ask: Ask
) -> None:
    raw = stream(recorded, "openai__chat-stream-obfuscation.0")
    assert all("obfuscation" in chunk for chunk in chunks(relayed([raw])))
    assert "obfuscation" not in json.loads(decode_completion(raw, request=ask(), provider="Lab").wire)


@pytest.mark.parametrize("name", ["huggingface__router-chat.0", "openai__error-400-then-ok.1"])
def test_a_recorded_completion_keeps_its_bytes(name: str, recorded: Recorded, ask: Ask) -> None:
    raw = recorded(name)["body"].encode()
    completion = decode_completion(raw, request=ask(), provider="Lab")
    kept = completion.wire.replace(b'"logprobs":null,"message":{', b'"message": {')
    assert kept == b'{"provider":"Lab",' + raw.strip()[1:]
    assert completion.usage is not None


@pytest.mark.parametrize(
    ("name", "kind", "wait"),
    [
        ("anthropic__error-401.0", FailureKind.AUTH, None),
        ("gemini__error-400-key.0", FailureKind.AUTH, None),
        ("gemini__error-429.0", FailureKind.RATE_LIMITED, 34.4),
        ("openai__error-400-then-ok.0", FailureKind.BAD_REQUEST, None),
        ("openai__error-401.0", FailureKind.AUTH, None),
        ("openrouter__error-429.0", FailureKind.RATE_LIMITED, None),
    ],
)
def test_a_recorded_error_is_read(name: str, kind: FailureKind, wait: float | None, recorded: Recorded) -> None:
    reply = recorded(name)
    headers = {key.lower(): value for key, value in reply["headers"].items()}
    failure: Failure = decode_error(
        status=reply["status"], headers=headers, body=reply["body"].encode(), now=0, secrets=()
    )
    assert (failure.kind, failure.retry_after) == (kind, wait)
    assert len(failure.message) > 10


def test_anthropics_word_that_a_retry_is_useless_is_kept(recorded: Recorded) -> None:
    reply = recorded("anthropic__error-401.0")
    failure = decode_error(status=401, headers=reply["headers"], body=reply["body"].encode(), now=0, secrets=())
    assert failure.retryable is False
