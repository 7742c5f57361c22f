"""The client's end of an answer: written as fast as it reads, never silent for long, never waited for without end.

A write waits while the client reads too little, and with it the upstream: what is held for one client stays below
256 KiB and one event (64 KiB in the transport, 64 KiB that aiohttp writes before it waits). A write that waits longer
than `write_timeout` cuts the client, which cancels the request and its upstream call. The common answer costs one
timer that never fires, and no task.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

from g4f.api.access import Line

#: Bytes of a whole answer that are written at a time.
SLICE = 64 << 10


class Downstream(ABC):
    """Writes one response in pieces. `headers` may be added to until it has `started`.

    Inside its `with` a stream that is silent for `keepalive` seconds (None: ever) gets its headers, if they did not go
    out yet, and a `comment`. `end` is the last thing that may be called. The ways to write it are subclasses.
    """

    __slots__ = (
        "_comment",
        "_keepalive",
        "_line",
        "_loop",
        "_timer",
        "_touched",
        "_write_timeout",
        "_writing",
        "headers",
    )

    def __init__(
        self,
        headers: dict[str, str],
        line: Line,
        *,
        keepalive: float | None,
        write_timeout: float,
        comment: bytes = b"",
    ) -> None:
        self.headers = headers
        self._line = line
        self._keepalive = keepalive
        self._comment = comment
        self._write_timeout = write_timeout
        self._loop = asyncio.get_running_loop()
        self._writing = False
        self._touched = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    @property
    @abstractmethod
    def started(self) -> bool:
        """The status has gone out: what happens from now on can only be told inside the stream."""

    @abstractmethod
    def write(self, wire: bytes | memoryview, framed: bytes | None = None, /) -> Awaitable[None] | None:
        """Send a piece; `framed` is the same as a chunk of HTTP, where there is one already. What is returned has to be
        awaited: the client's room for more. Raises ConnectionError if the client left."""

    @abstractmethod
    async def end(self, wire: bytes = b"") -> None:
        """Send the last piece and wait until it is on its way. Raises ConnectionError if the client left."""

    @abstractmethod
    def _say(self, comment: bytes) -> None:
        """Send a comment between two pieces, and the headers before it, unless the client has no room for it."""

    @abstractmethod
    def abort(self) -> None:
        """Cut the client in the middle of the answer: it sees that it is not whole."""

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
            self._line.fields["reason"] = "write_timeout"
            self.abort()
        else:
            self._touched = self._loop.time()
            self._say(self._comment)
            self._arm(min(limit, self._write_timeout))


async def write_slices(downstream: Downstream, body: bytes) -> None:
    """Send a whole answer piece by piece, so that a slow client does not make us hold it twice, or for ever.

    Raises ConnectionError if the client left.
    """
    view = memoryview(body)
    with downstream:
        for start in range(0, len(view), SLICE):
            room = downstream.write(view[start : start + SLICE])
            if room is not None:
                await room
        await downstream.end()
