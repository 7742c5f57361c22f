"""Answers of the Responses API, whole and streamed, in both directions."""

import json
from typing import Any

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from g4f.dialects.face import Origin
from g4f.dialects.responses.encode import ResponseEncoder, encode_response
from g4f.dialects.responses.face import FRONT, UPSTREAM
from g4f.dialects.sse import Parser
from g4f.exchange.answer import Frame, Usage
from g4f.exchange.events import Citation, Event, Finish, Image, Reasoning, Refusal, Start, Text, Tokens, ToolCall
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Dialect, Request

STREAM_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)

ANSWER: list[Event] = [
    Start("resp_1", "lab-1"),
    Reasoning("Hm, "),
    Reasoning("well."),
    Reasoning("", signature="proof"),
    Text("Hel"),
    Text("lo"),
    Citation("https://example.com", "Example", 0, 5),
    ToolCall(0, "", "call_1", "f"),
    ToolCall(0, '{"x"'),
    ToolCall(0, ":1}"),
    ToolCall(1, "{}", "call_2", "g"),
    Finish("tool_calls"),
    Tokens(Usage(3, 4, cached_tokens=2, reasoning_tokens=1)),
]


def origin(**native: Any) -> Origin:
    request = Request(
        id="req_1", model="m", payload={}, dialect=Dialect.OPENAI_RESPONSES, native={"model": "m", **native}
    )
    return Origin(request=request, provider="Lab", now=9)


def frames(events: list[Event]) -> list[Frame]:
    encoder = ResponseEncoder(origin())
    return [*(encoder.encode(event) for event in events), encoder.close()]


def told(wire: bytes) -> list[dict[str, Any]]:
    events = Parser().feed(wire)
    values = [json.loads(event.data) for event in events]
    assert [event.event for event in events] == [value["type"] for value in values]
    return values


def read(wire: bytes, size: int | None = None) -> list[Event]:
    decoder = UPSTREAM.decoder(origin())
    size = size or len(wire)
    events = [event for at in range(0, len(wire), size) for event in decoder.feed(wire[at : at + size])]
    events += decoder.close()
    assert decoder.finished
    return events


def said(events: list[Event]) -> dict[str, Any]:
    """What an answer comes to, however it was cut."""
    whole: dict[str, Any] = {"text": "", "reasoning": "", "proof": "", "refusal": "", "calls": {}}
    for event in events:
        match event:
            case Text(text=text):
                whole["text"] += text
            case Refusal(text=text):
                whole["refusal"] += text
            case Reasoning(text=text, signature=signature):
                whole["reasoning"] += text
                whole["proof"] += signature or ""
            case ToolCall():
                call = whole["calls"].setdefault(event.index, {"id": None, "name": None, "arguments": ""})
                call["id"], call["name"] = event.id or call["id"], event.name or call["name"]
                call["arguments"] += event.arguments
            case Finish(reason=reason):
                whole["finish"] = reason
            case Tokens(usage=usage):
                whole["usage"] = usage
            case Citation(url=url):
                whole["cited"] = url
            case _:
                pass
    return whole


def test_every_event_of_a_stream_is_one_that_the_sdk_knows_in_order() -> None:
    values = told(b"".join(frame.wire for frame in frames(ANSWER)))
    for value in values:
        STREAM_EVENT.validate_python(value)
    assert [value["sequence_number"] for value in values] == list(range(len(values)))
    assert [values[0]["type"], values[1]["type"], values[-1]["type"]] == [
        "response.created", "response.in_progress", "response.completed"
    ]  # fmt: skip


def test_a_whole_response_is_what_its_stream_ends_with() -> None:
    whole = encode_response(ANSWER, origin())
    values = told(b"".join(frame.wire for frame in frames(ANSWER)))
    assert json.loads(whole.wire) == values[-1]["response"]
    response = Response.model_validate_json(whole.wire)
    assert response.output_text == "Hello"
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call", "function_call"]
    assert (whole.usage, whole.finish, response.status) == (Usage(3, 4, 2, 0, 1), "tool_calls", "completed")


def test_each_item_is_added_filled_and_done_once() -> None:
    values = told(b"".join(frame.wire for frame in frames(ANSWER)))
    added = [value["output_index"] for value in values if value["type"] == "response.output_item.added"]
    done = [value for value in values if value["type"] == "response.output_item.done"]
    assert added == sorted(value["output_index"] for value in done) == [0, 1, 2, 3]
    assert [value["item"] for value in sorted(done, key=lambda value: value["output_index"])] == values[-1]["response"][
        "output"
    ]


@pytest.mark.parametrize("size", [1, 3, 64, None])
def test_a_stream_is_read_back_as_what_was_said_however_it_is_cut(size: int | None) -> None:
    wire = b"".join(frame.wire for frame in frames(ANSWER))
    assert said(read(wire, size)) == said(ANSWER)


def test_a_whole_response_is_read_back_as_what_was_said() -> None:
    assert said(list(UPSTREAM.events_of_completion(encode_response(ANSWER, origin()).wire, origin()))) == said(ANSWER)


def test_tool_calls_whose_pieces_come_interleaved_stay_apart() -> None:
    mixed: list[Event] = [
        ToolCall(0, "", "a", "f"), ToolCall(1, "", "b", "g"), ToolCall(0, "{1"), ToolCall(1, "[2"), ToolCall(0, "}"),
        ToolCall(1, "]"), Finish("tool_calls"),
    ]  # fmt: skip
    output = json.loads(encode_response(mixed, origin()).wire)["output"]
    assert [(item["call_id"], item["arguments"]) for item in output] == [("a", "{1}"), ("b", "[2]")]


def test_the_ending_of_a_finished_answer_completes_it_without_its_usage() -> None:
    encoder = ResponseEncoder(origin())
    wire = b"".join(encoder.encode(event).wire for event in ANSWER[:-2])
    last = encoder.encode(Finish("stop"))
    assert last.last
    response = told(wire + last.wire + last.ending)[-1]["response"]
    assert (response["status"], len(response["output"])) == ("completed", 4)
    assert "usage" not in response


@pytest.mark.parametrize(("reason", "told_as"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_cut_is_incomplete(reason: str, told_as: str) -> None:
    events: list[Event] = [Text("x"), Finish(reason)]
    values = told(b"".join(frame.wire for frame in frames(events)))
    assert values[-1]["type"] == "response.incomplete"
    assert values[-1]["response"]["incomplete_details"] == {"reason": told_as}
    assert said(read(b"".join(frame.wire for frame in frames(events))))["finish"] == reason


def test_a_refusal_and_a_picture_have_their_own_forms() -> None:
    events: list[Event] = [Refusal("No."), Image("data:image/png;base64,AAAA"), Finish("stop")]
    response = json.loads(encode_response(events, origin()).wire)
    assert response["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]
    assert response["output"][1]["result"] == "AAAA"
    assert said(read(b"".join(frame.wire for frame in frames(events))))["refusal"] == "No."


def test_a_response_repeats_what_was_asked() -> None:
    body = encode_response([Text("x"), Finish("stop")], origin(temperature=0.2, instructions="Be.", tools=[{"a": 1}]))
    response = json.loads(body.wire)
    assert (response["temperature"], response["instructions"], response["tools"]) == (0.2, "Be.", [{"a": 1}])


def stream_of(*values: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {value['type']}\ndata: {json.dumps({**value, 'sequence_number': number})}\n\n".encode()
        for number, value in enumerate(values)
    )


def test_a_relayed_stream_keeps_its_bytes() -> None:
    wire = b"".join(frame.wire for frame in frames(ANSWER))
    for size in (1, 50, len(wire)):
        relay = UPSTREAM.relay(origin())
        relayed = [frame for at in range(0, len(wire), size) for frame in relay.feed(wire[at : at + size])]
        assert b"".join(frame.wire for frame in relayed) == wire
        assert relay.finished
        assert relayed[-1].last
        assert relayed[-1].usage == Usage(3, 4, 2, 0, 1)
        assert sum(frame.content for frame in relayed) >= 1


@pytest.mark.parametrize("reader", [UPSTREAM.relay, UPSTREAM.decoder])
def test_the_end_of_the_bytes_is_not_the_end_of_the_answer(reader: Any) -> None:
    wire = b"".join(frame.wire for frame in frames(ANSWER)[:-1])
    read = reader(origin())
    read.feed(wire)
    with pytest.raises(AttemptFailed) as caught:
        read.close()
    assert caught.value.failure.kind is FailureKind.DISCONNECTED


@pytest.mark.parametrize("reader", [UPSTREAM.relay, UPSTREAM.decoder])
@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow down"}, FailureKind.RATE_LIMITED),
        ({"type": "error", "error": {"type": "server_error", "message": "oops"}}, FailureKind.SERVER_ERROR),
        (
            {"type": "response.failed", "response": {"error": {"code": "server_error", "message": "oops"}}},
            FailureKind.SERVER_ERROR,
        ),
        ({"type": "response.completed", "response": {"output": [], "status": "completed"}}, FailureKind.EMPTY),
        ({"type": "response.completed"}, FailureKind.BAD_RESPONSE),
    ],
)
def test_an_answer_that_is_none_fails_the_attempt(reader: Any, last: dict[str, Any], kind: FailureKind) -> None:
    read = reader(origin())
    read.feed(stream_of({"type": "response.created", "response": {"id": "r", "model": "m"}}))
    with pytest.raises(AttemptFailed) as caught:
        read.feed(stream_of(last))
    assert caught.value.failure.kind is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", FailureKind.CHALLENGE),
        (b"nonsense", FailureKind.BAD_RESPONSE),
        (b"[]", FailureKind.BAD_RESPONSE),
        (b'{"object":"response"}', FailureKind.BAD_RESPONSE),
        (b'{"status":"queued","output":[]}', FailureKind.BAD_RESPONSE),
        (b'{"status":"completed","output":[]}', FailureKind.EMPTY),
        (b'{"status":"completed","output":[{"type":"message","content":[]}]}', FailureKind.EMPTY),
        (b'{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}', FailureKind.SERVER_ERROR),
    ],
)
def test_a_whole_answer_that_is_none_fails_the_attempt(body: bytes, kind: FailureKind) -> None:
    for decode in (UPSTREAM.decode_completion, UPSTREAM.events_of_completion):
        with pytest.raises(AttemptFailed) as caught:
            decode(body, origin())
        assert caught.value.failure.kind is kind


def test_a_recorded_stream_is_relayed_and_read(recorded: Any) -> None:
    wire = recorded("openai__responses-stream.0")["body"].encode()
    relay = UPSTREAM.relay(origin())
    assert b"".join(frame.wire for frame in relay.feed(wire)) == wire
    assert said(read(wire, 1)) == {
        "text": "pong", "reasoning": "", "proof": "", "refusal": "", "calls": {}, "finish": "stop",
        "usage": Usage(11, 5),
    }  # fmt: skip


def test_an_error_within_a_stream_is_told_nested_and_flat() -> None:
    error = {"message": "gone", "type": "provider_error", "param": None, "code": "upstream_disconnected"}
    (value,) = told(FRONT.encode_stream_error(error, status=502, request_id="req_1"))
    assert (value["type"], value["error"], value["message"], value["code"]) == ("error", error, "gone", error["code"])
