"""One connection to an upstream: HTTP/1.1 on llhttp, which is strict about framing, and nothing that is not used.

It carries one request at a time, and another one only after its reply has ended well. Whoever reads a reply either
waits for its pieces or has them handed on as they come, in the very step of the loop in which they came.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import cast

import httptools
from multidict import CIMultiDict

from g4f.exchange.failure import AttemptFailed
from g4f.providers.breakage import BrokenReply, not_http
from g4f.providers.chunks import CRLF, FLOOD, ends_chunk, size_lines
from g4f.providers.reply import Take
from g4f.providers.route import MAX_HEADERS

#: Bytes of a body that wait to be read before the upstream is made to wait.
HIGH_WATER = 256 << 10
_NOTHING = memoryview(b"")
_TOO_MUCH = "The reply's headers are too large."
#: A request body up to this size goes out in one piece with its head.
ONE_WRITE = 1 << 20


class Connection(asyncio.Protocol):
    """One connection. `reply_begun` tells a connection that was closed while idle from one that failed its request."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self.used = False
        self.idle_since = 0.0
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._told: Callable[[], None] | None = None
        self._take: Take | None = None
        self._taken = True
        self._raised: Exception | None = None
        # It is kept for the next reply: that begins only where this one ended well.
        self._parser = httptools.HttpResponseParser(self)
        self._chunked = False
        self._begin(whole=False)

    def _begin(self, *, whole: bool) -> None:
        self._whole = whole
        #: Names and values in turn, as they came.
        self._fields: list[bytes] = []
        #: The fields by names in lower case; of one that is repeated, its first value.
        self.first: dict[bytes, bytes] = {}
        self._overhead = 0
        self._large = False
        self._waiting_bytes = 0
        self._paused = False
        #: What came at once and is still to be looked at; nothing more is read meanwhile.
        self._held: memoryview = _NOTHING
        self._until_eof = False
        #: The next byte begins a chunk, and the parser knows it.
        self._between_chunks = False
        self.failure: AttemptFailed | None = None
        self.reply_begun = False
        self.status = 0
        self.complete = False
        self._keep_alive = False

    def request(self, head: bytes, body: bytes, *, whole: bool) -> None:
        """Send a request. The caller then waits for the status and reads; `whole` says that it will read all of a good
        reply before it does anything else, and so need not be woken for less."""
        if self.used or whole:
            self._begin(whole=whole)
        self.used = True
        if len(body) <= ONE_WRITE:
            self.transport.write(head + body)  # two writes would be two packets, which cost more than a copy
        else:
            self.transport.write(head)
            self.transport.write(body)

    def headers(self) -> Mapping[str, str]:
        """The reply's header fields, by names of any case."""
        pairs = zip(self._fields[::2], self._fields[1::2], strict=True)
        return CIMultiDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)

    def peek(self) -> bytes:
        """The body that waits to be read; it goes on waiting."""
        chunks = self._chunks
        if len(chunks) > 1:
            joined = b"".join(chunks)
            chunks.clear()
            chunks.append(joined)
        return chunks[0] if chunks else b""

    def drop(self) -> None:
        """Let go of the body that waits to be read."""
        self._chunks.clear()
        self._waiting_bytes = 0

    def rest(self) -> bytes:
        """The body of a reply that is complete, or what is left of it."""
        return self._waiting() if self._chunks else b""

    async def next_chunk(self) -> bytes:
        """The body that came in since the last call; empty at its end. Raises AttemptFailed."""
        while not self._chunks:
            if self.complete:
                return b""
            self.check()
            await self.news()
        return self._waiting()

    async def pour(self, take: Take) -> bool:
        """Hand on each piece of the body as it comes, until `take` says no (then False) or the body has ended.

        Raises AttemptFailed or BrokenReply, and what `take` raises.
        """
        while True:
            if self._chunks and not take(self._waiting()):
                return False
            if self.complete:
                return True
            self.check()
            self._take, self._taken = take, True
            try:
                await self.news()
            finally:
                self._take = None
            if self._raised is not None:
                error, self._raised = self._raised, None
                raise error
            if not self._taken:
                return False

    def _waiting(self) -> bytes:
        chunks = self._chunks
        data = chunks.pop()
        if chunks:
            data = b"".join([*chunks, data])
            chunks.clear()
        self._waiting_bytes = 0
        if self._paused:
            self._paused = False
            if self._held:
                self._loop.call_soon(self._read_on)
            elif not self.closed:
                self.transport.resume_reading()
        return data

    async def ended(self) -> None:
        """Wait for the end of the reply, whatever comes before it."""
        while not self.complete and not self.closed:
            await self.news()

    @property
    def reusable(self) -> bool:
        """Whether another request may go out here: the reply ended well, all of it was read, and it may stay open."""
        left = self._chunks or self._held
        return self._keep_alive and self.complete and not left and not self._paused and not self.closed

    @property
    def died_idle(self) -> bool:
        """Whether it was dead before its request came: nothing of a reply was seen, and nothing else is wrong."""
        return self.closed and not self.reply_begun and self.failure is None

    def abort(self) -> None:
        self.closed = True
        self.transport.abort()

    def check(self) -> None:
        """Raise what keeps the reply from going on: AttemptFailed, or BrokenReply where the connection ended."""
        if self.failure is not None:
            raise self.failure
        if self.closed:
            raise BrokenReply(begun=self.reply_begun)

    def news(self) -> "asyncio.Future[None]":
        """To be awaited for the next thing that happens here."""
        self._waiter = waiter = self._loop.create_future()
        return waiter

    def tell(self, told: Callable[[], None] | None) -> None:
        """Call `told`, once, where who waits for `news` would be woken; with None nobody is told."""
        self._told = told

    def _wake(self) -> None:
        if self._told is not None:
            told, self._told = self._told, None
            told()
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._between_chunks and self._take is not None:
            heads, start = size_lines(len(data))
            if data.startswith(heads) and data.endswith(CRLF):
                self._hand_on(self._take, data[start:-2], data)  # the parser would be where it is
                return
        if len(data) > FLOOD and not self._whole:
            self._held = memoryview(data)
            self.transport.pause_reading()
            self._read_on()
            return
        self._between_chunks = False
        if self.complete or self.failure is not None:
            self.abort()  # bytes that nobody asked for
            return
        self.reply_begun = True
        before = self._waiting_bytes
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(_TOO_MUCH if self._large else "The reply is not valid HTTP.")
        if self._waiting_bytes == before:
            self._overhead += len(data)
            if self._overhead > MAX_HEADERS and not self.complete:
                self._fail(_TOO_MUCH)
        else:
            self._overhead = 0
        if self._take is not None:
            self._hand_on_parsed(self._take, data)
        elif self._waiting_bytes > HIGH_WATER:
            if not self._paused and not self.closed:
                self._paused = True
                self.transport.pause_reading()
            self._wake()
        elif not self._whole or self._decided():
            self._wake()

    def _read_on(self) -> None:
        """Take the next of what came at once; then everybody else has a turn."""
        if self._paused or self.closed or self.transport.is_closing():
            return  # where it is paused, `_waiting` goes on
        held = self._held
        if not held:
            self.transport.resume_reading()
            return
        self._held = held[FLOOD:]
        self.data_received(bytes(held[:FLOOD]))
        self._loop.call_soon(self._read_on)

    def _decided(self) -> bool:
        """Whether there is something to tell who waits for a whole reply."""
        return self.complete or self.closed or self.status not in (0, 200)

    def _hand_on_parsed(self, take: Take, data: bytes) -> None:
        """Give away what was in a read; wake up who waits if that is all that can be done here."""
        if self._chunks:
            self._between_chunks = self._chunked and ends_chunk(data, self._chunks[-1])
            self._hand_on(take, self._waiting())
        if self._take is not None and (self.complete or self.closed):
            self._taken, self._take = True, None
            self._wake()

    def _hand_on(self, take: Take, piece: bytes, framed: bytes | None = None) -> None:
        """Give a piece away; wake up who waits if no more is wanted."""
        try:
            if take(piece, framed):
                return
        except Exception as error:  # noqa: BLE001 - raised again where the reader waits
            self._raised = error
        self._taken, self._take = False, None
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
        if not self.status:  # what comes after the body is nobody's business
            self._fields += (name, value)

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._fields.clear()  # an interim reply; the real one follows
            return
        if not status:
            raise ValueError("status 000")
        fields = self._fields
        self._large = sum(map(len, fields)) + 2 * len(fields) > MAX_HEADERS
        if self._large:
            raise ValueError(_TOO_MUCH)
        self.status = status
        self._overhead = 0
        # Backwards, so that of a field that is repeated the first one stands.
        self.first = first = dict(zip(map(bytes.lower, fields[-2::-2]), fields[-1::-2], strict=True))
        self._until_eof = b"content-length" not in first and b"transfer-encoding" not in first
        self._chunked = first.get(b"transfer-encoding") == b"chunked"

    def on_body(self, data: bytes) -> None:
        self._chunks.append(data)
        self._waiting_bytes += len(data)

    def on_message_complete(self) -> None:
        if self.status:
            self.complete = True
            self._keep_alive = self._parser.should_keep_alive()
