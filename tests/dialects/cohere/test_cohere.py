"""Cohere's chat behind OpenAI's: what is asked, and what is made of the answers."""

import json
from typing import Any

import pytest

from g4f.dialects.cohere.face import UPSTREAM
from g4f.dialects.face import Origin
from g4f.exchange.answer import Usage
from g4f.exchange.events import Citation, Finish, Reasoning, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Request


def asked(**payload: Any) -> Request:
    said = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **payload}
    return Request(id="req_1", model="m", payload=said)


def origin() -> Origin:
    return Origin(request=asked(), provider="Cohere", now=9)


def event(**value: Any) -> bytes:
    return f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode()


def test_a_chat_is_written_in_coheres_words() -> None:
    outgoing = UPSTREAM.encode_request(
        asked(
            messages=[
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]},
                {"role": "assistant", "content": None, "reasoning_content": "I will look.", "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": "rain"},
            ],
            max_completion_tokens=5, top_p=0.5, stop="END", reasoning_effort="low", logit_bias={"1": 1},
            tools=[{"type": "function", "function": {"name": "f", "strict": True}},
                   {"type": "function", "function": {"name": "g", "parameters": {"type": "object"}}}],
            tool_choice={"type": "function", "function": {"name": "f"}},
            response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}},
        ),
        model="command-a",
    )  # fmt: skip
    assert json.loads(outgoing.body) == {
        "model": "command-a",
        "stream": False,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]},
            {"role": "assistant", "tool_plan": "I will look.", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ],
        "p": 0.5,
        "max_tokens": 5,
        "stop_sequences": ["END"],
        "response_format": {"type": "json_object", "json_schema": {"type": "object"}},
        "thinking": {"type": "enabled", "token_budget": 1024},
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
        "tool_choice": "REQUIRED",
    }  # fmt: skip
    assert (outgoing.path, outgoing.dropped) == ("/v2/chat", ("logit_bias", "tools.strict"))


@pytest.mark.parametrize(
    "payload",
    [
        {"n": 2},
        {"tools": [{"type": "custom", "custom": {"name": "x"}}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
    ],
)
def test_what_would_change_the_meaning_is_left_to_another_provider(payload: dict[str, Any]) -> None:
    with pytest.raises(AttemptFailed) as caught:
        UPSTREAM.encode_request(asked(**payload), model="m")
    assert caught.value.failure.kind is FailureKind.UNSUPPORTED


def test_a_recorded_stream_of_tool_calls_is_read_however_it_is_cut(recorded: Any) -> None:
    wire = recorded("cohere__v2-stream-tools.0")["body"].encode()
    seen = []
    for size in (1, 100, len(wire)):
        decoder = UPSTREAM.decoder(origin())
        events = [e for at in range(0, len(wire), size) for e in decoder.feed(wire[at : at + size])]
        assert decoder.finished
        seen.append(events)
    assert seen[0] == seen[1] == seen[2]
    thoughts = "".join(event.text for event in seen[0] if isinstance(event, Reasoning))
    assert thoughts == "I will search for the current time and weather in Tokyo."
    arguments: dict[int, str] = {}
    for made in seen[0]:
        if isinstance(made, ToolCall):
            arguments[made.index] = arguments.get(made.index, "") + made.arguments
    assert [json.loads(text) for text in arguments.values()] == [{"location": "Tokyo"}, {"location": "Tokyo"}]
    assert [type(event) for event in seen[0][-2:]] == [Finish, Tokens]
    assert seen[0][-2] == Finish("tool_calls")


def test_thoughts_text_and_sources_of_a_stream_are_told_apart() -> None:
    wire = b"".join(
        [
            event(type="message-start", id="m1", delta={"message": {"role": "assistant"}}),
            event(type="content-start", index=0, delta={"message": {"content": {"type": "thinking", "thinking": ""}}}),
            event(type="content-delta", index=0, delta={"message": {"content": {"thinking": "Hm."}}}),
            event(type="content-delta", index=1, delta={"message": {"content": {"text": "Rain."}}}),
            event(type="citation-start", index=0, delta={"message": {"citations": {
                "start": 0, "end": 4, "text": "Rain",
                "sources": [{"type": "document", "id": "d1", "document": {"title": "Weather", "url": "https://w.example"}}]}}}),
            event(type="message-end", delta={"finish_reason": "MAX_TOKENS",
                                             "usage": {"tokens": {"input_tokens": 7.0, "output_tokens": 3}}}),
        ]
    )  # fmt: skip
    assert UPSTREAM.decoder(origin()).feed(wire) == [
        Start("m1"), Reasoning("Hm."), Text("Rain."), Citation("https://w.example", "Weather", 0, 4, "Rain"),
        Finish("length"), Tokens(Usage(7, 3)),
    ]  # fmt: skip


def test_a_whole_answer_is_read() -> None:
    body = {
        "id": "m1", "finish_reason": "COMPLETE",
        "message": {"content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hi"}]},
        "usage": {"billed_units": {"input_tokens": 2, "output_tokens": 1}},
    }  # fmt: skip
    assert UPSTREAM.events_of_completion(json.dumps(body).encode(), origin()) == [
        Start("m1"), Reasoning("Hm."), Text("Hi"), Finish("stop"), Tokens(Usage(2, 1)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", FailureKind.CHALLENGE),
        (b"nonsense", FailureKind.BAD_RESPONSE),
        (b"[]", FailureKind.BAD_RESPONSE),
        (b'{"id":"x"}', FailureKind.BAD_RESPONSE),
        (b'{"finish_reason":"COMPLETE","message":{"content":[]}}', FailureKind.EMPTY),
        (b'{"finish_reason":"ERROR","message":{"content":[]}}', FailureKind.SERVER_ERROR),
    ],
)
def test_an_answer_that_is_none_fails_the_attempt(body: bytes, kind: FailureKind) -> None:
    with pytest.raises(AttemptFailed) as caught:
        UPSTREAM.events_of_completion(body, origin())
    assert caught.value.failure.kind is kind


def test_the_end_of_the_bytes_is_not_the_end_of_the_answer() -> None:
    decoder = UPSTREAM.decoder(origin())
    decoder.feed(event(type="content-delta", index=0, delta={"message": {"content": {"text": "x"}}}))
    with pytest.raises(AttemptFailed) as caught:
        decoder.close()
    assert caught.value.failure.kind is FailureKind.DISCONNECTED
