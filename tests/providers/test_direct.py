"""The connection to a direct upstream: what ends a reply, what may be used again, and what is never believed."""

import asyncio
import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest

from g4f.exchange.failure import AttemptFailed, FailureKind
from g4f.providers.chunks import FLOOD
from g4f.providers.connection import HIGH_WATER
from g4f.providers.reply import MAX_BODY, PIECE
from tests.providers.asking import CHUNKED, OK, failure_of, fetch, pool_for, send
from tests.support.http import chunk
from tests.support.loops import turns
from tests.support.replies import Close, Endless, Gate, Raw
from tests.support.upstream import Upstream


async def fetched_from(*replies, times=1):
    """What `times` requests get from a scripted upstream, and over how many connections."""
    async with Upstream(*replies) as upstream:
        pool = pool_for(upstream)
        bodies = [await fetch(pool) for _ in range(times)]
        await pool.close()
        return bodies, upstream.connections


async def refused(*replies):
    async with Upstream(*replies) as upstream:
        pool = pool_for(upstream)
        kind = await failure_of(fetch(pool))
        await upstream.received(1)
        await turns()
        assert upstream.open_connections == 0, "a connection that went wrong stays open"
        await pool.close()
        return kind


async def test_a_connection_is_used_again_after_a_reply_that_ended_well():
    assert await fetched_from(Raw(OK, end="keep"), times=3) == ([b"hi"] * 3, 1)


async def test_a_chunked_reply_leaves_a_connection_that_can_be_used_again():
    wire = CHUNKED + chunk(b"h") + chunk(b"i") + chunk(b"")
    assert await fetched_from(Raw(wire, end="keep"), times=3) == ([b"hi"] * 3, 1)


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    ],
    ids=["connection: close", "HTTP/1.0", "HTTP/2.0"],
)
async def test_a_reply_that_says_close_is_the_last_of_its_connection(wire):
    assert await fetched_from(Raw(wire, end="keep"), times=2) == ([b"hi"] * 2, 2)


async def test_http_1_0_with_keep_alive_is_used_again():
    wire = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi"
    assert await fetched_from(Raw(wire, end="keep"), times=2) == ([b"hi"] * 2, 1)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_body_without_length_ends_with_its_connection(version):
    wire = b"HTTP/" + version + b" 200 OK\r\n\r\nhi"
    assert await fetched_from(Raw(wire), times=2) == ([b"hi"] * 2, 2)


async def test_a_body_without_length_that_is_reset_is_broken():
    gate = Gate()
    async with Upstream(Raw([b"HTTP/1.1 200 OK\r\n\r\nhi", gate], end="reset")) as upstream:
        reply = await send(pool_for(upstream))
        assert await reply.next_chunk() == b"hi"
        gate.open()
        assert await failure_of(reply.next_chunk()) is FailureKind.DISCONNECTED


async def test_interim_replies_are_passed_over():
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\n\r\n"
    assert await fetched_from(Raw(interim + OK, end="keep"), times=2) == ([b"hi"] * 2, 1)


async def test_interim_replies_without_end_are_refused():
    endless = Endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
    assert await refused(endless) is FailureKind.BAD_RESPONSE


@pytest.mark.parametrize("split", range(len(OK)))
async def test_a_reply_may_be_cut_anywhere(split):
    wire = Raw([OK[:split], OK[split:]], end="keep", apart=True)
    assert await fetched_from(wire, times=2) == ([b"hi"] * 2, 1)


async def test_a_second_reply_in_the_same_packet_is_never_part_of_the_first():
    other = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
    assert await fetched_from(Raw(OK + other, end="keep"), times=2) == ([b"hi"] * 2, 2)


@pytest.mark.parametrize("extra", [b"GARBAGE", b"\r\n\r\n", b"\0", b"HTTP/1.1 "])
async def test_bytes_behind_a_reply_end_the_connection(extra):
    bodies, _ = await fetched_from(Raw(OK + extra, end="keep"), times=2)
    assert bodies == [b"hi"] * 2


async def test_unsolicited_bytes_on_an_idle_connection_close_it():
    gate = Gate()
    async with Upstream(Raw([OK, gate, b"HTTP/1.1 408 Request Timeout\r\n\r\n"], end="hang")) as upstream:
        pool = pool_for(upstream)
        assert await fetch(pool) == b"hi"
        gate.open()
        await upstream.requests[0].ended.wait()
        assert upstream.open_connections == 0
        upstream.script(Raw(OK, end="keep"))
        assert await fetch(pool) == b"hi"
        assert upstream.connections == 2
        await pool.close()


async def test_a_fresh_connection_that_is_closed_is_a_failure():
    assert await refused(Close()) is FailureKind.DISCONNECTED


async def test_a_used_connection_that_breaks_within_its_reply_is_a_failure():
    """A byte of the reply has come, so the upstream has worked: nothing is sent twice."""
    async with Upstream(Raw(OK, end="keep"), Raw(OK[:30])) as upstream:
        pool = pool_for(upstream)
        await fetch(pool)
        assert await failure_of(fetch(pool)) is FailureKind.DISCONNECTED
        assert len(upstream.requests) == 2
        await pool.close()


@pytest.mark.parametrize(
    "wire",
    [
        b"GARBAGE\r\n\r\n",
        b"<html>hi</html>",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"HTTP/1.1 000 Zero\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 1234 High\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nhi",
        CHUNKED + b"zz\r\nhi\r\n",
        CHUNKED + b"fffffffffffffffff\r\nhi",
        CHUNKED + b"2\r\nhiX0\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_and_its_connection_closed(wire):
    assert await refused(Raw(wire, end="keep")) is FailureKind.BAD_RESPONSE


@pytest.mark.parametrize(
    "wire",
    [
        OK[:-1],
        CHUNKED + b"2\r\nhi\r\n",
        CHUNKED + b"2\r\nh",
        CHUNKED,
        OK[:20],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi",
    ],
)
async def test_a_reply_that_breaks_off_is_a_failure(wire):
    assert await refused(Raw(wire)) is FailureKind.DISCONNECTED


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 66_000 + b"\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(9000)) + b"Content-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nX-Endless: " + b"x" * 200_000,
        b"HTTP/1.1 200 " + b"x" * 200_000,
    ],
    ids=["one header", "many headers", "a header without end", "a status line without end"],
)
async def test_headers_over_64_kib_are_refused(head):
    assert await refused(Raw(head, end="keep")) is FailureKind.BAD_RESPONSE


@pytest.mark.parametrize(
    "again",
    [b"x" * 4096, b"X-T: y\r\n" * 500],
    ids=["a trailer line without end", "trailers without end"],
)
async def test_trailers_are_bounded(again):
    wire = Endless(CHUNKED + chunk(b"hi") + b"0\r\nX-Start: ", again)
    assert await refused(wire) is FailureKind.BAD_RESPONSE


async def test_a_chunk_extension_without_end_is_refused():
    assert await refused(Endless(CHUNKED + b"2;x=", b"y" * 4096)) is FailureKind.BAD_RESPONSE


async def test_trailers_are_no_headers():
    wire = CHUNKED + chunk(b"hi") + b"0\r\nX-Trailer: 1\r\n\r\n"
    assert await fetched_from(Raw(wire, end="keep"), times=2) == ([b"hi"] * 2, 1)


async def test_many_small_chunks_are_no_overhead():
    wire = CHUNKED + chunk(b"x") * 40_000 + chunk(b"")
    assert await fetched_from(Raw(wire, end="keep")) == ([b"x" * 40_000], 1)


async def test_an_upstream_that_is_not_read_is_made_to_wait():
    async with Upstream(Endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        connection = reply._connection
        while not connection._paused:
            await asyncio.sleep(0)
        await turns(50)
        assert connection._waiting_bytes <= 3 * HIGH_WATER
        size = 0
        while size < 4 << 20:
            size += len(await reply.next_chunk())
        reply.close()
        await upstream.requests[0].ended.wait()
        await pool.close()


async def test_a_body_that_turns_bad_while_it_waits_to_be_read_fails_when_it_is_read():
    good = chunk(b"x" * 200_000)
    async with Upstream(Raw([CHUNKED + good + good, b"zz\r\n"], end="keep")) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        await turns(50)
        with pytest.raises(AttemptFailed):
            while await reply.next_chunk():
                pass
        reply.close()
        await pool.close()


@pytest.mark.parametrize("begun", [b"", OK[:20], OK[:-1], CHUNKED + chunk(b"x")], ids=["", "head", "body", "chunk"])
async def test_a_cancelled_request_closes_its_connection(begun):
    async with Upstream(Raw(begun, end="hang")) as upstream:
        pool = pool_for(upstream)
        request = asyncio.ensure_future(fetch(pool))
        received = await upstream.received()
        await turns()
        request.cancel()
        await asyncio.wait([request])
        async with asyncio.timeout(1):
            await received.ended.wait()
        assert (received.closed, upstream.open_connections) == (True, 0)
        await pool.close()


async def test_a_large_request_body_arrives_whole():
    async with Upstream(Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream)
        body = bytes(range(256)) * 4096 * 4
        assert await fetch(pool, body) == b"hi"
        assert upstream.requests[0].body == body
        await pool.close()


async def test_settling_does_not_wait_for_a_connection_that_is_gone():
    async with Upstream(Raw(CHUNKED + chunk(b"hi"))) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        assert await reply.next_chunk() == b"hi"
        await upstream.requests[0].ended.wait()
        await turns(20)
        started = asyncio.get_running_loop().time()
        await reply.settle()
        assert asyncio.get_running_loop().time() - started < 0.04
        await pool.close()


async def test_a_truncated_gzip_body_is_broken():
    whole = gzip.compress(b'{"a": "' + bytes(range(97, 123)) * 50 + b'"}')
    cut = whole[:-9]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(cut)
    assert await failure_of(fetched_from(Raw(head + cut, end="keep"))) is FailureKind.DISCONNECTED


async def test_a_stream_that_comes_all_at_once_lets_others_have_their_turn():
    content = bytes(range(256)) * 4096
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
    turn, seen = 0, []

    async def count():
        nonlocal turn
        while True:
            await asyncio.sleep(0)
            turn += 1

    def take(piece, *_):
        seen.append((turn, piece))
        return True

    async with Upstream(Raw(head + content, end="keep")) as upstream:
        pool = pool_for(upstream)
        counting = asyncio.ensure_future(count())
        reply = await send(pool)
        assert await reply.pour(take)
        counting.cancel()
        reply.close()
        assert b"".join(piece for _, piece in seen) == content
        assert max(len(piece) for _, piece in seen[1:]) <= FLOOD
        assert len({turn for turn, _ in seen[1:]}) == len(seen) - 1
        assert len(await fetch(pool)) == len(content)
        assert upstream.connections == 1, "the connection is as good as before"
        await pool.close()


@pytest.mark.parametrize("size", [FLOOD - 300, FLOOD, FLOOD + 1, 3 * FLOOD])
async def test_what_comes_behind_a_reply_in_the_same_moment_is_never_the_next_one(size):
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)
    evil = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" + b" " * 2 * FLOOD
    async with Upstream(Raw(wire + evil, end="keep"), Raw(OK, end="keep")) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        with suppress(AttemptFailed):
            await reply.pour(lambda *_: True)
        reply.close()
        assert await fetch(pool) == b"hi"
        assert upstream.connections == 2
        await pool.close()


BOMB = gzip.compress(bytes(40 << 20))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
@pytest.mark.parametrize("limit", [64 << 10, MAX_BODY])
async def test_a_bomb_is_too_large_or_not_understood_and_no_more_of_it_is_unpacked_than_is_wanted(coding, limit):
    packed = zlib.compress(bytes(40 << 20)) if coding == "deflate" else BOMB
    wire = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(packed))
    async with Upstream(Raw(wire + packed)) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        tracemalloc.start()
        with pytest.raises(AttemptFailed) as failed:
            await reply.read(limit)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        reply.close()
        await pool.close()
    known = coding in ("gzip", "deflate")
    assert failed.value.failure.kind is (FailureKind.TOO_LARGE if known else FailureKind.BAD_RESPONSE)
    assert most < 2 * limit + 4 * PIECE + 4 * len(packed)


async def test_of_an_error_only_what_is_read_of_it_is_unpacked():
    wire = b"HTTP/1.1 400 Bad Request\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
    async with Upstream(Raw(wire + BOMB)) as upstream:
        pool = pool_for(upstream)
        reply = await send(pool)
        assert len(await reply.read(1000, cut=True)) == 1000
        reply.close()
        await pool.close()


async def test_what_goes_on_behind_its_compression_is_broken_and_not_kept():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    endless = Endless(head + gzip.compress(b"hi"), bytes(1 << 16))
    assert await failure_of(fetched_from(endless)) is FailureKind.BAD_RESPONSE


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
async def test_what_was_compressed_arrives_whole_however_long_it_is(size):
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    packed = gzip.compress(content)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert await fetched_from(Raw(head + packed, end="keep")) == ([content], 1)


async def test_a_204_has_no_body_whatever_it_says():
    wire = b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"
    assert await fetched_from(Raw(wire, end="keep"), times=2) == ([b""] * 2, 1)
