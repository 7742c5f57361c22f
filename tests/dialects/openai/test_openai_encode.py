"""Answers made of events: the chunks and the completion that stand for them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openai.lib.streaming._deltas import accumulate_delta
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from g4f.dialects.openai.encode import ChunkEncoder, encode_completion
from g4f.dialects.openai.wire import chunks_of
from g4f.exchange.answer import Frame, Usage
from g4f.exchange.events import Citation, Event, Finish, Image, Reasoning, Start, Text, Tokens, ToolCall
from g4f.exchange.request import Request

Ask = Callable[..., Request]
ANSWER: list[Event] = [
    Start(model="lab-1"), Reasoning("Hm."), Text("Hel"), Text("lo"),
    ToolCall(0, id="call_1", name="f"), ToolCall(0, '{"x"'), ToolCall(0, ":1}"),
    ToolCall(1, "{}", name="g"), Finish("tool_calls"), Tokens(Usage(3, 4)),
]  # fmt: skip


def encode(ask: Ask, events: list[Event], **fields: Any) -> list[Frame]:
    encoder = ChunkEncoder(request=ask(stream=True, **fields), provider="Lab", now=9)
    return [*(encoder.encode(event) for event in events), encoder.close()]


def deltas(frames: list[Frame]) -> list[dict[str, Any]]:
    return [choice["delta"] for frame in frames for chunk in chunks_of(frame.wire) for choice in chunk["choices"]]


def test_the_first_chunk_of_each_choice_carries_the_role(ask: Ask) -> None:
    frames = encode(ask, [Text("a"), Text("b"), Text("c", choice=1), Finish("stop"), Finish("stop", choice=1)])
    assert deltas(frames) == [
        {"role": "assistant", "content": "a"}, {"content": "b"}, {"role": "assistant", "content": "c"}, {}, {}
    ]  # fmt: skip
    assert [frame.finish for frame in frames] == [None, None, None, "stop", "stop", None]


def test_the_first_piece_of_a_tool_call_carries_id_and_type(ask: Ask) -> None:
    first, _, _, other = [delta["tool_calls"][0] for delta in deltas(encode(ask, ANSWER[4:8]))]
    assert first == {
        "index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}
    }  # fmt: skip
    assert other["id"].startswith("call_")


def test_what_the_user_sees_is_content(ask: Ask) -> None:
    assert [frame.content for frame in encode(ask, [*ANSWER, Text("")])] == [False] + [True] * 7 + [False] * 4


def test_usage_has_wire_only_if_it_was_asked_for(ask: Ask) -> None:
    tokens = Tokens(Usage(3, 4))
    assert encode(ask, [tokens]) == [Frame(b"", usage=Usage(3, 4))] * 2
    _, frame = encode(ask, [tokens], stream_options={"include_usage": True})
    (chunk,) = chunks_of(frame.wire)
    assert (chunk["choices"], chunk["usage"]) == (
        [], {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    )  # fmt: skip


def test_every_chunk_is_what_the_sdk_expects(ask: Ask) -> None:
    for frame in encode(ask, ANSWER, stream_options={"include_usage": True}):
        for chunk in chunks_of(frame.wire):
            ChatCompletionChunk.model_validate(chunk)
            assert chunk["provider"] == "Lab"


def test_a_completion_is_the_fold_of_the_chunks(ask: Ask) -> None:
    completion = encode_completion(ANSWER, request=ask(), provider="Lab", now=9)
    assert (completion.usage, completion.finish) == (Usage(3, 4), "tool_calls")
    parsed = ChatCompletion.model_validate(json.loads(completion.wire))
    message = parsed.choices[0].message
    assert message.tool_calls is not None
    assert [call.function.arguments for call in message.tool_calls] == ['{"x":1}', "{}"]  # type: ignore[union-attr]
    assert (message.content, message.role, parsed.model) == ("Hello", "assistant", "lab-1")


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter"])
def test_the_finish_reason_of_a_completion_is_that_of_its_events(ask: Ask, reason: str) -> None:
    events: list[Event] = [Text("x"), Finish(reason)]
    assert encode_completion(events, request=ask(), provider="Lab", now=9).finish == reason


def test_openais_sdk_adds_up_lists_that_come_in_pieces(ask: Ask) -> None:
    events: list[Event] = [Reasoning("Hm.", signature="s1"), Reasoning("", signature="s2", redacted=True), Text("a")]
    events += [Citation("https://a.example", "A"), Citation("https://b.example", "B"), Image("data:1"), Image("data:2")]
    whole: dict[Any, Any] = {}
    for delta in deltas(encode(ask, [*events, Finish("stop")])):
        whole = accumulate_delta(whole, delta)
    assert [detail.get("signature") or detail["data"] for detail in whole["reasoning_details"]] == ["s1", "s2"]
    assert [cited["url_citation"]["title"] for cited in whole["annotations"]] == ["A", "B"]
    assert [image["image_url"]["url"] for image in whole["images"]] == ["data:1", "data:2"]
    assert json.loads(encode_completion(events, request=ask(), provider="Lab", now=9).wire)["choices"][0][
        "message"
    ] == {
        **whole,
        "refusal": None,
    }


def test_a_call_without_arguments_is_an_object_without_fields(ask: Ask) -> None:
    calls: list[Event] = [ToolCall(0, id="a", name="f"), ToolCall(1, id="b", name="g"), ToolCall(1, '{"x":1}')]
    for reason, first in (("tool_calls", "{}"), ("length", "")):
        completion = json.loads(encode_completion([*calls, Finish(reason)], request=ask(), provider="Lab", now=9).wire)
        called = completion["choices"][0]["message"]["tool_calls"]
        assert [call["function"]["arguments"] for call in called] == [first, '{"x":1}']
