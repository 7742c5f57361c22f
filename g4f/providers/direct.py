"""Connections to upstreams that are reached directly: HTTP/1.1 over TCP or TLS, and little else.

The general client spends most of its time on what this program does not use (cookies, redirects, middlewares,
tracing, sessions), on every request. This one writes prepared bytes and reads with llhttp, which is strict about
framing. A connection carries one request at a time and is used again only after its reply has ended well.
"""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
from multidict import CIMultiDict

from g4f.exchange.failure import AttemptFailed
from g4f.providers.breakage import BrokenReply, failure_of, not_http
from g4f.providers.reply import Reply
from g4f.providers.route import KEEP_ALIVE, MAX_CONNECTIONS, MAX_HEADERS, SETTLE, Prepared

#: Bytes of a body that wait to be read before the upstream is made to wait.
HIGH_WATER = 256 << 10
_TOO_MUCH = "The reply's headers are too large."
#: A request body up to this size goes out in one piece with its head.
ONE_WRITE = 64 << 10


class _Connection(asyncio.Protocol):
    """One connection. `reply_begun` tells a connection that was closed while idle from one that failed its request."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.used = False
        self.idle_since = 0.0
        self.closed = False
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._fields: list[tuple[bytes, bytes]] = []
        self._overhead = 0
        self._field_bytes = 0
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._until_eof = False
        self.failure: AttemptFailed | None = None
        self.reply_begun = False
        self.status = 0
        self.complete = False
        self._keep_alive = False

    def request(self, head: bytes, body: bytes) -> None:
        """Send a request. The caller then waits for the status and reads."""
        if self.used:
            self._begin()
        self.used = True
        if len(body) <= ONE_WRITE:
            self.transport.write(head + body)
        else:
            self.transport.write(head)
            self.transport.write(body)

    async def headers(self) -> CIMultiDict[str]:
        """Wait for the head of the reply. Raises AttemptFailed, or BrokenReply if the connection was dead before."""
        while not self.status:
            self._check()
            await self._wait()
        return CIMultiDict((n.decode("latin-1"), v.decode("latin-1")) for n, v in self._fields)

    async def next_chunk(self) -> bytes:
        """The body that came in since the last call; empty at its end. Raises AttemptFailed."""
        while not self._chunks:
            if self.complete:
                return b""
            self._check()
            await self._wait()
        data = self._chunks.popleft() if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._waiting_bytes = 0
        if self._paused:
            self._paused = False
            if not self.closed:
                self.transport.resume_reading()
        return data

    async def ended(self) -> None:
        """Wait for the end of the reply, whatever comes before it."""
        while not self.complete and not self.closed:
            await self._wait()

    @property
    def reusable(self) -> bool:
        """Whether another request may go out here: the reply ended well, all of it was read, and it may stay open."""
        return self._keep_alive and self.complete and not self._chunks and not self._paused and not self.closed

    def abort(self) -> None:
        self.closed = True
        self.transport.abort()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure
        if self.closed:
            raise BrokenReply(begun=self.reply_begun)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.complete or self.failure is not None:
            self.abort()  # bytes that nobody asked for
            return
        self.reply_begun = True
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(_TOO_MUCH if self._field_bytes > MAX_HEADERS else "The reply is not valid HTTP.")
        if self._overhead > MAX_HEADERS and not self.complete:
            self._fail(_TOO_MUCH)
        if self._waiting_bytes > HIGH_WATER and not self._paused and not self.closed:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        if self._until_eof and self.failure is None:
            self.complete = True

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if error is None and self._until_eof and self.failure is None:
            self.complete = True
        self._wake()

    def _fail(self, message: str) -> None:
        if self.failure is None:
            self.failure = AttemptFailed(not_http(message))
        self.abort()

    # What httptools calls.

    def on_message_begin(self) -> None:
        if self.complete:
            raise ValueError("a second reply")  # it ends the parsing: nothing of it may be taken for the first one's

    def on_header(self, name: bytes, value: bytes) -> None:
        self._field_bytes += len(name) + len(value) + 4
        if self._field_bytes > MAX_HEADERS:
            raise ValueError(_TOO_MUCH)
        if not self.status:  # what comes after the body is nobody's business
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._fields.clear()  # an interim reply; the real one follows
            return
        if not status:
            raise ValueError("status 000")
        self.status = status
        self._overhead = 0
        self._field_bytes = 0
        names = {name.lower() for name, _ in self._fields}
        self._until_eof = b"content-length" not in names and b"transfer-encoding" not in names

    def on_body(self, data: bytes) -> None:
        self._chunks.append(data)
        self._waiting_bytes += len(data)
        self._overhead = 0

    def on_message_complete(self) -> None:
        if self.status:
            self.complete = True
            self._keep_alive = self._parser.should_keep_alive()


class DirectPool:
    """The connections to one origin: `limit` at a time, of which idle ones are kept for `keep_alive` seconds."""

    def __init__(
        self,
        origin: str,
        *,
        limit: int = MAX_CONNECTIONS,
        keep_alive: float = KEEP_ALIVE,
        address: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`address` is connected to in place of what the origin's host resolves to; the certificate is the host's."""
        parts = urlsplit(origin)
        self._host = parts.hostname or ""
        self._address = address or self._host
        self._tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._idle: deque[_Connection] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limit = limit
        self._keep_alive = keep_alive
        self._slots = asyncio.Semaphore(limit)
        self._context = context
        self._sweep: asyncio.TimerHandle | None = None
        self.users = 0
        self.busy = 0

    def prepare(self, method: str, url: str, headers: Mapping[str, str]) -> Prepared:
        """A request whose bytes are made once: all but its length and its body."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fields = {"Host": parts.netloc, **headers}
        head = f"{method} {target} HTTP/1.1\r\n".encode("latin-1") + _lines(fields)
        return Prepared(method=method, url=url, headers=fields, head=head)

    async def send(
        self, prepared: Prepared, body: bytes | None, *, connect: float, extra: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request and wait for the headers of its reply. Raises AttemptFailed.

        A connection that the upstream closed while it lay idle is no failure: the request goes out again at once, on a
        fresh one.
        """
        head = prepared.head if not extra else prepared.head + _lines(extra)
        head += b"\r\n" if body is None else b"Content-Length: %d\r\n\r\n" % len(body)
        self._follow_loop()
        await self._slots.acquire()
        self.busy += 1
        try:
            connection = self._take_idle()
            if connection is not None:
                try:
                    return await self._exchange(connection, head, body or b"")
                except BrokenReply as broken:
                    if broken.begun:
                        raise
            return await self._exchange(await self._connect(connect), head, body or b"")
        except BaseException as error:
            self._release()
            if isinstance(error, BrokenReply):
                raise AttemptFailed(error.failure) from None
            raise

    async def _exchange(self, connection: _Connection, head: bytes, body: bytes) -> Reply:
        try:
            connection.request(head, body)
            headers = await connection.headers()
            return _DirectReply(self, connection, headers)
        except BaseException:
            connection.abort()
            raise

    def _take_idle(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and not connection.transport.is_closing():
                return connection
        return None

    async def _connect(self, limit: float) -> _Connection:
        assert self._loop is not None  # noqa: S101 - set by send
        if self._tls and self._context is None:
            self._context = ssl.create_default_context()
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        tls: dict[str, Any] = {"ssl": self._context, "server_hostname": self._host} if self._tls else {}
        try:
            async with asyncio.timeout(limit):
                _, connection = await self._loop.create_connection(_Connection, self._address, self._port, **tls)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise AttemptFailed(failure_of(error)) from None
        return connection

    def done(self, connection: _Connection) -> None:
        """A reply is done with its connection."""
        self._release()
        if connection.reusable and self.users > 0:
            assert self._loop is not None  # noqa: S101 - set by send
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
            if self._sweep is None:
                self._sweep = self._loop.call_later(self._keep_alive, self._close_old)
        else:
            connection.abort()

    def _release(self) -> None:
        self.busy -= 1
        self._slots.release()

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return len(self._idle)

    def _close_old(self) -> None:
        assert self._loop is not None  # noqa: S101 - set by send
        self._sweep = None
        oldest = self._loop.time() - self._keep_alive
        while self._idle and (self._idle[0].closed or self._idle[0].idle_since <= oldest):
            self._idle.popleft().abort()
        if self._idle:
            self._sweep = self._loop.call_at(self._idle[0].idle_since + self._keep_alive, self._close_old)

    def _follow_loop(self) -> None:
        """Connections live in the loop that made them; a program that starts another loop gets fresh ones."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._idle.clear()
            self._sweep = None
            self._slots = asyncio.Semaphore(self._limit)
            self.busy = 0

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self._idle:
            self._idle.pop().abort()


def _lines(fields: Mapping[str, str]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in fields.items()]).encode("latin-1")


class _DirectReply(Reply):
    def __init__(self, pool: DirectPool, connection: _Connection, headers: CIMultiDict[str]) -> None:
        super().__init__(connection.status, headers)
        self._pool = pool
        self._connection: _Connection | None = connection

    async def _next_raw(self) -> bytes:
        if self._connection is None:
            return b""
        try:
            chunk = await self._connection.next_chunk()
        except BrokenReply as broken:
            raise AttemptFailed(broken.failure) from None
        if not chunk:
            self.close()
        return chunk

    async def settle(self) -> None:
        if self._connection is not None and not self._connection.complete:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE):
                    await self._connection.ended()
        self.close()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._pool.done(connection)
