"""Chunks that are handed on as they came: never anything but what a parser would make of the same bytes."""

import asyncio

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.providers.chunks import size_lines
from g4f.providers.connection import Connection
from tests.providers.asking import CHUNKED
from tests.support.loops import turns

_texts = st.text("ab\r\n0\u00e9", max_size=40).map(str.encode)
_events = _texts.map(lambda text: b"data: " + text + b"\n\n")
_size_lines = st.sampled_from([b"%x\r\n", b"%X\r\n", b"0%x\r\n", b"%x;a=1\r\n"])
#: What looks like a chunk, and is a part of one.
_mimics = _events.map(lambda event: b"%x\r\n%b\r\n" % (len(event), event))
#: Chunks as servers write them: of one event, of several, of a part of one, or of what looks like framing.
_pieces = st.lists(st.one_of(_events, _events, _texts.filter(bool), _mimics), min_size=1, max_size=3)
_chunks = st.lists(st.tuples(_size_lines, _pieces), max_size=8)


class Deaf(asyncio.Transport):
    """Where nothing is sent."""

    def abort(self) -> None:
        pass


class Chunk:
    """What a parser makes of one chunk."""

    def __init__(self, wire: bytes) -> None:
        self.body = b""
        parser = httptools.HttpResponseParser(self)
        parser.feed_data(CHUNKED)
        parser.feed_data(wire)

    def on_body(self, data: bytes) -> None:
        self.body += data


async def poured(reads: list[bytes], wanted: list[bool]) -> tuple[bytes, list[tuple[bytes, bytes]], Connection]:
    """What comes of a reply that arrives in `reads`: its body, the pieces that came with their framing, and the
    connection. `wanted` says for each piece whether its taker wants another one at once."""
    connection = Connection()
    connection.connection_made(Deaf())
    connection.used = True
    body, framed_pieces, answers = b"", [], iter(wanted)

    def take(piece: bytes, framed: bytes | None = None, /) -> bool:
        nonlocal body
        body += piece
        if framed is not None:
            framed_pieces.append((piece, framed))
        return next(answers, True)

    async def pour() -> None:
        while not await connection.pour(take):
            pass

    pouring = asyncio.create_task(pour())
    await turns()
    for read in reads:
        connection.data_received(read)
        await turns()
    assert pouring.done(), "the end of the body was not seen"
    pouring.result()
    return body, framed_pieces, connection


@given(_chunks, st.lists(st.booleans(), max_size=8), st.randoms(use_true_random=False))
def test_a_body_is_the_same_however_its_chunks_are_written_and_cut(chunks, wanted, random):
    wires = []
    reads = [CHUNKED]
    for size_line, pieces in chunks:
        segments = [size_line % len(b"".join(pieces)), *pieces, b"\r\n"]
        wires.append(b"".join(segments))
        often = random.choice([0.0, 0.5])
        reads.append(b"")
        for segment in segments:
            if random.random() < often:
                reads.append(b"")
            reads[-1] += segment
    reads = [read for read in [*reads, b"0\r\n\r\n"] if read]
    body, framed_pieces, connection = asyncio.run(poured(reads, wanted))
    assert body == b"".join(piece for _, pieces in chunks for piece in pieces)
    assert all(Chunk(framed).body == piece and framed in wires for piece, framed in framed_pieces)
    assert connection.complete
    assert connection.reusable


def test_a_stream_of_whole_events_is_handed_on_with_its_framing():
    wires = [b"%x\r\n%b\r\n" % (len(event), event) for event in [b"data: a\n\n", b"data: " + b"b" * 300 + b"\n\n"] * 2]
    _, framed_pieces, _ = asyncio.run(poured([CHUNKED, *wires, b"0\r\n\r\n"], []))
    assert [framed for _, framed in framed_pieces] == wires[1:], "the first one is for the parser"


def test_the_size_line_of_a_chunk_follows_from_its_length():
    known = {}
    for size in range(1, 5000):
        line = b"%x\r\n" % size
        known[len(line) + size + 2] = ((line, line.upper()), len(line))
    for length in range(4990):
        assert size_lines(length) == known.get(length, ((), 0))


EVENT = b"data: a\n\n"
WHOLE = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)


def test_what_looks_like_a_chunk_inside_of_one_is_text():
    reads = [CHUNKED, WHOLE, WHOLE, b"%x\r\n" % len(WHOLE), WHOLE, b"\r\n", b"0\r\n\r\n"]
    body, framed_pieces, _ = asyncio.run(poured(reads, []))
    assert body == EVENT + EVENT + WHOLE
    assert framed_pieces == [(EVENT, WHOLE)]


def test_what_came_while_nobody_took_anything_is_not_forgotten():
    reads = [CHUNKED, WHOLE, WHOLE, b"%x\r\n" % len(WHOLE), WHOLE]

    async def run() -> bytes:
        connection, body = Connection(), bytearray()
        connection.connection_made(Deaf())

        def take(piece: bytes, framed: bytes | None = None, /) -> bool:
            body.extend(piece)
            return False  # so that the next read comes while nobody takes

        for read in reads:
            pouring = asyncio.create_task(connection.pour(take))
            await turns()
            connection.data_received(read)
            await turns()
            pouring.cancel()
        return bytes(body)

    assert asyncio.run(run()) == EVENT + EVENT + WHOLE


def test_a_chunk_that_does_not_end_where_it_says_is_no_chunk():
    with pytest.raises(AttemptFailed) as caught:
        asyncio.run(poured([CHUNKED, WHOLE, WHOLE[:-2] + b"XX"], []))
    assert caught.value.failure.kind is FailureKind.BAD_RESPONSE
