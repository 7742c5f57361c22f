"""Requests for anything but a chat: what a client may send, and what an upstream gets of it."""

import json

import pytest

from g4f.dialects.multipart import read_form, write_form
from g4f.dialects.openai.operation import decode_operation, encode_operation, is_raw
from g4f.errors import RequestError
from g4f.exchange.request import File, Operation

PNG = "data:image/png;base64,iVBORw0KGgo="
GOOD = {
    Operation.COMPLETION: {"model": "m", "prompt": "once"},
    Operation.EMBEDDINGS: {"model": "m", "input": ["a", "b"]},
    Operation.MODERATION: {"model": "m", "input": "a"},
    Operation.RERANK: {"model": "m", "query": "q", "documents": ["a", {"text": "b"}]},
    Operation.IMAGE_GENERATION: {"model": "m", "prompt": "a cat"},
    Operation.IMAGE_EDIT: {"model": "m", "prompt": "a hat", "image": PNG},
    Operation.IMAGE_VARIATION: {"model": "m", "image": PNG},
    Operation.TRANSCRIPTION: {"model": "m", "file": "data:audio/mpeg;base64,SUQz"},
    Operation.TRANSLATION: {"model": "m", "file": "data:audio/mpeg;base64,SUQz"},
    Operation.SPEECH: {"model": "m", "input": "hi", "voice": "alloy"},
}


def decode(operation, payload):
    return decode_operation(operation, json.dumps(payload).encode(), request_id="r1")


def form(operation, fields, files=()):
    content_type, body = write_form(fields, files)
    return decode_operation(operation, body, content_type=content_type, request_id="r1")


def test_every_operation_but_those_of_a_chat_is_tried_here():
    assert set(GOOD) == set(Operation) - {Operation.CHAT, Operation.COUNT_TOKENS}


@pytest.mark.parametrize("operation", GOOD)
def test_fields_reach_the_upstream_as_they_are_with_its_own_model(operation):
    request = decode(operation, {**GOOD[operation], "a_field_of_tomorrow": "x", "provider": "Lab"})
    assert (request.operation, request.model, request.provider) == (operation, "m", "Lab")
    outgoing = encode_operation(request, model="upstream-model")
    if outgoing.content_type is None:
        sent = json.loads(outgoing.body)
        assert sent == {**GOOD[operation], "model": "upstream-model", "a_field_of_tomorrow": "x"}
    else:
        sent = read_form(outgoing.body, content_type=outgoing.content_type)
        assert dict(sent.fields)["model"] == "upstream-model"
        assert dict(sent.fields)["a_field_of_tomorrow"] == "x"
        assert sent.files[0].content.nbytes > 0


@pytest.mark.parametrize("operation", GOOD)
def test_fields_that_choose_a_destination_or_a_credential_go_nowhere(operation):
    evil = {"api_key": "sk-canary", "base_url": "http://canary", "extra_headers": {"x": "canary"}, "proxies": "canary"}
    outgoing = encode_operation(decode(operation, {**GOOD[operation], **evil}), model="m")
    assert b"canary" not in outgoing.body


@pytest.mark.parametrize("operation", GOOD)
def test_a_field_that_is_missing_empty_or_mistyped_is_refused_by_its_name(operation):
    good = GOOD[operation]
    for name in set(good) - {"model", "voice"}:
        with pytest.raises(RequestError) as missing:
            decode(operation, {key: value for key, value in good.items() if key != name})
        assert (missing.value.status, missing.value.param) == (422, name)
        with pytest.raises(RequestError) as mistyped:
            decode(operation, {**good, name: 5})
        assert mistyped.value.status in (400, 422)
        assert mistyped.value.param == name
    with pytest.raises(RequestError) as wrong:
        decode(operation, {**good, "model": ["m"]})
    assert (wrong.value.status, wrong.value.param) == (422, "model")


@pytest.mark.parametrize(
    ("operation", "wrong", "param"),
    [
        (Operation.IMAGE_GENERATION, {"n": 0}, "n"),
        (Operation.IMAGE_GENERATION, {"n": 11}, "n"),
        (Operation.IMAGE_GENERATION, {"prompt": ""}, "prompt"),
        (Operation.EMBEDDINGS, {"input": []}, "input"),
        (Operation.EMBEDDINGS, {"dimensions": 0}, "dimensions"),
        (Operation.RERANK, {"documents": []}, "documents"),
        (Operation.RERANK, {"top_n": -1}, "top_n"),
        (Operation.IMAGE_EDIT, {"image": "https://example.com/cat.png"}, "image"),
        (Operation.IMAGE_EDIT, {"image": "data:image/png;base64,%%%"}, "image"),
    ],
)
def test_an_impossible_value_is_a_bad_request(operation, wrong, param):
    with pytest.raises(RequestError) as refused:
        decode(operation, {**GOOD[operation], **wrong})
    assert (refused.value.status, refused.value.param) == (400, param)


def test_a_model_may_be_left_to_the_server_but_not_where_results_depend_on_it():
    named = {Operation.COMPLETION, Operation.EMBEDDINGS, Operation.RERANK}
    for operation, good in GOOD.items():
        nameless = {key: value for key, value in good.items() if key != "model"}
        if operation in named:
            with pytest.raises(RequestError, match="model"):
                decode(operation, nameless)
        else:
            assert decode(operation, nameless).model == ""


def test_the_text_of_a_forms_fields_is_read_as_what_it_stands_for():
    file = File(field="image[]", content=b"1", name="a.png", media_type="image/png")
    fields = [("prompt", "5"), ("n", "2"), ("stream", "true"), ("tags[]", "a"), ("tags[]", "b"), ("size", "1024x1024")]
    request = form(Operation.IMAGE_EDIT, fields, [file, file])
    assert request.payload == {"prompt": "5", "n": 2, "stream": True, "tags": ["a", "b"], "size": "1024x1024"}
    assert request.stream
    outgoing = encode_operation(request, model="up")
    sent = read_form(outgoing.body, content_type=outgoing.content_type)
    assert [f.field for f in sent.files] == ["image[]", "image[]"]
    assert set(sent.fields) == {*fields, ("model", "up")}


def test_one_file_goes_out_under_its_plain_name():
    request = form(
        Operation.IMAGE_EDIT, [("prompt", "x")], [File(field="image", content=b"1"), File(field="mask", content=b"2")]
    )
    outgoing = encode_operation(request, model="up")
    sent = read_form(outgoing.body, content_type=outgoing.content_type)
    assert [(f.field, bytes(f.content)) for f in sent.files] == [("image", b"1"), ("mask", b"2")]


@pytest.mark.parametrize("field", ["n", "stream"])
def test_a_forms_number_or_flag_that_is_none_is_refused_by_its_name(field):
    with pytest.raises(RequestError) as refused:
        form(Operation.IMAGE_EDIT, [("prompt", "x"), (field, "many")], [File(field="image", content=b"1")])
    assert (refused.value.status, refused.value.param) == (422, field)


def test_models_that_know_base64_only_are_not_asked_for_anything_else():
    request = decode(Operation.IMAGE_GENERATION, {**GOOD[Operation.IMAGE_GENERATION], "response_format": "url"})
    assert "response_format" not in json.loads(encode_operation(request, model="gpt-image-1").body)
    assert json.loads(encode_operation(request, model="dall-e-3").body)["response_format"] == "url"


def test_speech_is_passed_on_as_it_comes_unless_events_are_asked_for():
    spoken = decode(Operation.SPEECH, GOOD[Operation.SPEECH])
    assert spoken.stream
    assert is_raw(spoken.operation, spoken.payload)
    assert "stream" not in json.loads(encode_operation(spoken, model="m").body)
    events = decode(Operation.SPEECH, {**GOOD[Operation.SPEECH], "stream_format": "sse"})
    assert events.stream
    assert not is_raw(events.operation, events.payload)


def test_several_pictures_may_come_as_data_in_json():
    request = decode(Operation.IMAGE_EDIT, {"prompt": "x", "images": [{"image_url": PNG}, PNG], "mask": PNG})
    assert [(f.field, f.name, f.media_type) for f in request.files] == [
        ("image", "file.png", "image/png"),
        ("image", "file.png", "image/png"),
        ("mask", "file.png", "image/png"),
    ]
    assert "images" not in request.payload
