"""The event parser: the standard's rules, and that no cut of the stream changes what comes out."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from g4f.dialects.sse import Event, EventTooLarge, Parser

LINES = st.sampled_from(
    [b"data: a", b"data:b", b"data:  c", b"data", b"data:", b": comment", b":", b"event: error", b"id: 1\0",
     b"retry: abc", b"unknown: x", b"", b"", b"\xef\xbb\xbfdata: bom", "data: 👩‍👩‍👧\u2028".encode(), b"data: \xff"]
)  # fmt: skip
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=30).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def parse(*chunks: bytes, max_event: int = 1 << 20) -> list[Event]:
    parser = Parser(max_event)
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.close()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: x\n\n", [b"x"]),
        (b"data:x\n\n", [b"x"]),
        (b"data:  x\n\n", [b" x"]),
        (b"data: x\r\rdata: y\r\n\r\ndata: z\n\n", [b"x", b"y", b"z"]),
        (b"data: x\r\n\ndata: y\n\r\n", [b"x", b"y"]),
        (b"data: x\ndata: y\n\n", [b"x\ny"]),
        (b"data\n\n", [b""]),
        (b": comment\n\n:\n\n", []),
        (b"event: ping\n\n", []),
        (b"id: 1\nretry: 5\nother\n\n", []),
        (b"\xef\xbb\xbfdata: x\n\n\xef\xbb\xbfdata: y\n\n", [b"x", b"y"]),
        (b"\n\n\ndata: x\n\n\n\n", [b"x"]),
        (b"data: x", [b"x"]),
        (b"data: x\n", [b"x"]),
        (b"data: x\r", [b"x"]),
        (b"", []),
    ],
)
def test_the_rules_of_the_standard(stream: bytes, data: list[bytes]) -> None:
    assert [event.data for event in parse(stream)] == data
    assert parse(*(stream[i : i + 1] for i in range(len(stream)))) == parse(stream)


def test_an_event_type_holds_for_its_event_only() -> None:
    assert parse(b"event: error\ndata: x\n\ndata: y\n\n") == [Event(b"x", "error"), Event(b"y", None)]


def test_a_crlf_split_over_two_packets_is_one_line_end() -> None:
    assert parse(b"data: a\r", b"\ndata: b\r", b"", b"\n\r", b"\n") == [Event(b"a\nb")]


@given(STREAMS, st.lists(st.integers(0, 10_000), max_size=12))
def test_rechunking_changes_nothing(stream: bytes, places: list[int]) -> None:
    assert parse(*cut(stream, places)) == parse(stream)


@given(STREAMS, st.lists(st.integers(0, 10_000), max_size=12), st.integers(1, 40))
@example(b"data: a\n\n", [8], 7)
def test_rechunking_does_not_change_what_is_too_large(stream: bytes, places: list[int], limit: int) -> None:
    def outcome(chunks: list[bytes]) -> tuple[list[Event], bool]:
        parser, events = Parser(limit), []
        try:
            for chunk in chunks:
                events += parser.feed(chunk)
            events += parser.close()
        except EventTooLarge:
            return events, True
        return events, False

    assert outcome(cut(stream, places)) == outcome([stream])


@given(st.binary(max_size=300))
def test_no_bytes_raise(stream: bytes) -> None:
    parse(stream)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=20),
            st.sampled_from([b"\n\n", b"\r\n\r\n"]),
        )
    )
)
def test_the_decoder_of_the_openai_sdk_reads_the_same(events: list[tuple[str, bytes]]) -> None:
    stream = b"".join(b"data: " + text.encode() + end for text, end in events)
    theirs = [event.data for event in SSEDecoder().iter_bytes(iter([stream]))]
    assert [event.data.decode() for event in parse(stream)] == theirs


def test_an_event_up_to_the_limit_is_given_and_a_larger_one_refused() -> None:
    limit = 1 << 20
    line = b"data: " + b"x" * (limit - 6)
    assert parse(line + b"\n\n")[0].data == line[6:]
    with pytest.raises(EventTooLarge):
        Parser().feed(line + b"x\n\n")


def test_a_line_that_never_ends_is_refused_before_it_is_complete() -> None:
    parser = Parser(1000)
    with pytest.raises(EventTooLarge):
        for _ in range(20):
            parser.feed(b"x" * 100)
    with pytest.raises(EventTooLarge):
        parser.close()


def test_comments_may_go_on_for_ever() -> None:
    parser = Parser(1000)
    for _ in range(100_000 // 50):
        assert parser.feed(b": keep-alive\n" * 50) == []
    assert parser.feed(b"data: x\n\n") == [Event(b"x")]


def test_events_before_one_that_is_too_large_are_given_first() -> None:
    parser = Parser(20)
    assert parser.feed(b"data: a\n\ndata: " + b"x" * 30) == [Event(b"a")]
    with pytest.raises(EventTooLarge):
        parser.feed(b"\n\n")
