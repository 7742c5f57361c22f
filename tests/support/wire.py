"""One side of a TCP connection, bare enough to misbehave: what came in, what goes out, and when the peer left.

`gone` is set as soon as the peer closes or resets before we do, also while we are writing: that is how a test sees
a cancelled call. Nothing here knows HTTP.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Self, cast

MAX_HEAD = 64 << 10


class PeerGoneError(Exception):
    """The peer closed before what was waited for came."""


class Wire(asyncio.Protocol):
    """A connection. `serve` runs as a task for as long as the connection is open."""

    def __init__(self, serve: "Callable[[Wire], Awaitable[None]] | None" = None) -> None:
        self.gone = asyncio.Event()
        self._serve = serve
        self._buffer = bytearray()
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed_here = False
        self._lost = asyncio.Event()

    @property
    def is_open(self) -> bool:
        if self._transport is None:
            return True  # accepted, and about to be connected
        return not self.gone.is_set() and not self._transport.is_closing()

    @classmethod
    async def dial(cls, host: str, port: int) -> Self:
        """Connect to an address."""
        _, wire = await asyncio.get_running_loop().create_connection(cls, host, port)
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        if self._serve is not None:
            self._task = asyncio.get_running_loop().create_task(self._run(self._serve))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._news.set()

    def eof_received(self) -> bool:
        self._leave()
        return True  # we close when we are done, so that what the peer does not read is still written

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost.set()
        if self._closed_here:
            self._news.set()
            self._writable.set()
        else:
            self._leave()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def read_until(self, mark: bytes, limit: int = MAX_HEAD) -> bytes:
        """What comes up to and with `mark`. Raises PeerGoneError."""
        while (end := self._buffer.find(mark)) < 0:
            assert len(self._buffer) <= limit, f"no {mark!r} within {limit} bytes"
            await self._more()
        return self._take(end + len(mark))

    async def read_exactly(self, count: int) -> bytes:
        """The next `count` bytes. Raises PeerGoneError."""
        while len(self._buffer) < count:
            await self._more()
        return self._take(count)

    async def read_some(self) -> bytes:
        """Whatever came in; empty when the connection is closed."""
        if not self._buffer and self.is_open:
            self._news.clear()
            await self._news.wait()
        return self._take(len(self._buffer))

    async def write(self, *pieces: bytes) -> None:
        """Send each piece on its own; waits while the peer does not read. Raises PeerGoneError."""
        for piece in pieces:
            if self.gone.is_set():
                raise PeerGoneError
            self._open().write(piece)
            await self._writable.wait()

    def stop_reading(self) -> None:
        """Read nothing, until `go_on_reading`."""
        self._open().pause_reading()

    def go_on_reading(self) -> None:
        self._open().resume_reading()

    @property
    def unread(self) -> int:
        """Bytes that came in and were not asked for yet."""
        return len(self._buffer)

    def close(self) -> None:
        """Send what was written, then close."""
        self._closed_here = True
        self._open().close()

    def reset(self) -> None:
        """Close with an RST: the peer's read fails with ECONNRESET, and loses what it had not read yet."""
        self._closed_here = True
        linger_zero = struct.pack("ii", 1, 0)
        self._open().get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
        self._open().abort()

    async def stop(self) -> None:
        """End the serving task and close. Raises what went wrong in the task."""
        self._closed_here = True
        if self._transport is None:
            return  # accepted, and not connected yet, or its TLS handshake failed
        self._open().abort()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._lost.wait()
        if self._task is not None and not self._task.cancelled():
            self._task.result()

    async def _run(self, serve: "Callable[[Wire], Awaitable[None]]") -> None:
        try:
            await serve(self)
        except PeerGoneError:
            pass
        finally:
            self.close()

    async def _more(self) -> None:
        if not self.is_open:
            raise PeerGoneError
        self._news.clear()
        await self._news.wait()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _leave(self) -> None:
        self.gone.set()
        self._news.set()
        self._writable.set()

    def _open(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport


class Listener:
    """A listener on a free loopback port; `async with` closes it and every connection."""

    def __init__(self) -> None:
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._wires: list[Wire] = []

    async def serve(self, wire: Wire) -> None:
        """Speak on one connection. Returning closes it."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for wire in self._wires:
            await wire.stop()
        await self._server.wait_closed()

    @property
    def open_connections(self) -> int:
        return sum(wire.is_open for wire in self._wires)

    @property
    def connections(self) -> int:
        """How many were ever accepted."""
        return len(self._wires)

    def _accept(self) -> Wire:
        self._wires.append(Wire(self.serve))
        return self._wires[-1]


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def refused_url() -> str:
    """The base URL of an upstream whose port refuses connections."""
    return f"http://127.0.0.1:{free_port()}/v1"
