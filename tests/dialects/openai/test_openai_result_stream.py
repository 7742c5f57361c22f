"""Streams of anything but a chat: however they are cut, complete only by their own end, errors and all."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.bridge import Bridge
from g4f.dialects.face import Origin
from g4f.dialects.openai.face import UPSTREAM
from g4f.dialects.openai.operation import decode_operation
from g4f.dialects.openai.result_stream import ResultRelay
from g4f.exchange.answer import Usage
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Operation
from tests.dialects.openai.test_openai_operation import GOOD


def origin(operation, **fields):
    body = json.dumps({**GOOD[operation], "stream": True, **fields}).encode()
    return Origin(request=decode_operation(operation, body, request_id="r1"), provider="Lab", now=7)


def sse(*values, done=False):
    wire = b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)
    return wire + (b"data: [DONE]\n\n" if done else b"")


def relay(where, *chunks):
    reader, frames = ResultRelay(where), []
    for chunk in chunks:
        frames += reader.feed(chunk)
        reader.check()
    return [*frames, *reader.close()], reader


def text(piece, finish=None, **more):
    return {"id": "cmpl-1", "choices": [{"index": 0, "text": piece, "finish_reason": finish}], **more}


HEARD = (
    {"type": "transcript.text.delta", "delta": "Hel"},
    {"type": "transcript.text.delta", "delta": "lo"},
    {"type": "transcript.text.done", "text": "Hello", "usage": {"input_tokens": 3, "output_tokens": 2}},
)


@given(st.lists(st.integers(0, 400), max_size=8))
def test_the_same_frames_come_out_however_a_stream_is_cut(places):
    wire = sse(*HEARD)
    cuts = sorted({0, len(wire), *(place % len(wire) for place in places)})
    pieces = [wire[a:b] for a, b in pairwise(cuts)]
    frames, reader = relay(origin(Operation.TRANSCRIPTION), *pieces)
    assert reader.finished
    assert b"".join(frame.wire for frame in frames).count(b"event: transcript.text.delta\ndata: {") == 2
    assert frames[-1].usage == Usage(3, 2)
    assert frames[0].content


def test_a_transcript_is_complete_with_its_done_event_and_never_by_the_end_of_its_bytes():
    with pytest.raises(AttemptFailed) as failed:
        relay(origin(Operation.TRANSCRIPTION), sse(*HEARD[:2]))
    assert failed.value.failure.kind is FailureKind.DISCONNECTED


def test_a_stream_of_several_pictures_ends_with_the_last_of_them():
    done = {"type": "image_generation.completed", "b64_json": "AAAA"}
    part = {"type": "image_generation.partial_image", "b64_json": "AA", "partial_image_index": 0}
    reader = ResultRelay(origin(Operation.IMAGE_GENERATION, n=2))
    reader.feed(sse(part, done))
    assert not reader.finished
    reader.feed(sse(part, done))
    assert reader.finished


@pytest.mark.parametrize(
    "broken",
    [
        b'data: {"error": {"message": "no", "code": 429}}\n\n',
        b'event: error\ndata: {"message": "no", "code": 429}\n\n',
        b'data: {"type": "error", "message": "no", "code": 429}\n\n',
    ],
)
def test_an_error_in_a_stream_is_raised_behind_what_came_before_it(broken):
    reader = ResultRelay(origin(Operation.TRANSCRIPTION))
    assert len(reader.feed(sse(HEARD[0]) + broken)) == 1
    with pytest.raises(AttemptFailed) as failed:
        reader.check()
    assert failed.value.failure.kind is FailureKind.RATE_LIMITED


def test_texts_of_the_old_kind_end_with_done_and_get_their_usage_only_where_it_is_wanted():
    usage = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
    wire = sse(text("on"), text("ce"), text("", "stop"), usage, done=True)
    frames, reader = relay(origin(Operation.COMPLETION), wire)
    assert reader.finished
    assert [frame.content for frame in frames] == [True, True, False, False]
    assert (frames[2].finish, frames[2].last) == ("stop", True)
    assert (frames[3].wire, frames[3].usage) == (b"", Usage(1, 2))
    frames, _ = relay(origin(Operation.COMPLETION, stream_options={"include_usage": True}), wire)
    assert json.loads(frames[3].wire[6:])["usage"] == usage["usage"]
    assert json.loads(frames[0].wire[6:])["object"] == "text_completion"


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        (sse(done=True), FailureKind.EMPTY),
        (sse(text("", "stop"), done=True), FailureKind.EMPTY),
        (sse(text("on")), FailureKind.DISCONNECTED),
        (b"data: {]\n\n", FailureKind.BAD_RESPONSE),
        (b"data: 5\n\n", FailureKind.BAD_RESPONSE),
        (sse({"choices": [5]}), FailureKind.BAD_RESPONSE),
    ],
)
def test_a_stream_that_says_nothing_or_breaks_is_a_failure(wire, kind):
    with pytest.raises(AttemptFailed) as failed:
        relay(origin(Operation.COMPLETION), wire)
    assert failed.value.failure.kind is kind


def test_a_whole_answer_is_given_as_the_stream_that_was_asked_for():
    bridge = Bridge(UPSTREAM, frozenset(Operation))
    none = {"text_tokens": 0, "image_tokens": 0}
    counted = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0, "input_tokens_details": none}
    unsaid = {"quality": "auto", "background": "auto", "output_format": "png", "usage": counted}
    for operation, body, found in (
        (Operation.TRANSCRIPTION, {"text": "hi"}, [{"type": "transcript.text.done", "text": "hi"}]),
        (
            Operation.IMAGE_GENERATION,
            {"created": 3, "data": [{"b64_json": "AA"}], "size": "1x1"},
            [{"type": "image_generation.completed", "created_at": 3, "size": "1x1", "b64_json": "AA", **unsaid}],
        ),
    ):
        frames = bridge.frames_of_completion(
            json.dumps(body).encode(), origin(operation), media_type="application/json"
        )
        assert [json.loads(frame.wire.split(b"data: ")[1]) for frame in frames] == found
        assert all(frame.content for frame in frames)


def chat(delta, finish=None):
    return {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def test_a_provider_that_only_chats_is_asked_by_a_chat_and_answers_as_a_text():
    bridge = Bridge(UPSTREAM, {Operation.CHAT})
    where = origin(Operation.COMPLETION, max_tokens=5, suffix="x", best_of=2)
    outgoing = bridge.encode(where.request, model="up")
    assert outgoing.path == "/chat/completions"
    assert outgoing.dropped == ("suffix", "best_of")
    assert json.loads(outgoing.body) == {
        "model": "up",
        "messages": [{"role": "user", "content": "once"}],
        "max_tokens": 5,
        "stream": True,
    }
    reader = bridge.reader(where)
    assert reader is not None
    frames = reader.feed(sse(chat({"content": "upon"}), chat({}, "stop"), done=True))
    assert reader.finished
    chunks = [json.loads(frame.wire[6:]) for frame in frames]
    assert [(c["object"], c["id"], c["choices"][0]["text"], c["choices"][0]["finish_reason"]) for c in chunks] == [
        ("text_completion", "cmpl-1", "upon", None),
        ("text_completion", "cmpl-1", "", "stop"),
    ]
    whole = {"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"content": "upon"}, "finish_reason": "stop"}]}
    got = json.loads(bridge.completion(json.dumps(whole).encode(), where, media_type="application/json").wire)
    assert got["choices"] == [{"index": 0, "text": "upon", "logprobs": None, "finish_reason": "stop"}]


def test_several_prompts_cannot_be_asked_by_one_chat_and_nothing_is_sent():
    bridge = Bridge(UPSTREAM, {Operation.CHAT})
    for prompt in (["a", "b"], [1, 2]):
        with pytest.raises(AttemptFailed) as failed:
            bridge.encode(origin(Operation.COMPLETION, prompt=prompt).request, model="up")
        assert failed.value.failure.kind is FailureKind.UNSUPPORTED
