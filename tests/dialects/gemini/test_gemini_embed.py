"""Embeddings in Gemini's words are OpenAI's, and the other way round."""

import json
from typing import Any

import pytest

from g4f.dialects.face import Origin
from g4f.dialects.gemini.face import FRONT, UPSTREAM
from g4f.dialects.openai.operation import build_request
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Operation, Request


def decode(body: dict[str, Any], call: str = "embedContent") -> Request:
    return FRONT.decode_request(
        json.dumps(body).encode(), request_id="r", path={"model": "m", "call": call}, headers={}
    )


def content(*texts: str) -> dict[str, Any]:
    return {"content": {"parts": [{"text": text} for text in texts]}}


def origin(request: Request) -> Origin:
    return Origin(request=request, provider="Lab", now=0)


def openai(texts: Any, **fields: Any) -> Request:
    return build_request(Operation.EMBEDDINGS, {"model": "m", "input": texts, **fields}, (), request_id="r")


def test_one_text_is_one_input_and_one_embedding() -> None:
    request = decode({**content("Grüße", "!"), "taskType": "CLUSTERING", "output_dimensionality": 2})
    assert request.payload == {"model": "m", "input": "Grüße!", "dimensions": 2}
    assert (request.operation, request.lost) == (Operation.EMBEDDINGS, ("taskType",))
    whole = UPSTREAM.decode_result(b'{"embedding":{"values":[0.5,1]}}', media_type="", origin=origin(request))
    answer = FRONT.encode_result(whole, origin(request))
    assert json.loads(answer.wire)["embedding"] == {"values": [0.5, 1]}


def test_several_texts_are_a_list() -> None:
    request = decode({"requests": [content("a"), content("b")]}, "batchEmbedContents")
    assert request.payload["input"] == ["a", "b"]
    body = b'{"embeddings":[{"values":[1.5]},{"values":[2.5]}],"usageMetadata":{"promptTokenCount":4}}'
    answer = json.loads(FRONT.encode_result(UPSTREAM.decode_result(body, media_type="", origin=origin(request)),
                                            origin(request)).wire)  # fmt: skip
    assert answer == {
        "embeddings": [{"values": [1.5]}, {"values": [2.5]}],
        "usageMetadata": {"promptTokenCount": 4},
    }


def test_an_upstream_of_the_dialect_gets_the_clients_own_words_under_its_own_name() -> None:
    one = UPSTREAM.encode_request(decode({**content("a"), "taskType": "CLUSTERING"}), model="own/name")
    assert one.path == "/v1beta/models/own%2Fname:embedContent"
    assert json.loads(one.body) == {**content("a"), "taskType": "CLUSTERING", "model": "models/own/name"}
    asked = {"requests": [{"model": "models/m", **content("a")}]}
    several = UPSTREAM.encode_request(decode(asked, "batchEmbedContents"), model="own")
    assert several.path == "/v1beta/models/own:batchEmbedContents"
    assert json.loads(several.body) == {"requests": [{"model": "models/own", **content("a")}]}


@pytest.mark.parametrize("texts", ["a", ["a", "b"]])
def test_openais_words_are_written_as_a_batch(texts: Any) -> None:
    outgoing = UPSTREAM.encode_request(openai(texts, dimensions=3, user="u"), model="own")
    listed = [texts] if isinstance(texts, str) else texts
    asked = [{"model": "models/own", **content(text), "outputDimensionality": 3} for text in listed]
    assert json.loads(outgoing.body) == {"requests": asked}
    assert outgoing.dropped == ()


def test_tokens_cannot_be_embedded() -> None:
    with pytest.raises(AttemptFailed, match="texts, not tokens"):
        UPSTREAM.encode_request(openai([1, 2]), model="own")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"embeddings": []}', b'{"embedding": {"values": "x"}}'])
def test_what_is_no_answer_is_a_failure(body: bytes) -> None:
    with pytest.raises(AttemptFailed):
        UPSTREAM.decode_result(body, media_type="", origin=origin(openai("a")))


@pytest.mark.parametrize(
    ("body", "call", "param"),
    [
        ({}, "embedContent", "content"),
        ({"content": "hi"}, "embedContent", "content"),
        ({"content": {"parts": [{"inlineData": {}}]}}, "embedContent", "content"),
        ({}, "batchEmbedContents", "requests"),
        ({"requests": [{}]}, "batchEmbedContents", "requests[0].content"),
        ({**content("a"), "outputDimensionality": "3"}, "embedContent", "outputDimensionality"),
        ({"requests": [content("a"), {**content("b"), "outputDimensionality": 3}]}, "batchEmbedContents", "requests"),
    ],
)
def test_what_is_no_request_is_refused_by_its_name(body: dict[str, Any], call: str, param: str) -> None:
    with pytest.raises(RequestError) as caught:
        decode(body, call)
    assert caught.value.param == param
