"""Requests: what is refused, with which status and place; what never leaves; and what must arrive untouched."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.openai.request import decode_request, encode_request
from g4f.errors import RequestError
from g4f.exchange.request import Request

HI = {"role": "user", "content": "hi"}


def decode(**fields: Any) -> Request:
    body = {"model": "m", "messages": [HI], **fields}
    return decode_request(json.dumps(body).encode(), request_id="r1")


def refused(**fields: Any) -> tuple[int, str | None]:
    with pytest.raises(RequestError) as caught:
        decode(**fields)
    assert caught.value.body()["type"] == "invalid_request_error"
    return caught.value.status, caught.value.param


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"model":NaN}', b'{"a":Infinity}', b'{"a":1e999}', b'{"a":"\\ud800"}', b'{"a":"\xff"}', b"[" * 50_000,
     b'{"a":' + b"9" * 5000 + b"}", b"[]", b"null", b'"x"', b"{} {}", b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_what_is_no_json_object_is_refused_with_400(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        decode_request(body, request_id="r1")
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


def test_malformed_json_is_refused_with_its_place_but_not_its_text() -> None:
    with pytest.raises(RequestError, match=r"line 2 column 12") as caught:
        decode_request(b'{"model":\n "s3cret", x}', request_id="r1")
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": 5}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [HI, "hi"]}, "messages[1]"),
        ({"messages": [HI, HI, HI, {"content": "x"}]}, "messages[3].role"),
        ({"messages": [{"role": 1}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"stream": "true"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"temperature": "0.5"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": []}, "top_p"),
        ({"n": "2"}, "n"),
        ({"n": 1.5}, "n"),
        ({"max_tokens": "x"}, "max_tokens"),
        ({"tools": {}}, "tools"),
        ({"tool_choice": 1}, "tool_choice"),
        ({"stop": 1}, "stop"),
        ({"stop": ["a", 1]}, "stop"),
        ({"response_format": "json"}, "response_format"),
        ({"stream_options": True}, "stream_options"),
        ({"provider": 5}, "provider"),
        ({"provider": ["x"]}, "provider"),
        ({"proxy": {}}, "proxy"),
    ],
)
def test_a_missing_or_mistyped_field_is_refused_with_422_and_its_place(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields) == (422, param)


def test_a_required_field_that_is_absent_is_named() -> None:
    with pytest.raises(RequestError, match="messages is required") as caught:
        decode_request(b'{"model": "m"}', request_id="r1")
    assert (caught.value.status, caught.value.param) == (422, "messages")


@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": ""}])
def test_a_request_may_leave_its_model_to_the_server(model: dict[str, Any]) -> None:
    assert decode_request(json.dumps({**model, "messages": [HI]}).encode(), request_id="r1").model == ""


@pytest.mark.parametrize(("fields", "param"), [({"messages": []}, "messages"), ({"n": 0}, "n"), ({"n": -1}, "n")])
def test_an_impossible_value_is_refused_with_400(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields) == (400, param)


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 99},
        {"temperature": None, "n": None, "stream": None, "tools": None, "stop": None, "provider": None},
        {"max_tokens": -1, "n": 1.0, "top_p": -5},
        {"messages": [{"role": "wizard", "content": None, "odd": 1}]},
        {"messages": [{"role": "user", "content": ["text", {"type": "?"}]}]},
        {"tools": [], "tool_choice": {"type": "function"}, "reasoning_effort": "huge", "metadata": 5},
    ],
)
def test_odd_but_legal_values_are_left_to_the_upstream(fields: dict[str, Any]) -> None:
    request = decode(**fields)
    sent = orjson.loads(encode_request(request, model="m").body)
    expected = {"model": "m", "messages": [HI], **fields}
    expected.pop("provider", None)
    assert sent == expected


def test_destinations_and_credentials_never_reach_the_payload() -> None:
    request = decode(
        api_key="k", api_base="b", base_url="b", extra_headers={}, headers={}, proxies={}, conversation_id="c",
        proxy="http://127.0.0.1:9", provider="Lab", seed=7,
    )  # fmt: skip
    assert (request.provider, request.proxy) == ("Lab", "http://127.0.0.1:9")
    assert request.payload == {"model": "m", "messages": [HI], "seed": 7}


def test_openrouters_routing_preference_is_no_pin_and_passes_through() -> None:
    request = decode(provider={"order": ["Google"]})
    assert (request.provider, request.payload["provider"]) == (None, {"order": ["Google"]})


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        ({}, set()),
        ({"tools": [{"type": "function"}]}, {"tools"}),
        ({"functions": [{"name": "f"}]}, {"tools"}),
        ({"messages": [HI, {"role": "user", "content": [{"type": "image_url"}]}]}, {"vision"}),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}, {"type": "text"}]}]}, {"audio"}),
        ({"modalities": ["text", "audio"]}, {"audio"}),
    ],
)
def test_what_a_target_must_be_able_to_do_is_read_off_the_payload(fields: dict[str, Any], needs: set[str]) -> None:
    assert decode(**fields).needs == needs


def test_the_upstream_gets_the_request_with_its_own_model_name() -> None:
    request = decode(stream=True, seed=1, unknown={"deep": [1.5, None]})
    sent = orjson.loads(encode_request(request, model="theirs").body)
    assert sent == {
        "model": "theirs", "messages": [HI], "stream": True, "seed": 1, "unknown": {"deep": [1.5, None]}
    }  # fmt: skip
    assert request.payload["model"] == "m"


def test_a_request_made_in_python_says_in_its_body_whether_it_streams() -> None:
    request = Request(id="r", model="m", payload={"messages": [HI]}, stream=True)
    assert orjson.loads(encode_request(request, model="m").body)["stream"] is True


def test_a_payload_that_json_cannot_hold_is_the_requests_fault() -> None:
    request = Request(id="r", model="m", payload={"messages": [object()]})
    with pytest.raises(RequestError):
        encode_request(request, model="m")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["model", "messages", "stream", "n", "stop", "tools", "provider", "proxy", "modalities"])


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_request_error(body: bytes) -> None:
    try:
        decode_request(body, request_id="r1")
    except RequestError as error:
        assert error.status in (400, 422)


@given(st.dictionaries(FIELDS, JSON, max_size=5))
def test_no_value_of_a_field_raises_anything_but_a_request_error(fields: dict[str, Any]) -> None:
    try:
        decode(**fields)
    except RequestError as error:
        assert error.status in (400, 422)
