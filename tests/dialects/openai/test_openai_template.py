"""Chunks that repeat a known shape are relayed undecoded, and only those."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.dialects.openai.relay import Relay
from g4f.dialects.openai.template import Template
from g4f.exchange.request import Request

TEXTS = st.text(min_size=1, max_size=40)


def chunk(text, **delta):
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": None}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": None,
    }


def source(value, *, ascii_only=True, **how):
    return json.dumps(value, ensure_ascii=ascii_only, **how).encode("utf-8", "surrogatepass")


def template(text="first", **delta):
    value = chunk(text, **delta)
    return Template.of(value, source(value))


def event(data):
    return b"data: " + data + b"\n\n"


@given(TEXTS, TEXTS, st.booleans())
def test_another_text_fits(first, text, ascii_only):
    known = Template.of(chunk(first), source(chunk(first), ascii_only=ascii_only))
    wire = source(chunk(text), ascii_only=ascii_only)
    if known is not None and known.fits(event(wire)):
        assert json.loads(wire) == chunk(text)
    if text.isascii() and first.isascii() and '"' not in text + first and "\\" not in text + first:
        assert known is not None


def test_plain_text_and_escapes_fit_alone_and_together():
    known = template()
    plain, quoted = event(source(chunk("plain"))), event(source(chunk('a "quote", a \\ and a \n')))
    german = event(source(chunk("Grüße"), ascii_only=False))
    for wire in (plain, quoted, german, plain + quoted + german):
        assert known.fits(wire)


@pytest.mark.parametrize(
    "wire",
    [
        event(source(chunk("x", role="assistant"))),
        event(source({**chunk("x"), "id": "other"})),
        event(source({**chunk("x"), "usage": {"prompt_tokens": 1, "completion_tokens": 1}})),
        event(source(chunk("x")).replace(b'"finish_reason": null', b'"finish_reason": "stop"')),
        event(source(chunk("")).replace(b'"content": ""', b'"content": null')),
        event(source(chunk(""))),
        event(source(chunk("PLACE")).replace(b"PLACE", b'x", "refusal": "y')),
        event(source(chunk("PLACE")).replace(b"PLACE", b"tab\there")),
        event(source(chunk("PLACE")).replace(b"PLACE", b"bad escape \\x")),
        event(source(chunk("PLACE")).replace(b"PLACE", b"ends in a \\")),
        event(source(chunk("PLACE")).replace(b"PLACE", b"\xff\xfe")),
        event(source(chunk("PLACE")).replace(b"PLACE", b"lone \\ud83d")),
        event(source(chunk("x")))[:-1],
        event(source(chunk("x"))) + b"data: [DONE]\n\n",
        event(source(chunk("x"))) + b": comment\n\n",
        b"data: [DONE]\n\n",
        b"\n\n",
        b"",
    ],
)
def test_anything_else_goes_the_long_way(wire):
    assert not template().fits(wire)


def test_the_text_must_be_the_delta_s():
    value = {**chunk("x"), "model": 'say "content": "x"'}
    known = Template.of(value, source(value))
    assert known is None or known.fits(event(source({**value, "choices": chunk("y")["choices"]})))


@pytest.mark.parametrize("delta", [{"tool_calls": [{"index": 0}]}, {"reasoning_content": "hm"}, {"refusal": "no"}])
def test_a_chunk_that_says_more_than_text_is_no_pattern(delta):
    assert template(**delta) is None


def relayed(pieces):
    relay = Relay(request=Request(id="r", model="m", payload={"messages": []}, stream=True), provider="P", now=1)
    frames = [frame for piece in pieces for frame in relay.feed(piece)]
    return b"".join(frame.wire for frame in frames), relay.finished


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["text", "role", "reasoning", "other id"])), min_size=1, max_size=12))
def test_a_relay_gives_the_same_bytes_with_and_without_patterns(said):
    events = []
    for text, kind in said:
        value = chunk(text, **({"role": "assistant"} if kind == "role" else {}))
        if kind == "reasoning":
            value["choices"][0]["delta"] = {"reasoning_content": text}
        if kind == "other id":
            value["id"] = "d"
        events.append(event(source(value)))
    end = event(source({**chunk(""), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    whole = [*events, end + b"data: [DONE]\n\n"]
    by_bytes = [bytes([byte]) for byte in b"".join(whole)]  # never a whole event at once, so never a pattern
    assert relayed(whole) == relayed(by_bytes) == relayed([b"".join(whole)])
