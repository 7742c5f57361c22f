"""The relay of streams: regular bytes untouched, ragged ones mended, and broken streams told from complete ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.lib.streaming._deltas import accumulate_delta
from openai.types.chat import ChatCompletionChunk

from g4f.dialects.openai.completion import decode_completion
from g4f.dialects.openai.relay import Relay
from g4f.dialects.openai.wire import DONE, chunks_of
from g4f.exchange.answer import Frame, Usage
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Request

Ask = Callable[..., Request]
Relayed = Callable[..., list[Frame]]


def event(delta: Any = None, finish: str | None = None, **top: Any) -> bytes:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "lab"}
    return b"data: " + json.dumps({**head, "choices": [choice], **top}, separators=(",", ":")).encode() + b"\n\n"


HELLO = event({"content": "Hello"})
STOP = event(finish="stop")


def new(ask: Ask, **fields: Any) -> Relay:
    return Relay(request=ask(stream=True, **fields), provider="Lab", now=5)


def failure_of(ask: Ask, *chunks: bytes, **fields: Any) -> FailureKind:
    relay = new(ask, **fields)
    with pytest.raises(AttemptFailed) as caught:
        for chunk in chunks:
            relay.feed(chunk)
        relay.close()
    assert not relay.finished
    return caught.value.failure.kind


def wire_of(frames: list[Frame]) -> bytes:
    return b"".join(frame.wire for frame in frames)


def test_a_regular_stream_goes_out_as_the_bytes_that_came_in(relayed: Relayed) -> None:
    stream = event({"role": "assistant", "content": ""}, x_extra=[1.0]) + HELLO + STOP
    assert wire_of(relayed([stream + DONE])) == stream


def test_rechunking_of_a_golden_stream_changes_no_frame(golden: bytes, relayed: Relayed) -> None:
    whole = relayed([golden])
    assert relayed([golden[i : i + 1] for i in range(len(golden))]) == whole
    for size in (2, 3, 7, 64, 1000):
        assert relayed([golden[i : i + size] for i in range(0, len(golden), size)]) == whole


def test_every_chunk_of_a_golden_stream_is_what_the_sdk_expects(golden: bytes, relayed: Relayed) -> None:
    frames = relayed([golden], stream_options={"include_usage": True})
    chunks = [ChatCompletionChunk.model_validate(chunk) for chunk in chunks_of(wire_of(frames))]
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.object == "chat.completion.chunk" and chunk.created and chunk.model for chunk in chunks)
    calls = [c for chunk in chunks for choice in chunk.choices for c in choice.delta.tool_calls or []]
    assert all(isinstance(call.index, int) for call in calls)
    first: dict[int, Any] = {}
    for call in calls:
        first.setdefault(call.index, call)
    assert all(call.id and call.type == "function" for call in first.values())


def test_tortured_framing_gives_the_frames_of_the_plain_stream(relayed: Relayed) -> None:
    folder = Path(__file__).parent.parent / "golden"
    plain = relayed([(folder / "framing-plain.sse").read_bytes()])
    tortured = relayed([(folder / "framing-torture.sse").read_bytes()])
    assert [chunks_of(frame.wire) for frame in tortured] == [chunks_of(frame.wire) for frame in plain]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6), st.integers(1, 60))
def test_text_arrives_whole_however_it_is_cut(ask: Ask, texts: list[str], size: int) -> None:
    stream = b"".join(event({"content": text}) for text in ["x", *texts]) + STOP + DONE
    relay = new(ask)
    frames = [f for i in range(0, len(stream), size) for f in relay.feed(stream[i : i + size])]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks_of(wire_of(frames))]
    assert "".join(delta.get("content", "") for delta in deltas) == "x" + "".join(texts)


def test_what_is_missing_is_mended(relayed: Relayed) -> None:
    ragged = [
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": "Hi"}, "finish_reason": ""}], "created": "soon", "model": ""},
        {"choices": None, "id": "other"},
        {"choices": [{"finish_reason": "stop"}]},
    ]
    stream = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in ragged)
    head = {"id": "chatcmpl-r1", "object": "chat.completion.chunk", "created": 1700000001, "model": "asked"}
    choices = [
        [{"index": 0, "delta": {}, "finish_reason": None}],
        [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": None}],
        [],
        [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    ]
    assert chunks_of(wire_of(relayed([stream + DONE]))) == [{**head, "choices": choice} for choice in choices]


def calls_of(relayed: Relayed, *deltas: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    stream = b"".join(event({"tool_calls": calls}) for calls in deltas) + event(finish="tool_calls") + DONE
    chunks = chunks_of(wire_of(relayed([stream])))
    return [chunk["choices"][0]["delta"]["tool_calls"] for chunk in chunks[:-1]]


def test_tool_calls_without_index_are_numbered_in_order_of_appearance(relayed: Relayed) -> None:
    sent = [
        [{"id": "a", "function": {"name": "f", "arguments": "{"}}],
        [{"function": {"arguments": "}"}}],
        [{"id": "b", "function": {"name": "f", "arguments": "{}"}}, {"id": "c", "function": {"name": "g"}}],
        [{"id": "a", "function": {"arguments": " "}}],
        [{"function": {"name": "h", "arguments": "{}"}}],
    ]
    got = calls_of(relayed, *sent)
    assert [[call["index"] for call in calls] for calls in got] == [[0], [0], [1, 2], [0], [3]]
    assert got[4][0]["id"].startswith("call_")
    assert got[2][1]["function"]["arguments"] == ""


def test_calls_that_are_all_numbered_0_are_told_apart_by_their_ids(relayed: Relayed) -> None:
    got = calls_of(
        relayed,
        [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": "1"}}],
        [{"index": 0, "id": "b", "type": "function", "function": {"name": "f", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": "2"}}],
    )
    assert [calls[0]["index"] for calls in got] == [0, 0, 1, 1]


def test_each_choice_numbers_its_own_calls(relayed: Relayed) -> None:
    call = {"function": {"name": "f", "arguments": "{}"}}
    choices = [{"index": i, "delta": {"tool_calls": [dict(call)]}, "finish_reason": "tool_calls"} for i in (0, 1)]
    frames = relayed([event(choices=choices) + DONE], n=2)
    calls = [c["delta"]["tool_calls"][0] for c in chunks_of(frames[0].wire)[0]["choices"]]
    assert [call["index"] for call in calls] == [0, 0]
    assert calls[0]["id"] != calls[1]["id"]


@pytest.mark.parametrize(
    ("delta", "content"),
    [
        ({"role": "assistant"}, False),
        ({"role": "assistant", "content": ""}, False),
        ({"content": None, "tool_calls": None}, False),
        ({"tool_calls": []}, False),
        ({"content": " "}, True),
        ({"reasoning_content": "x"}, True),
        ({"reasoning": "x"}, True),
        ({"refusal": "x"}, True),
        ({"audio": {"id": "a"}}, True),
        ({"tool_calls": [{"index": 0, "function": {"name": "f"}}]}, True),
    ],
)
def test_only_what_the_user_sees_is_content(ask: Ask, delta: dict[str, Any], content: bool) -> None:
    assert new(ask).feed(event(delta))[0].content is content


def test_the_usage_chunk_goes_out_only_if_it_was_asked_for(relayed: Relayed) -> None:
    usage = event(choices=[], usage={"prompt_tokens": 2, "completion_tokens": 3, "total_tokens": 5})
    last = relayed([HELLO + STOP + usage + DONE])[-1]
    assert last == Frame(b"", usage=Usage(2, 3))
    asked = relayed([HELLO + STOP + usage + DONE], stream_options={"include_usage": True})[-1]
    assert asked == Frame(usage, usage=Usage(2, 3))


def test_usage_that_counts_nothing_is_dropped_and_a_missing_total_added(relayed: Relayed) -> None:
    negative = event(usage={"prompt_tokens": -2, "completion_tokens": 3})
    no_total = event(usage={"prompt_tokens": 2, "completion_tokens": 3})
    frames = relayed([HELLO + negative + no_total + STOP + DONE])
    assert frames[1].usage is None
    assert "usage" not in chunks_of(frames[1].wire)[0]
    assert chunks_of(frames[2].wire)[0]["usage"]["total_tokens"] == 5


def test_what_follows_done_is_ignored(ask: Ask) -> None:
    relay = new(ask)
    frames = relay.feed(HELLO + STOP + b"data: [DONE] \n\ndata: [DONE]\n\ndata: not json\n\n")
    assert (len(frames), relay.finished, relay.feed(b"data: {}\n\n"), relay.close()) == (2, True, [], [])


def test_a_finish_reason_for_every_choice_completes_a_stream_without_done(relayed: Relayed) -> None:
    assert len(relayed([HELLO + STOP])) == 2


def test_an_unterminated_last_event_counts_if_it_is_whole(relayed: Relayed) -> None:
    assert [frame.finish for frame in relayed([HELLO + STOP.rstrip()])] == [None, "stop"]


@pytest.mark.parametrize(
    "stream",
    [b"", b": ping\n\n", HELLO, HELLO + STOP[:-20], HELLO + event({"content": "b"}, choices=[])],
)
def test_the_end_of_the_bytes_alone_is_a_broken_stream(ask: Ask, stream: bytes) -> None:
    assert failure_of(ask, stream) is FailureKind.DISCONNECTED


def test_one_of_two_choices_left_open_is_a_broken_stream(ask: Ask) -> None:
    second = event(choices=[{"index": 1, "delta": {"content": "x"}, "finish_reason": None}])
    assert failure_of(ask, HELLO + second + STOP, n=2) is FailureKind.DISCONNECTED


@pytest.mark.parametrize("stream", [STOP, event({"content": ""}) + STOP, DONE, event() + DONE])
def test_a_stream_that_says_nothing_is_empty(ask: Ask, stream: bytes) -> None:
    assert failure_of(ask, stream) is FailureKind.EMPTY


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_stream_that_says_why_it_says_nothing_is_an_answer(relayed: Relayed, reason: str) -> None:
    assert relayed([event(finish=reason) + DONE])[0].finish == reason


def test_an_empty_choice_does_not_condemn_one_that_has_yet_to_begin(relayed: Relayed) -> None:
    second = event(choices=[{"index": 1, "delta": {"content": "x"}, "finish_reason": "stop"}])
    assert len(relayed([STOP + second + DONE], n=2)) == 2


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        (b'data: {"a":1}{"b":2}\n\n', FailureKind.BAD_RESPONSE),
        (b"data: hello\n\n", FailureKind.BAD_RESPONSE),
        (b"data: [1]\n\n", FailureKind.BAD_RESPONSE),
        (event(choices=["x"]), FailureKind.BAD_RESPONSE),
        (event(choices=[{"index": i, "delta": {}} for i in range(200)]), FailureKind.BAD_RESPONSE),
        (b"data: " + b"x" * (1 << 20) + b"\n\n", FailureKind.TOO_LARGE),
        (b'data: {"error":{"message":"m","type":"rate_limit_error"}}\n\n', FailureKind.RATE_LIMITED),
        (b'event: error\ndata: {"message":"m","code":"overloaded"}\n\n', FailureKind.OVERLOADED),
        (b'event: error\ndata: {"error":{"type":"overloaded_error"}}\n\n', FailureKind.OVERLOADED),
        (b"event: error\ndata: out of cheese\n\n", FailureKind.SERVER_ERROR),
        (b'data: {"error":"out of cheese"}\n\n', FailureKind.SERVER_ERROR),
        (event(finish="error", error={"code": 402, "message": "m"}), FailureKind.QUOTA),
    ],
)
def test_a_bad_event_fails_the_attempt_with_its_kind(ask: Ask, stream: bytes, kind: FailureKind) -> None:
    assert failure_of(ask, stream) is kind


def test_items_of_lists_that_come_in_pieces_are_numbered_for_openais_sdk(ask: Ask) -> None:
    relay, whole = new(ask), {}
    cited = [
        {"type": "url_citation", "url_citation": {"url": f"https://{name}.example", "title": name}} for name in "ab"
    ]
    for wire in (event({"content": "x", "annotations": cited[:1]}), event({"annotations": cited[1:]}), STOP + DONE):
        for frame in relay.feed(wire):
            for chunk in chunks_of(frame.wire):
                whole = accumulate_delta(whole, chunk["choices"][0]["delta"])
    assert whole["annotations"] == [{**one, "index": place} for place, one in enumerate(cited)]


def test_a_picture_that_was_asked_for_comes_in_one_event(ask: Ask) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * (3 << 20)}}
    wire = event({"images": [picture]})
    (frame,) = new(ask, modalities=["image", "text"]).feed(wire)
    assert picture["image_url"]["url"].encode() in frame.wire
    assert failure_of(ask, wire) is FailureKind.TOO_LARGE


def test_frames_before_a_bad_event_are_returned_first(ask: Ask) -> None:
    relay = new(ask)
    assert len(relay.feed(HELLO + b"data: {\n\n")) == 1
    for _ in range(2):
        with pytest.raises(AttemptFailed):
            relay.feed(HELLO)
    with pytest.raises(AttemptFailed):
        relay.close()


def test_an_error_in_a_stream_shows_no_key(ask: Ask) -> None:
    relay = Relay(request=ask(stream=True), provider="Lab", now=5, secrets=["hunter2"])
    with pytest.raises(AttemptFailed) as caught:
        relay.feed(b'data: {"error":{"message":"bad hunter2 and sk-abcdefgh12345678"}}\n\n')
    assert caught.value.failure.message == "bad *** and ***"


def test_text_that_is_no_unicode_is_mended(relayed: Relayed) -> None:
    broken = HELLO.replace(b"Hello", b"H\xffi \\ud83d! \\ud83d\\ude00")
    chunk = chunks_of(relayed([broken + STOP + DONE])[0].wire)[0]
    assert chunk["choices"][0]["delta"]["content"] == "H\ufffdi \ufffd! 😀"


def test_a_ping_beside_the_answer_gives_no_frame(relayed: Relayed) -> None:
    assert len(relayed([b'event: ping\ndata: {"type":"ping"}\n\n' + HELLO + STOP + DONE])) == 2


def test_the_fold_of_a_golden_stream_is_the_answer_of_a_call_without_stream(
    golden: bytes, relayed: Relayed, ask: Ask
) -> None:
    chunks = chunks_of(wire_of(relayed([golden])))
    message = json.loads(decode_completion(golden, request=ask(), provider="Lab").wire)["choices"][0]["message"]
    for key in ("content", "reasoning_content", "refusal"):
        pieces = [c["delta"].get(key) or "" for chunk in chunks for c in chunk["choices"] if c["index"] == 0]
        assert "".join(pieces) == (message.get(key) or "")


def test_check_raises_what_came_behind_the_frames_without_waiting_for_more():
    good = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",'
    good += b'"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n'
    for bad in (b"data: nope\n\n", b'data: {"error": {"message": "x"}}\n\n', b"data: " + b"x" * (2 << 20)):
        relay = Relay(request=Request(id="r", model="m", payload={"messages": []}, stream=True), provider="P", now=1)
        assert len(relay.feed(good + bad)) == 1
        with pytest.raises(AttemptFailed):
            relay.check()
