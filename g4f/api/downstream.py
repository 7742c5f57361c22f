"""The client's end of an answer: written as fast as it reads, never silent for long, never waited for without end.

A write waits while the client reads too little, and with it the upstream: what is held for one client stays below
256 KiB and one event (64 KiB in the transport, 64 KiB that aiohttp writes before it waits). A write that waits longer
than `write_timeout` cuts the client, which cancels the request and its upstream call. The common answer costs one
timer that never fires, and no task.
"""

import asyncio
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.http_writer import StreamWriter

from g4f.api.access import LINE

#: Bytes of a whole answer that are written at a time.
SLICE = 64 << 10


class Downstream:
    """Writes one response. Inside its `with` a stream that is silent for `keepalive` seconds (None: ever) gets its
    headers, if they did not go out yet, and a `comment`. `end` is the last thing that may be called."""

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        *,
        keepalive: float | None,
        write_timeout: float,
        comment: bytes = b"",
    ) -> None:
        self.response = response
        self._request = request
        self._keepalive = keepalive
        self._silence = comment
        self._write_timeout = write_timeout
        self._loop = asyncio.get_running_loop()
        self._writing = False
        self._touched = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._comment: asyncio.Task[None] | None = None

    @property
    def started(self) -> bool:
        """The status has gone out: what happens from now on can only be told inside the stream."""
        return self.response.prepared

    async def write(self, wire: bytes | memoryview) -> None:
        """Send a piece, once the client has room for it. Raises ConnectionError if the client left."""
        self._touched = self._loop.time()
        self._writing = True
        if not self.response.prepared:
            await self.response.prepare(self._request)
        await self.response.write(wire)
        self._writing = False

    async def end(self, wire: bytes = b"") -> None:
        """Send the last piece and wait until it is on its way. Raises ConnectionError if the client left."""
        self._touched = self._loop.time()
        self._writing = True
        if not self.response.prepared:
            await self.response.prepare(self._request)
        await self.response.write_eof(wire)

    def __enter__(self) -> Self:
        self._arm(min(self._keepalive or self._write_timeout, self._write_timeout))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self, delay: float) -> None:
        self._timer = self._loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        waited = self._loop.time() - self._touched
        limit = self._write_timeout if self._writing else self._keepalive
        if limit is None:
            self._arm(self._write_timeout)
        elif waited < limit:
            self._arm(limit - waited)
        elif self._writing:
            self._cut()
        else:
            self._touched = self._loop.time()
            self._comment = self._loop.create_task(self._write_comment())
            self._arm(min(limit, self._write_timeout))

    def _cut(self) -> None:
        self._request[LINE].fields["reason"] = "write_timeout"
        transport = self._request.transport
        if transport is not None:
            transport.abort()

    async def _write_comment(self) -> None:
        """Runs in one step, so it cannot come between the pieces of an event: nothing in here waits."""
        if self._writing or self._request.protocol.writing_paused:
            return
        try:
            writer = await self.response.prepare(self._request)
            if isinstance(writer, StreamWriter):
                await writer.write(self._silence, drain=False)
        except ConnectionError:
            pass  # the client left; the request is being cancelled


async def write_large(request: web.Request, response: web.Response, *, write_timeout: float) -> web.StreamResponse:
    """Send a whole answer piece by piece, so that a slow client does not make us hold it twice, or for ever.

    Raises ConnectionError if the client left.
    """
    body = memoryview(response.body or b"")  # type: ignore[arg-type]
    piecemeal = web.StreamResponse(status=response.status, headers=response.headers)
    piecemeal.content_length = len(body)
    with Downstream(request, piecemeal, keepalive=None, write_timeout=write_timeout) as downstream:
        for start in range(0, len(body), SLICE):
            await downstream.write(body[start : start + SLICE])
        await downstream.end()
    return piecemeal


def is_large(response: web.Response) -> bool:
    """Whether a whole answer may not fit into its client's socket."""
    return isinstance(response.body, bytes) and len(response.body) > SLICE
