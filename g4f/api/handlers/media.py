"""GET and HEAD /media/{filename}: files that were made for clients, whole or in part.

Nothing here executes or shows what a client may not expect: what is not known to be an image, audio or video is a
download, and every answer says that its type is not to be guessed and that nothing in it may run.
"""

import asyncio
import re

from aiohttp import hdrs, web

from g4f.api.by_aiohttp import AiohttpDownstream
from g4f.api.keys import GATEWAY, LINE
from g4f.api.responses import error_response
from g4f.errors import RequestError
from g4f.state.media import Stored

#: Bytes that are read at a time.
PIECE = 256 << 10
#: One range of bytes (RFC 9110, 14.1.2); several are answered as if none had been asked for.
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.ASCII)
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Accept-Ranges": "bytes",
}


async def get_media(request: web.Request) -> web.StreamResponse:
    """One file. What is not there, not a file, too old or not a name of ours is not found, all in the same words."""
    store = request.app[GATEWAY].media
    stored = await asyncio.to_thread(store.open, request.match_info["filename"])
    if stored is None:
        raise RequestError("There is no such file, or its time is up.", status=404, code="file_not_found")
    try:
        return await _answer(request, stored)
    finally:
        stored.close()


async def _answer(request: web.Request, stored: Stored) -> web.StreamResponse:
    headers = {
        **_SAFE,
        hdrs.CONTENT_TYPE: stored.media_type,
        hdrs.ETAG: stored.etag,
        hdrs.CACHE_CONTROL: f"private, max-age={int(stored.left)}, immutable",
    }
    if stored.media_type == "application/octet-stream":
        headers[hdrs.CONTENT_DISPOSITION] = "attachment"
    if stored.etag in _tags(request.headers.get(hdrs.IF_NONE_MATCH, "")):
        return web.Response(status=304, headers={n: v for n, v in headers.items() if n != hdrs.CONTENT_TYPE})
    wanted = _wanted(request, stored)
    if wanted is None:
        return _unsatisfiable(request, stored)
    start, end = wanted
    partial = (start, end) != (0, stored.size)
    if partial:
        headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{stored.size}"
    response = web.StreamResponse(status=206 if partial else 200, headers=headers)
    response.content_length = end - start
    if request.method == hdrs.METH_HEAD:
        return response
    response.headers.update(request[LINE].headers(request.app[GATEWAY].snapshot.generation))
    await _write(request, response, stored, start, end)
    return response


async def _write(request: web.Request, response: web.StreamResponse, stored: Stored, start: int, end: int) -> None:
    with AiohttpDownstream(request, response, {}) as downstream:
        while start < end:
            piece = await asyncio.to_thread(stored.read, start, min(PIECE, end - start))
            if not piece:
                downstream.abort()  # it became shorter: what was announced cannot be kept
                return
            room = downstream.write(piece)
            if room is not None:
                await room
            start += len(piece)
        await downstream.end()


def _wanted(request: web.Request, stored: Stored) -> tuple[int, int] | None:
    """From where to where (exclusive); None where nothing of the file is asked for."""
    size = stored.size
    match = _RANGE.fullmatch(request.headers.get(hdrs.RANGE, ""))
    condition = request.headers.get(hdrs.IF_RANGE)
    if match is None or match[0].strip() == "bytes=-" or (condition is not None and condition != stored.etag):
        return 0, size
    first, last = match[1], match[2]
    if not first:
        length = min(int(last), size)
        return (size - length, size) if length else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start and int(last) < size:
        return 0, size  # no range at all (RFC 9110, 14.1.1): ignored
    return (start, end) if start < size else None


def _unsatisfiable(request: web.Request, stored: Stored) -> web.Response:
    message = f"The file has {stored.size} bytes; nothing of it is in that range."
    response = error_response(RequestError(message, status=416, code="range_not_satisfiable", param="Range"), request)
    response.headers[hdrs.CONTENT_RANGE] = f"bytes */{stored.size}"
    return response


def _tags(written: str) -> set[str]:
    """The tags of If-None-Match, compared weakly (RFC 9110, 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in written.split(",")}
