"""Reading and writing of JSON and events."""

import json

import pytest

from g4f.dialects.openai.wire import chunks_of, encode_stream_error, is_count, is_usage, loads, usage_of
from g4f.exchange.answer import Usage


def test_an_error_is_one_event_with_the_error_object_alone() -> None:
    wire = encode_stream_error({"message": "m\n", "type": "t", "param": None, "code": "c"})
    assert wire == b'data: {"error":{"message":"m\\n","type":"t","param":null,"code":"c"}}\n\n'
    assert chunks_of(wire) == [{"error": {"message": "m\n", "type": "t", "param": None, "code": "c"}}]


def test_done_and_comments_are_no_chunks() -> None:
    assert chunks_of(b': keep-alive\n\ndata: {"a":1}\n\ndata: [DONE]\n\n') == [{"a": 1}]
    assert chunks_of(b"") == []


def test_good_json_is_read_from_its_own_bytes() -> None:
    raw = b'{"a": "\\ud83d\\ude00"}'
    value, source = loads(raw)
    assert value == {"a": "😀"}
    assert source is raw


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b'"a\xffb"', "a\ufffdb"), (b'"\\ud83d"', "\ufffd"),
     (b'"\\\\ud83d\xff"', "\\ud83d\ufffd"), (b'"\\uDE00!"', "\ufffd!")],
)  # fmt: skip
def test_text_that_is_no_unicode_is_mended(raw: bytes, text: str) -> None:
    value, source = loads(raw)
    assert value == text
    assert json.loads(source) == text


@pytest.mark.parametrize("raw", [b"", b"{", b"NaN", b"\xff", b'{"a":"\\ud800"', b'["\\ud800",NaN]', b"{}{}"])
def test_what_is_not_json_even_then_is_refused(raw: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        loads(raw)


def test_usage_is_read_where_upstreams_put_it() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    assert usage_of({"usage": usage}) == Usage(1, 2)
    assert usage_of({"usage": None, "x_groq": {"usage": usage}}) == Usage(1, 2)
    assert usage_of({"usage": {"prompt_tokens": -1, "completion_tokens": 2}}) is None
    assert usage_of({"x_groq": 5}) is None


def test_a_count_is_an_integer_that_is_not_negative() -> None:
    assert is_count(0)
    assert not any(is_count(value) for value in (True, -1, 1.0, "1", None))
    assert not is_usage(None)
