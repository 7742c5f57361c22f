"""Whole answers to anything but a chat: what is none is a failure, and what comes out is alike whoever gave it."""

import base64
import json
import struct

import pytest

from g4f.dialects.face import Origin
from g4f.dialects.openai.operation import decode_operation
from g4f.dialects.openai.results import decode_result, usage_of_result
from g4f.exchange.answer import Usage
from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.exchange.request import Operation
from tests.dialects.conftest import RECORDED
from tests.dialects.openai.test_openai_operation import GOOD

JSON = "application/json"


def origin(operation, **fields):
    body = json.dumps({**GOOD[operation], **fields}).encode()
    return Origin(request=decode_operation(operation, body, request_id="r1"), provider="Lab", now=7, secrets=("hush",))


def decode(operation, answer, *, media_type=JSON, **fields):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return decode_result(body, media_type=media_type, origin=origin(operation, **fields))


def value(*args, **fields):
    return json.loads(decode(*args, **fields).wire)


def vector(*numbers):
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


BAD = {
    Operation.COMPLETION: [
        {},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"text": "", "finish_reason": "stop"}]},
    ],
    Operation.EMBEDDINGS: [
        {},
        {"data": []},
        {"data": [{"embedding": [1.0]}]},
        {"data": [{"embedding": [1.0]}, {"embedding": []}]},
        {"data": [{"embedding": [1.0]}, {"embedding": [None]}]},
        {"data": [{"embedding": [1.0]}, {"embedding": "?"}]},
    ],
    Operation.MODERATION: [{}, {"results": []}, {"results": [{"flagged": "no"}]}, {"results": ["no"]}],
    Operation.RERANK: [
        {},
        {"results": []},
        {"results": [{"index": 2, "relevance_score": 1}]},
        {"results": [{"index": 0}]},
    ],
    Operation.IMAGE_GENERATION: [{}, {"data": []}, {"data": [{"url": ""}]}, {"data": [{"url": 5}]}, {"data": "x"}],
    Operation.TRANSCRIPTION: [{}, {"text": None}],
}


@pytest.mark.parametrize(("operation", "answer"), [(kind, answer) for kind, bad in BAD.items() for answer in bad])
def test_an_answer_that_is_none_is_a_failure_of_the_provider(operation, answer):
    with pytest.raises(AttemptFailed) as failed:
        decode(operation, answer)
    assert failed.value.failure.kind in (FailureKind.BAD_RESPONSE, FailureKind.EMPTY)


@pytest.mark.parametrize("operation", GOOD)
def test_pages_garbage_and_errors_in_a_200_are_failures(operation):
    for body, kind in (
        (b"<html>Just a moment", FailureKind.CHALLENGE),
        (b"{]", FailureKind.BAD_RESPONSE),
        (b"[]", FailureKind.BAD_RESPONSE),
        (b'{"error": {"message": "hush", "code": 429}}', FailureKind.RATE_LIMITED),
    ):
        with pytest.raises(AttemptFailed) as failed:
            decode(operation, body)
        assert failed.value.failure.kind is kind
        assert "hush" not in failed.value.failure.message


def test_what_is_regular_goes_out_as_the_bytes_it_came_in():
    wire = b'{"object":"list", "data":[{"object":"embedding","index":0,"embedding":[1e-3]},\n'
    wire += b'{"object":"embedding","index":1,"embedding":[0.10]}],'
    wire += b'"model":"m","usage":{"prompt_tokens":2,"total_tokens":2}}'
    answer = decode(Operation.EMBEDDINGS, wire)
    assert answer.wire == wire
    assert answer.usage == Usage(2, 0)


def test_embeddings_come_in_the_form_that_was_asked_for_whatever_the_upstream_gives():
    lists = {"data": [{"embedding": [1, -0.5]}, {"embedding": [0.25, 2]}]}
    packed = {"data": [{"embedding": vector(1, -0.5)}, {"embedding": vector(0.25, 2)}]}
    for answer in (lists, packed):
        got = value(Operation.EMBEDDINGS, answer)
        assert [item["embedding"] for item in got["data"]] == [[1.0, -0.5], [0.25, 2.0]]
        got = value(Operation.EMBEDDINGS, answer, encoding_format="base64")
        assert [item["embedding"] for item in got["data"]] == [vector(1, -0.5), vector(0.25, 2)]
        assert [item["index"] for item in got["data"]] == [0, 1]


def test_embeddings_are_in_the_order_of_their_texts():
    answer = {"data": [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]}
    assert [item["embedding"] for item in value(Operation.EMBEDDINGS, answer)["data"]] == [[1], [2]]


@pytest.mark.parametrize(("given", "count"), [("a", 1), ([1, 2, 3], 1), ([[1], [2]], 2), (["a", "b", "c"], 3)])
def test_one_text_or_one_list_of_tokens_has_one_vector(given, count):
    good = {"data": [{"embedding": [1]}] * count}
    assert len(value(Operation.EMBEDDINGS, good, input=given)["data"]) == count
    with pytest.raises(AttemptFailed):
        decode(Operation.EMBEDDINGS, {"data": [{"embedding": [1]}] * (count + 1)}, input=given)


def test_rankings_of_all_servers_are_alike():
    cohere = {"results": [{"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.9}], "id": "x"}
    voyage = {"data": [{"index": 1, "relevance_score": 0.9, "document": "b"}, {"index": 0, "relevance_score": 0.1}]}
    other = {"results": [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]}
    for answer in (cohere, voyage, other):
        got = value(Operation.RERANK, answer, return_documents=True)
        assert [(r["index"], r["relevance_score"], r["document"]["text"]) for r in got["results"]] == [
            (1, 0.9, "b"),
            (0, 0.1, "a"),
        ]
        assert got["id"]
        assert len(value(Operation.RERANK, answer, top_n=1)["results"]) == 1


def test_images_keep_what_they_are_and_lose_what_is_not_one():
    answer = {"data": [{"b64_json": "data:image/png;base64,AAAA"}, {}, {"url": "https://x/y", "revised_prompt": "z"}]}
    got = value(Operation.IMAGE_GENERATION, answer)
    assert got["data"] == [{"b64_json": "AAAA"}, {"url": "https://x/y", "revised_prompt": "z"}]
    assert got["created"] == 7


@pytest.mark.parametrize(
    ("wanted", "answer", "media_type", "out", "out_type"),
    [
        (None, b'{"text": "hi"}', JSON, b'{"text": "hi"}', JSON),
        ("text", b"hi\n", "text/plain", b"hi\n", "text/plain; charset=utf-8"),
        ("text", b'{"text": "hi"}', JSON, b"hi\n", "text/plain; charset=utf-8"),
        ("json", b"hi\n", "text/plain", b'{"text":"hi"}', JSON),
        ("srt", b"1\n00:00", "application/x-subrip", b"1\n00:00", "text/plain; charset=utf-8"),
        ("text", b"", "text/plain", b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_transcript_has_the_form_that_was_asked_for(wanted, answer, media_type, out, out_type):
    got = decode(Operation.TRANSCRIPTION, answer, media_type=media_type, response_format=wanted)
    assert (got.wire, got.media_type) == (out, out_type)


def test_subtitles_are_not_made_up():
    with pytest.raises(AttemptFailed, match="subtitles"):
        decode(Operation.TRANSCRIPTION, {"text": "hi"}, response_format="srt")


def test_speech_is_audio_with_its_type_or_a_failure():
    got = decode(Operation.SPEECH, b"\xff\xf3", media_type="application/octet-stream", response_format="flac")
    assert (got.wire, got.media_type) == (b"\xff\xf3", "audio/flac")
    for body, media_type in ((b"", "audio/mpeg"), (b"no", "text/plain"), (b'{"audio": 1}', JSON)):
        with pytest.raises(AttemptFailed):
            decode(Operation.SPEECH, body, media_type=media_type)


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"prompt_tokens": 1, "total_tokens": 1}, Usage(1, 0)),
        ({"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}, Usage(5, 7)),
        ({"total_tokens": 9}, Usage(9, 0)),
        ({"type": "duration", "seconds": 3}, None),
        ({"prompt_tokens": -1}, None),
        ("many", None),
        (None, None),
    ],
)
def test_tokens_are_counted_in_any_of_their_words(usage, found):
    assert usage_of_result({"usage": usage}) == found


@pytest.mark.skipif(RECORDED is None, reason="the recorded traffic of real providers is not here")
@pytest.mark.parametrize(
    ("name", "operation"),
    [("openai__embeddings-base64.0", Operation.EMBEDDINGS), ("openai__images.0", Operation.IMAGE_GENERATION)],
)
def test_recorded_answers_of_openai_go_out_as_they_came(name, operation):
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    asked = recorded["request"]["body"]
    asked = json.loads(asked) if isinstance(asked, str) else asked
    body = recorded["response"]["body"].encode()
    request = decode_operation(operation, json.dumps(asked).encode(), request_id="r1")
    got = decode_result(body, media_type=JSON, origin=Origin(request=request, provider="OpenAI", now=7))
    assert got.wire == body.strip()
