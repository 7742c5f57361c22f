"""Read a request's body on aiohttp's way: bounded in size before it is read, bounded in time while it is."""

import asyncio

from aiohttp import HttpVersion11, hdrs, web

from g4f.api.body import check_headers, too_large, too_slow
from g4f.errors import RequestError


async def say_nothing_yet(_: web.Request) -> None:
    """aiohttp's hook for `Expect: 100-continue`: only `read_body` asks for the body, so a refused one is never sent."""


async def read_body(request: web.Request, *, limit: int, within: float, forms: bool = False) -> bytes | bytearray:
    """The body, up to `limit` bytes, if it comes within `within` seconds.

    Raises RequestError: 415 for a type other than JSON (and, with `forms`, a form with files) and for a compressed
    body, 413 for a body that is too large, all without reading it where its headers say so; 408 for one that is too
    slow, 417 for an expectation other than 100-continue, 400 for broken chunks.
    """
    check_headers(request.headers, forms=forms)
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    content = request.content
    if content.is_eof() and content.exception() is None:
        body: bytes | bytearray = content.read_nowait()
    else:
        body = await _arriving(request, limit, within)
    if len(body) > limit:
        raise too_large(limit)
    return body


async def _arriving(request: web.Request, limit: int, within: float) -> bytearray:
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            if hdrs.EXPECT in request.headers and request.version >= HttpVersion11:
                await _continue(request)
            while len(body) <= limit and (chunk := await request.content.readany()):
                body += chunk
    except TimeoutError:
        raise too_slow(within) from None
    except web.RequestPayloadError:
        raise RequestError("The body's chunks are broken.", code="invalid_body") from None
    return body


async def _continue(request: web.Request) -> None:
    """Ask for a body that the client holds back (RFC 9110, 10.1.1)."""
    if request.headers[hdrs.EXPECT].lower() != "100-continue":
        raise RequestError("Only `Expect: 100-continue` can be met.", status=417, code="expectation_failed")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
