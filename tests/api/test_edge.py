"""What is no request, comes too slowly or is one connection too many is told so, and nothing else happens."""

import json
from contextlib import asynccontextmanager

import pytest

from tests.support.caller import chat
from tests.support.loops import turns
from tests.support.wire import PeerGoneError, Wire

FILE = """
server: {{{server}}}
limits: {{{limits}}}
models: {{demo: {{chain: [Demo]}}}}
"""
HOST = b"Host: localhost\r\n"
LIVEZ = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
BODY = json.dumps(chat("demo")).encode()
CHAT = b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


def file(server="", limits=""):
    return FILE.format(server=server, limits=limits)


@asynccontextmanager
async def dial(client):
    wire = await Wire.dial("127.0.0.1", client.port)
    try:
        yield wire
    finally:
        await wire.stop()


async def answer(wire):
    """Status, headers and body of the next answer that has a length."""
    head = (await wire.read_until(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), headers, await wire.read_exactly(int(headers["content-length"]))


async def closed(wire):
    """Wait for the end; returns what came before it."""
    rest = b""
    while piece := await wire.read_some():
        rest += piece
    return rest


REFUSED = {
    "no method": (b"NONSENSE\r\n\r\n", 400, "invalid_http"),
    "a method in lower case": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400, "invalid_http"),
    "another version": (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505, "http_version_not_supported"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid_http"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", 400, "invalid_http"),
    "lines that end in LF": (b"GET / HTTP/1.1\nHost: localhost\n\n", 400, "invalid_http"),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400, "invalid_http"),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400, "invalid_http"),
    "a host that is none": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "invalid_http"),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, "invalid_http"),
    "a folded line": (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n", 400, "invalid_http"),
    "a NUL": (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\x00\r\n\r\n", 400, "invalid_http"),
    "two lengths": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n" * 2 + b"\r\n", 400, "invalid_http"),
    "a length that is none": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\n", 400, "invalid_http"),
    "a length and chunks": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
        "invalid_http",
    ),
    "another encoding": (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n", 400, "invalid_http"),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "invalid_http"),
    "a tunnel": (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 400, "invalid_http"),
    "a long target": (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "target_too_long"),
    "a long field": (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 17_000 + b"\r\n\r\n", 431, "headers_too_large"),
    "many fields": (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 200 + b"\r\n", 431, "headers_too_large"),
    "a long head": (b"GET / HTTP/1.1\r\n" + HOST + (b"A: " + b"a" * 9000 + b"\r\n") * 9, 431, "headers_too_large"),
}


@pytest.mark.parametrize(("sent", "status", "code"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("piece", [None, 1], ids=["at once", "byte by byte"])
async def test_what_is_no_request_is_refused_in_our_form_and_the_connection_ends(serve, sent, status, code, piece):
    client = await serve(file())
    async with dial(client) as wire:
        try:
            for begin in range(0, len(sent), piece or len(sent)):
                await wire.write(sent[begin : begin + (piece or len(sent))])
        except PeerGoneError:
            pass  # it has heard enough
        told, headers, body = await answer(wire)
        error = json.loads(body)["error"]
        assert (told, error["code"], set(error)) == (status, code, {"message", "type", "param", "code"})
        assert headers["x-request-id"].startswith("req_")
        assert (headers["connection"], headers["content-type"]) == ("close", "application/json")
        assert await closed(wire) == b""


async def test_a_refusal_is_one_line_in_the_log(serve, capfd):
    client = await serve(file())
    async with dial(client) as wire:
        await wire.write(b"NONSENSE secret-in-the-request\r\n\r\n")
        _, headers, body = await answer(wire)
    assert b"secret" not in body
    assert "secret" not in capfd.readouterr().err
    assert headers["x-request-id"]


async def test_requests_before_a_bad_one_are_answered_first(serve):
    client = await serve(file())
    async with dial(client) as wire:
        await wire.write(CHAT + LIVEZ + b"NONSENSE\r\n\r\n" + LIVEZ)
        assert [(await answer(wire))[0] for _ in range(3)] == [200, 200, 400]
        assert await closed(wire) == b""


async def test_what_follows_a_body_is_the_next_request_wherever_the_bytes_are_cut(serve):
    client = await serve(file())
    chunked = b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    chunked += b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\nA: b\r\n\r\n" % (4, BODY[:4], len(BODY) - 4, BODY[4:])
    sent = CHAT + chunked + LIVEZ + CHAT
    for size in (len(sent), 1, 7, 64):
        async with dial(client) as wire:
            await wire.write(*[sent[begin : begin + size] for begin in range(0, len(sent), size)])
            assert [(await answer(wire))[0] for _ in range(4)] == [200] * 4


async def test_chunks_that_are_none_are_refused_and_nothing_behind_them_is_a_request(serve):
    client = await serve(file())
    async with dial(client) as wire:
        head = b"POST /v1/chat/completions HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        await wire.write(head + b"zz\r\n" + LIVEZ)
        assert (await answer(wire))[0] == 400
        assert await closed(wire) == b""


async def test_a_head_that_comes_too_slowly_is_408(serve):
    client = await serve(file("header_timeout: 100ms"))
    async with dial(client) as wire:
        await wire.write(LIVEZ[:20])
        status, _, body = await answer(wire)
        assert (status, json.loads(body)["error"]["code"]) == (408, "header_timeout")
        assert await closed(wire) == b""


async def test_bytes_that_drip_do_not_buy_time(serve):
    client = await serve(file("header_timeout: 150ms"))
    async with dial(client) as wire:
        with pytest.raises(PeerGoneError):
            for byte in LIVEZ[:-2] + b"A: b\r\n" * 1000:
                await wire.write(bytes([byte]))
                await turns(50)
                if wire._buffer:
                    raise PeerGoneError
        assert (await answer(wire))[0] == 408


async def test_a_connection_on_which_nothing_comes_is_closed_without_a_word(serve):
    client = await serve(file("header_timeout: 100ms"))
    async with dial(client) as wire:
        assert await closed(wire) == b""


async def test_a_kept_connection_may_be_idle_for_longer_than_a_head_may_take(serve):
    client = await serve(file("header_timeout: 50ms"))
    async with dial(client) as idle, dial(client) as other:
        await idle.write(LIVEZ)
        assert (await answer(idle))[0] == 200
        assert await closed(other) == b""  # which takes as long as the idle one may not be closed after
        await idle.write(LIVEZ)
        assert (await answer(idle))[0] == 200


async def test_a_connection_over_the_limit_gets_503_and_room_is_made_by_one_that_leaves(serve):
    client = await serve(file(limits="connections: 2"))
    async with dial(client) as first:
        async with dial(client) as second:
            for wire in (first, second):
                await wire.write(LIVEZ)
                assert (await answer(wire))[0] == 200
            async with dial(client) as third:
                status, headers, body = await answer(third)
                assert (status, json.loads(body)["error"]["code"]) == (503, "overloaded")
                assert headers["retry-after"] == "1"
                await closed(third)
        edge = client.server.edge
        while len(edge.open) > 1:
            await turns()
        async with dial(client) as fourth:
            await fourth.write(LIVEZ)
            assert (await answer(fourth))[0] == 200


async def test_a_request_to_upgrade_is_a_request_like_others(serve):
    client = await serve(file())
    async with dial(client) as wire:
        await wire.write(
            LIVEZ[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
        )
        assert (await answer(wire))[0] == 200
        await wire.write(LIVEZ)
        assert (await answer(wire))[0] == 200
