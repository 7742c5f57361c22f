"""Read a request's body: bounded in size before it is read, bounded in time while it is."""

import asyncio
from collections.abc import Mapping

from aiohttp import HttpVersion11, hdrs, web

from g4f.dialects.multipart import is_form
from g4f.errors import RequestError

_FORM = "application/x-www-form-urlencoded"
_UNSUPPORTED = "unsupported_media_type"


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


def check_headers(headers: Mapping[str, str], *, forms: bool = False) -> None:
    """JSON is what is read, whoever sends it; a type that a web page may send to any server is refused (CSRF).

    Raises RequestError, also for a body that is compressed.
    `curl -d` calls everything a form: that is taken from programs, which send no `Origin`. A form with files may come
    from a page of any origin, too, but such a page has no key, and where there are no keys its `Origin` is refused.
    """
    written = headers.get(hdrs.CONTENT_TYPE)
    if written is not None and written != "application/json":
        kind = written.partition(";")[0].strip().lower()
        by_curl = kind == _FORM and hdrs.ORIGIN not in headers
        if not (kind == "application/json" or kind.endswith("+json") or by_curl or (forms and is_form(kind))):
            wanted = "`Content-Type: application/json`" + (" or `multipart/form-data`" if forms else "")
            raise RequestError(f"Send the body as {wanted}.", status=415, code=_UNSUPPORTED)
    coding = headers.get(hdrs.CONTENT_ENCODING)
    if coding is not None and coding.strip().lower() not in ("", "identity"):
        raise RequestError("Send the body uncompressed, without Content-Encoding.", status=415, code=_UNSUPPORTED)


async def _continue(request: web.Request) -> None:
    """Ask for a body that the client holds back (RFC 9110, 10.1.1)."""
    if request.headers[hdrs.EXPECT].lower() != "100-continue":
        raise RequestError("Only `Expect: 100-continue` can be met.", status=417, code="expectation_failed")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def too_slow(within: float) -> RequestError:
    """For a body that took more than `within` seconds."""
    message = f"The body did not come within {within:g} s (server.body_timeout)."
    return RequestError(message, status=408, code="body_timeout")


def too_large(limit: int) -> RequestError:
    """For a body of more than `limit` bytes."""
    return RequestError(f"The body is over {limit} bytes (server.max_body).", status=413, code="body_too_large")
