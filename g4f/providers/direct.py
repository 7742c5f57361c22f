"""Connections to upstreams that are reached directly: HTTP/1.1 over TCP or TLS, and little else.

The general client spends most of its time on what this program does not use (cookies, redirects, middlewares,
tracing, sessions), on every request. This one writes prepared bytes and reads with llhttp, which is strict about
framing. A connection carries one request at a time and is used again only after its reply has ended well.
"""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from g4f.exchange.failure import AttemptFailed
from g4f.providers.breakage import BrokenReply, failure_of
from g4f.providers.connection import Connection
from g4f.providers.reply import MAX_BODY, Reply, Take
from g4f.providers.route import KEEP_ALIVE, MAX_CONNECTIONS, SETTLE, Prepared


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
        self._idle: deque[Connection] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._limit = limit
        self._keep_alive = keep_alive
        self._queue: deque[asyncio.Future[None]] = deque()
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
        self,
        prepared: Prepared,
        body: bytes | None,
        *,
        connect: float,
        extra: Mapping[str, str] | None = None,
        whole: bool = False,
        launched: Connection | None = None,
    ) -> Reply:
        """Send a request and wait for the headers of its reply, or for all of it. Raises AttemptFailed.

        A connection that the upstream closed while it lay idle is no failure: the request goes out again at once, on a
        fresh one. `launched` is the connection on which it was sent already.
        """
        head = prepared.head if not extra else prepared.head + _lines(extra)
        head += b"\r\n" if body is None else b"Content-Length: %d\r\n\r\n" % len(body)
        connection = launched
        if connection is None:
            self._follow_loop()
            if self.busy < self._limit:
                self.busy += 1
            else:
                await self._turn()
        try:
            if connection is None:
                connection = self._take_idle()
                if connection is not None:
                    connection.request(head, body or b"", whole=whole)
            if connection is not None:
                while not connection.status and not connection.died_idle:
                    connection.check()
                    await connection.news()
            if connection is None or connection.died_idle:
                connection = await self._connect(connect)
                connection.request(head, body or b"", whole=whole)
                while not connection.status:
                    connection.check()
                    await connection.news()
            return _DirectReply(self, connection)
        except BaseException as error:
            if connection is not None:
                connection.abort()
            self._release()
            if isinstance(error, BrokenReply):
                raise AttemptFailed(error.failure) from None
            raise

    def launch(self, prepared: Prepared, body: bytes, told: Callable[[], None]) -> Connection | None:
        """Send a request on an idle connection and return at once; `told` is called when there is something to see of
        its reply. None where there is no such connection, or no place for another request."""
        connection = self._take_idle() if self.busy < self._limit else None
        if connection is not None:
            self.busy += 1
            connection.tell(told)
            connection.request(b"%bContent-Length: %d\r\n\r\n" % (prepared.head, len(body)), body, whole=True)
        return connection

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and not connection.transport.is_closing():
                return connection
        return None

    async def _connect(self, limit: float) -> Connection:
        assert self._loop is not None  # noqa: S101 - set by send
        if self._tls and self._context is None:
            self._context = await asyncio.to_thread(_trusting, ssl.get_default_verify_paths())
        tls: dict[str, Any] = {"ssl": self._context, "server_hostname": self._host} if self._tls else {}
        try:
            async with asyncio.timeout(limit):
                _, connection = await self._loop.create_connection(Connection, self._address, self._port, **tls)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise AttemptFailed(failure_of(error)) from None
        return connection

    def done(self, connection: Connection) -> None:
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

    async def _turn(self) -> None:
        """Wait for a request to end; its place is handed over."""
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.busy -= 1

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
            self._queue.clear()
            self.busy = 0

    async def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        while self._idle:
            self._idle.pop().abort()


@lru_cache(maxsize=4)
def _trusting(_: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """TLS with the authorities of this system in these places: for all origins the same one, because reading the
    authorities takes tens of milliseconds and a megabyte."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _lines(fields: Mapping[str, str]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in fields.items()]).encode("latin-1")


class _DirectReply(Reply):
    def __init__(self, pool: DirectPool, connection: Connection) -> None:
        first = connection.first
        encoding = first.get(b"content-encoding")
        super().__init__(
            connection.status, first.get(b"content-type"), None if encoding is None else encoding.decode("latin-1")
        )
        self._pool = pool
        self._connection: Connection | None = connection
        self._fields = connection.headers

    @property
    def headers(self) -> Mapping[str, str]:
        return self._fields()

    async def read(self, limit: int = MAX_BODY, *, cut: bool = False) -> bytes:
        connection = self._connection
        if connection is None or not connection.complete or self._decoder is not None:
            return await super().read(limit, cut=cut)
        body = connection.rest()
        self.close()
        return self._within(body, limit, cut=cut)

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

    async def pour(self, take: Take) -> bool:
        if self._decoder is not None or self._connection is None:
            return await super().pour(take)
        try:
            ended = await self._connection.pour(take)
        except BrokenReply as broken:
            raise AttemptFailed(broken.failure) from None
        if ended:
            self.close()
        return ended

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
