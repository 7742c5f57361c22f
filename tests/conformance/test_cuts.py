"""Cuts lose nothing, are within their bounds, and are the same each time."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from g4f.conformance import cuts

BODIES = st.binary(min_size=2, max_size=400)


@given(BODIES, st.integers(2, 500))
def test_pieces_are_the_whole(body: bytes, most: int) -> None:
    halves = list(cuts.in_two(body, most))
    assert {a + b for a, b in halves} == {body}
    assert all(a and b for a, b in halves)
    many = [list(pieces) for pieces in cuts.in_many(body, 5, "seed")]
    assert {b"".join(pieces) for pieces in many} == {body}
    assert many == [list(pieces) for pieces in cuts.in_many(body, 5, "seed")]
    assert b"".join(cuts.evenly(body, most)) == body


@given(BODIES)
def test_a_short_answer_is_cut_at_every_byte(body: bytes) -> None:
    assert [len(a) for a, _ in cuts.in_two(body, 1000)] == list(range(1, len(body)))


@given(BODIES)
def test_every_byte_is_cut_at_once_in_some_way(body: bytes) -> None:
    places = set()
    for pieces in cuts.at_every_byte(body):
        assert b"".join(pieces) == body
        places |= set(accumulate(map(len, pieces[:-1])))
    assert places == set(range(1, len(body)))


@given(st.integers(2, 50))
def test_a_long_answer_is_cut_as_often_as_was_said(most: int) -> None:
    body = b'data: {"text": "\xc3\xa4"}\n\n' * 400
    assert len(list(cuts.in_two(body, most))) <= 2 * most


def test_what_breaks_off_ends_before_its_last_line() -> None:
    body = b"data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"
    assert list(cuts.broken_off(body, 100))[-1] == b"data: 1\n\ndata: 2\n\n"
    assert all(len(early) < len(body) for early in cuts.broken_off(body, 2))


def test_other_line_ends_and_comments_change_nothing_that_is_said() -> None:
    body = b"data: 1\n\ndata: 2\r\n\r\n"
    assert cuts.with_crlf(body) == b"data: 1\r\n\r\ndata: 2\r\n\r\n"
    assert cuts.with_comments(b"data: 1\n\n") == b": waiting\n\ndata: 1\n\n: waiting\n\n"
