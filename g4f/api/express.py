"""The short way through the server, for requests that are plain: one head, a body of known length, nothing unusual.

They are answered by the same handlers as on aiohttp's way, but nothing is made for them that an answer does not need:
no request or response of a framework, one task, and bytes that go straight to the connection. Whatever is not plain
takes the other way, and no client can tell which one it was.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from g4f.api.access import CLIENT_LEFT, new_line
from g4f.api.body import check_headers, too_large, too_slow
from g4f.api.downstream import SLICE, Downstream, write_slices
from g4f.api.errors import as_error, error_answer
from g4f.api.fronts import front_of
from g4f.api.gate import guarded
from g4f.api.head import Fields, Head
from g4f.api.inbound import Handler
from g4f.api.keys import ServerState
from g4f.api.responses import Whole
from g4f.api.wire import head_of
from g4f.dialects.face import Front
from g4f.errors import G4FError
from g4f.gateway.gateway import Gateway

if TYPE_CHECKING:
    from g4f.api.protocol import Connection

_NONE: Mapping[str, str] = MappingProxyType({})


def is_plain(head: Head) -> bool:
    """Whether there is nothing about a request that only aiohttp's way knows."""
    fields = head.fields
    return (
        head.length is not None
        and fields.raw(b"expect") is None
        and fields.raw(b"upgrade") is None
        and head.version == "1.1"
    )


class Express:
    """One plain POST request: `Inbound` for its handler, and what its connection does with it."""

    __slots__ = (
        "_body", "_connection", "_handler", "_head", "_path", "_task", "_waiter", "answered", "closes",
        "gateway", "line", "state",
    )  # fmt: skip

    def __init__(
        self, connection: "Connection", head: Head, handler: Handler, gateway: Gateway, state: ServerState
    ) -> None:
        self.line = new_line()
        self.gateway = gateway
        self.state = state
        #: Nothing more is read or written for it.
        self.answered = False
        #: Nothing may follow its answer on the connection; known from the moment its head is written.
        self.closes = True
        self._connection = connection
        self._head = head
        self._path = head.target.decode("ascii")
        self._handler = handler
        self._body: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    # What the handlers see.

    @property
    def headers(self) -> Fields:
        return self._head.fields

    @property
    def variables(self) -> Mapping[str, str]:
        return _NONE

    @property
    def announced(self) -> int:
        return self._head.length or 0

    @property
    def transport(self) -> asyncio.Transport | None:
        transport = self._connection.transport
        return None if transport.is_closing() else transport

    @property
    def remote(self) -> str | None:
        """The client's address."""
        peer = self._connection.transport.get_extra_info("peername")
        return peer[0] if peer else None

    def query(self, _: str) -> str | None:
        return None  # the target of a plain request is the path of its route, and no more

    async def body(self, *, forms: bool = False) -> bytes:
        server = self.state.server
        check_headers(self._head.fields, forms=forms)
        if self.announced > server.max_body:
            raise too_large(server.max_body)
        if not self._head.ended:
            self._waiter = asyncio.get_running_loop().create_future()
            with self.state.awaiting_body(self.announced):
                try:
                    async with asyncio.timeout(server.body_timeout):
                        await self._waiter
                except TimeoutError:
                    raise too_slow(server.body_timeout) from None
        pieces, self._body = self._body, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def downstream(self, headers: dict[str, str], *, keepalive: float | None, comment: bytes) -> Downstream:
        headers["Transfer-Encoding"] = "chunked"
        return ExpressDownstream(self._connection, self, 200, headers, keepalive=keepalive, comment=comment)

    # What the connection does.

    def start(self) -> None:
        """Begin to answer, whether or not all of the body is there."""
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self.state.enter(self._task, self)

    def feed(self, data: bytes) -> None:
        """The next piece of the body."""
        if self.answered:
            return
        self._body.append(data)
        if self._head.ended and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def lost(self) -> None:
        """The client has left."""
        if self._task is not None:
            self._task.cancel()

    # The answer.

    def _front(self) -> Front:
        return front_of(self._path, self._head.fields)

    async def _serve(self) -> None:
        line, state = self.line, self.state
        status = CLIENT_LEFT
        try:
            outcome = await guarded(state, state.doorkeeper, self, line, self._handle)
            whole = error_answer(outcome, line, self._front()) if isinstance(outcome, G4FError) else outcome
            if whole is not None:
                await self._write(whole)
            status = line.status or (200 if whole is None else whole.status)
        except ConnectionError:
            pass  # the client left while it was written to
        except Exception as error:  # noqa: BLE001 - as in the gate: a bug in writing is one connection's end
            status = as_error(error, line).status
        finally:
            self.answered = True
            assert self._task is not None  # noqa: S101 - this is it
            state.leave(self._task)
            line.close("POST", self._path, status)
            state.journal.add(line)
            self._connection.express_answered(close=self.closes)

    async def _handle(self) -> Whole | None:
        return await self._handler(self)

    async def _write(self, whole: Whole) -> None:
        headers, body = whole.headers, whole.body
        headers["Content-Length"] = str(len(body))
        if "x-request-id" not in headers:
            headers |= self.line.headers(self.gateway.snapshot.generation)
        if len(body) <= SLICE:
            self._connection.transport.write(self.head(whole.status, headers, close=whole.close) + body)
            if not self._connection.writing_paused:
                return
            body = b""  # what is left to do is to wait for the client, and not for ever
        await write_slices(ExpressDownstream(self._connection, self, whole.status, headers, close=whole.close), body)

    def head(self, status: int, headers: Mapping[str, str], *, close: bool) -> bytes:
        """The head of the answer, which says whether another request may follow."""
        self.closes = close or self.state.draining or not self._head.keep_alive
        return head_of(status, headers, close=self.closes)


class ExpressDownstream(Downstream):
    """An answer in pieces on the short way, in chunks unless its headers have a length."""

    __slots__ = ("_chunked", "_close", "_connection", "_express", "_started", "_status")

    def __init__(
        self,
        connection: "Connection",
        express: Express,
        status: int,
        headers: dict[str, str],
        *,
        keepalive: float | None = None,
        comment: bytes = b"",
        close: bool = False,
    ) -> None:
        write_timeout = express.state.server.write_timeout
        super().__init__(headers, express.line, keepalive=keepalive, write_timeout=write_timeout, comment=comment)
        self._connection = connection
        self._express = express
        self._status = status
        self._close = close
        self._chunked = "Content-Length" not in headers
        self._started = False

    @property
    def started(self) -> bool:
        return self._started

    def write(self, wire: bytes | memoryview) -> Awaitable[None] | None:
        self._touched = self._loop.time()
        connection = self._connection
        if connection.gone:
            raise ConnectionResetError
        framed = b"%x\r\n%b\r\n" % (len(wire), wire) if self._chunked else wire  # type: ignore[str-format]
        connection.transport.write(framed if self._started else self._head() + framed)
        return self._room() if connection.writing_paused else None

    async def end(self, wire: bytes = b"") -> None:
        self._touched = self._loop.time()
        if self._connection.gone:
            raise ConnectionResetError
        framed = wire
        if self._chunked:
            framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(wire), wire) if wire else b"0\r\n\r\n"
        if not self._started:
            framed = self._head() + framed
        if framed:
            self._connection.transport.write(framed)
        if self._connection.writing_paused:
            await self._room()

    def _head(self) -> bytes:
        self._started = True
        return self._express.head(self._status, self.headers, close=self._close)

    async def _room(self) -> None:
        self._writing = True
        await self._connection.room()
        self._writing = False

    def _say(self, comment: bytes) -> None:
        if not self._connection.writing_paused and not self._connection.gone:
            self.write(comment)

    def abort(self) -> None:
        self._connection.transport.abort()
