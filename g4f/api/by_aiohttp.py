"""A request that came in on aiohttp's way, as those who answer it see it, and its way back."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.http_writer import StreamWriter

from g4f.api.body import check_crowd
from g4f.api.downstream import SLICE, Downstream, write_slices
from g4f.api.inbound import Handler
from g4f.api.keys import GATEWAY, LINE, STATE
from g4f.api.payload import read_body
from g4f.api.responses import response_of
from g4f.api.wire import SERVER
from g4f.dialects.multipart import is_form


def on_aiohttp(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The same handler for a route of aiohttp's."""

    async def handle(request: web.Request) -> web.StreamResponse:
        inbound = _FromAiohttp(request)
        whole = await handler(inbound)
        return inbound.response if whole is None else response_of(whole)

    return handle


class _FromAiohttp:
    def __init__(self, request: web.Request) -> None:
        self._request = request
        self.response = web.StreamResponse()
        self.line = request[LINE]
        self.state = request.app[STATE]
        self.gateway = request.app[GATEWAY]
        self.headers = request.headers
        self.variables = request.match_info
        self.announced = request.content_length or 0
        self.asked = None

    @property
    def transport(self) -> asyncio.WriteTransport | None:
        return self._request.transport

    def query(self, name: str) -> str | None:
        return self._request.query.get(name)

    async def body(self, *, forms: bool = False) -> bytes | bytearray:
        server = self.state.server
        with self.state.awaiting_body(self._request.content_length):
            body = await read_body(self._request, limit=server.max_body, within=server.body_timeout, forms=forms)
        if not is_form(self.headers.get(hdrs.CONTENT_TYPE, "")):
            check_crowd(body, server.max_objects, tokens=forms)
        return body

    def downstream(self, headers: dict[str, str], *, keepalive: float | None, comment: bytes) -> Downstream:
        return AiohttpDownstream(self._request, self.response, headers, keepalive=keepalive, comment=comment)


async def write_large(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send a whole answer in slices. Raises ConnectionError if the client left."""
    piecemeal = web.StreamResponse(status=response.status, headers=response.headers)
    body = bytes(response.body) if isinstance(response.body, bytes) else b""
    piecemeal.content_length = len(body)
    await write_slices(AiohttpDownstream(request, piecemeal, {}), body)
    return piecemeal


def is_large(response: web.Response) -> bool:
    """Whether a whole answer may not fit into its client's socket."""
    return isinstance(response.body, bytes) and len(response.body) > SLICE


class AiohttpDownstream(Downstream):
    """An answer that aiohttp writes."""

    __slots__ = ("_request", "_response", "_speaking")

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        headers: dict[str, str],
        *,
        keepalive: float | None = None,
        comment: bytes = b"",
    ) -> None:
        write_timeout = request.app[STATE].server.write_timeout
        super().__init__(headers, request[LINE], keepalive=keepalive, write_timeout=write_timeout, comment=comment)
        self._request = request
        self._response = response
        response.headers["Server"] = SERVER
        self._speaking: asyncio.Task[None] | None = None

    @property
    def started(self) -> bool:
        return self._response.prepared

    def write(self, wire: bytes | memoryview, framed: bytes | None = None, /) -> Awaitable[None] | None:
        self._touched = self._loop.time()
        self._writing = True
        return self._write(wire)

    async def _write(self, wire: bytes | memoryview) -> None:
        await self._prepared()
        await self._response.write(wire)
        self._writing = False

    async def end(self, wire: bytes = b"") -> None:
        self._touched = self._loop.time()
        self._writing = True
        await self._prepared()
        await self._response.write_eof(wire)

    async def _prepared(self) -> None:
        if not self._response.prepared:
            self._response.headers.update(self.headers)
            await self._response.prepare(self._request)

    def _say(self, comment: bytes) -> None:
        self._speaking = self._loop.create_task(self._speak(comment))

    async def _speak(self, comment: bytes) -> None:
        """Runs in one step, so it cannot come between the pieces of an event: nothing in here waits."""
        if self._writing or self._request.protocol.writing_paused:
            return
        try:
            self._response.headers.update({} if self._response.prepared else self.headers)
            writer = await self._response.prepare(self._request)
            if isinstance(writer, StreamWriter):
                await writer.write(comment, drain=False)
        except ConnectionError:
            pass  # the client left; the request is being cancelled

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
