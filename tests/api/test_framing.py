"""What HTTP is let in: only what every server on the way reads alike."""

import pytest

from tests.support.caller import chat
from tests.support.wire import Wire

FILE = "models: {demo: {chain: [Demo]}}"
HEAD = "Host: localhost\r\n"


async def status_of(client, request, *, closed):
    wire = await Wire.dial("127.0.0.1", client.port)
    try:
        await wire.write(request.encode("latin-1"))
        head = await wire.read_until(b"\r\n\r\n")
        if closed:
            await wire.gone.wait()
        return int(head.split(b" ")[1])
    finally:
        await wire.stop()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"GET /livez2 HTTP/1.1\r\n{HEAD}\r\n", 404),
        (f"GET /v1/models HTTP/1.0\r\n{HEAD}\r\n", 200),
        (f"GET /v1/models HTTP/1.1\r\n{HEAD}\r\n", 200),
        (f"GET /v1/models HTTP/2.0\r\n{HEAD}\r\n", 505),
        (f"GET /v1/models HTTP/0.9\r\n{HEAD}\r\n", 505),
        (f"GET http://localhost/v1/models HTTP/1.1\r\n{HEAD}\r\n", 400),
        (f"GET http://evil.example/v1/models HTTP/1.1\r\n{HEAD}\r\n", 400),
        (f"GET /v1/mod\xe9ls HTTP/1.1\r\n{HEAD}\r\n", 400),
        (f"OPTIONS * HTTP/1.1\r\n{HEAD}\r\n", 404),
        (f"GET * HTTP/1.1\r\n{HEAD}\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\nHost: localhost/x\r\n\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\nHost: user@localhost\r\n\r\n", 400),
        (f"POST /v1/chat/completions HTTP/1.0\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (f"POST /v1/chat/completions HTTP/1.1\r\n{HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ],
)
async def test_odd_http_is_refused(serve, request_text, status):
    client = await serve(FILE)
    assert await status_of(client, request_text, closed=status not in (200, 404)) == status


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
async def test_an_offered_upgrade_is_declined_and_the_request_served(serve, protocol):
    """Java's client offers h2c with every first request (RFC 9110, 7.8: a server may ignore it)."""
    client = await serve(FILE)
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": protocol, "HTTP2-Settings": "AAMAAABk"}
    for _ in range(2):
        answer = await client.post("/v1/chat/completions", json=chat("demo"), headers=offer)
        assert answer.status == 200


BODY = '{"model":"demo","messages":[{"role":"user","content":"x"}]}'
CHUNKED = (
    f"POST /v1/chat/completions HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
WHOLE = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"


async def test_an_offered_upgrade_is_declined_for_a_body_in_chunks_too(serve):
    """As Java's client sends a body whose length it does not know."""
    client = await serve(FILE)
    offer = "Connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    assert await status_of(client, f"{CHUNKED}{offer}\r\n{WHOLE}", closed=False) == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("1\r\n \r\n" * 10_000 + WHOLE, 200),
        ("1\r\n \r\n" * 20_000 + WHOLE, 400),
        (f"{len(BODY):x};{'a' * 200_000}\r\n{BODY}\r\n0\r\n\r\n", 200),
        (f"{len(BODY):x};{'a' * 300_000}\r\n{BODY}\r\n0\r\n\r\n", 400),
        (f"{'0' * 300_000}{WHOLE}", 400),
        (f"{len(BODY):x}\r\n{BODY}\r\n0\r\nX: {'a' * 300_000}\r\n\r\n", 400),
    ],
    ids=["many chunks", "too many chunks", "an extension", "a long extension", "a long size", "a long trailer"],
)
async def test_what_is_around_the_chunks_of_a_body_is_bounded(serve, body, status):
    client = await serve(FILE)
    assert await status_of(client, f"{CHUNKED}\r\n{body}", closed=status != 200) == status
