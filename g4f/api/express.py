"""The short way through the server, for requests that are plain: one head, a body of known length, nothing unusual.

They are answered by the same handlers as on aiohttp's way, but nothing is made for them that an answer does not need:
no request or response of a framework, one task, and bytes that go straight to the connection. Whatever is not plain
takes the other way, and no client can tell which one it was.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from g4f.api.access import CLIENT_LEFT, new_line
from g4f.api.arriving import Arriving
from g4f.api.auth import Caller, Doorkeeper
from g4f.api.body import check_crowd, check_headers, too_large, too_slow
from g4f.api.downstream import SLICE, Downstream, write_slices
from g4f.api.errors import as_error, error_answer
from g4f.api.fronts import front_of
from g4f.api.gate import told_of
from g4f.api.head import Fields
from g4f.api.plain import Plain
from g4f.api.state import ServerState
from g4f.api.taskless import Taskless
from g4f.api.whole import Whole
from g4f.api.wire import head_of
from g4f.exchange.request import Request
from g4f.gateway.gateway import Gateway

if TYPE_CHECKING:
    from g4f.api.protocol import Connection

_NONE: Mapping[str, str] = MappingProxyType({})


class Express:
    """One plain POST request: `Inbound` for its handler, and what its connection does with it."""

    __slots__ = (
        "_arriving",
        "_body",
        "_task",
        "_taskless",
        "_waiter",
        "announced",
        "answered",
        "asked",
        "closes",
        "connection",
        "gateway",
        "line",
        "missing",
        "plain",
        "state",
    )

    variables = _NONE

    def __init__(
        self,
        connection: "Connection",
        plain: Plain,
        length: int,
        body: bytes,
        gateway: Gateway,
        state: ServerState,
    ) -> None:
        """`length` is that of the whole body, `body` what is there of it; the rest is to be fed."""
        self.line = new_line()
        self.gateway = gateway
        self.state = state
        self.announced = length
        #: Nothing more is read or written for it.
        self.answered = False
        #: Nothing may follow its answer on the connection; known from the moment its head is written.
        self.closes = True
        self.connection = connection
        self.plain = plain
        self._body = [body]
        #: Bytes of the body that are still to come.
        self.missing = length - len(body)
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._taskless: Taskless | None = None
        self._arriving: Arriving | None = None
        #: What it asks for, once that was read.
        self.asked: Request | None = None

    # What the handlers see.

    @property
    def headers(self) -> Fields:
        return self.plain.fields

    @property
    def transport(self) -> asyncio.Transport | None:
        transport = self.connection.transport
        return None if transport.is_closing() else transport

    @property
    def remote(self) -> str | None:
        """The client's address."""
        peer = self.connection.transport.get_extra_info("peername")
        return peer[0] if peer else None

    def query(self, _: str) -> str | None:
        return None  # the target of a plain request is the path of its route, and no more

    async def body(self, *, forms: bool = False) -> bytes:
        server = self.state.server
        if not self.plain.is_json:
            check_headers(self.plain.fields, forms=forms)
            self.plain.is_json = not forms
        if self.announced > server.max_body:
            raise too_large(server.max_body)
        if self.missing:
            self._waiter = asyncio.get_running_loop().create_future()
            with self.state.awaiting_body(self.announced):
                try:
                    async with asyncio.timeout(server.body_timeout):
                        await self._waiter
                except TimeoutError:
                    raise too_slow(server.body_timeout) from None
        body = self._joined()
        self._body.clear()
        check_crowd(body, server.max_objects)
        return body

    def downstream(self, headers: dict[str, str], *, keepalive: float | None, comment: bytes) -> Downstream:
        headers["Transfer-Encoding"] = "chunked"
        return ExpressDownstream(self.connection, self, 200, headers, keepalive=keepalive, comment=comment)

    # What the connection does.

    def start(self) -> None:
        """Begin to answer, whether or not all of the body is there."""
        if self.missing:
            self._arriving = Arriving.begin(self)
        else:
            self._taskless = Taskless.begin(self, self._joined())
        if self._taskless is None and self._arriving is None:
            self.go_on(self.asking())

    def go_on(self, answering: Coroutine[Any, Any, Whole | None]) -> None:
        """Let a task answer, with what `answering` comes to."""
        self._taskless = self._arriving = None
        self._task = task = self.connection.loop.create_task(self._serve(answering))
        self.state.enter(task, self)

    def feed(self, data: bytes) -> None:
        """The next piece of the body."""
        if self.answered:
            return
        self._body.append(data)
        self.missing -= len(data)
        if self.missing:
            return
        if self._arriving is not None:
            arriving, self._arriving = self._arriving, None
            self.start()
            arriving.leave()  # only now: a server on its way out ends when nothing is open
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _joined(self) -> bytes:
        """What there is of the body, in one piece."""
        pieces = self._body
        if len(pieces) > 1:
            pieces[:] = [b"".join(pieces)]
        return pieces[0]

    def lost(self) -> None:
        """The client has left."""
        if self._arriving is not None:
            self._arriving.lost()
        elif self._taskless is not None:
            self._taskless.lost()
        elif self._task is not None:
            self._task.cancel()

    # The answer.

    async def asking(self) -> Whole | None:
        """The answer of its handler, if its caller may come in."""
        self.line.caller = self._caller(self.state.doorkeeper)
        self.state.check_load()
        return await self.plain.handler(self)

    async def _serve(self, answering: Coroutine[Any, Any, Whole | None]) -> None:
        line, state, plain = self.line, self.state, self.plain
        status = CLIENT_LEFT
        try:
            try:
                whole = await answering
            except BaseException as error:  # noqa: BLE001 - it is raised again where nobody is left to be told
                told = told_of(error, state, self, line)
                whole = error_answer(told, line, front_of(plain.path, plain.fields))
            if whole is not None:
                await self._write(whole)
            status = line.status or (200 if whole is None else whole.status)
        except ConnectionError:
            pass  # the client left while it was written to
        except Exception as error:  # noqa: BLE001 - as in the gate: a bug in writing is one connection's end
            status = as_error(error, line).status
        finally:
            assert self._task is not None  # noqa: S101 - this is it
            state.leave(self._task)
            self.end(status)

    def end(self, status: int) -> None:
        """All is written, or nobody is there for it."""
        self.answered = True
        self._taskless = self._arriving = self._task = None  # they know it, too: circles would wait for the collector
        self.line.close("POST", self.plain.path, status)
        self.state.journal.add(self.line)
        self.connection.express_answered(close=self.closes)

    def _caller(self, door: Doorkeeper) -> Caller:
        """Who asks. The same head says the same to the same doorkeeper, unless that depends on more than the head."""
        plain = self.plain
        if plain.caller is not None and plain.door is door:
            return plain.caller
        caller = door.identify(self)
        if door.will_say_the_same(caller):
            plain.caller, plain.door = caller, door
        return caller

    async def _write(self, whole: Whole) -> None:
        headers, body = whole.headers, whole.body
        headers["Content-Length"] = str(len(body))
        if "x-request-id" not in headers:
            headers |= self.line.headers(self.gateway.snapshot.generation)
        self.closes = closes = whole.close or self.closing()
        if len(body) <= SLICE:
            self.connection.transport.write(head_of(whole.status, headers, close=closes) + body)
            if self.connection.writing_paused:
                await self.flushed()
        else:
            await write_slices(ExpressDownstream(self.connection, self, whole.status, headers), body)

    async def flushed(self) -> None:
        """Wait until the client has read what was written, but not for ever."""
        with ExpressDownstream(self.connection, self, 200, {}) as downstream:
            await downstream.room()

    def closing(self) -> bool:
        """Whether the client, or a server on its way out, wants nothing to follow the answer."""
        return self.state.draining or not self.plain.keep_alive


class ExpressDownstream(Downstream):
    """An answer in pieces on the short way, in chunks unless its headers have a length."""

    __slots__ = ("_chunked", "_connection", "_express", "_started", "_status")

    def __init__(
        self,
        connection: "Connection",
        express: Express,
        status: int,
        headers: dict[str, str],
        *,
        keepalive: float | None = None,
        comment: bytes = b"",
    ) -> None:
        write_timeout = express.state.server.write_timeout
        super().__init__(headers, express.line, keepalive=keepalive, write_timeout=write_timeout, comment=comment)
        self._connection = connection
        self._express = express
        self._status = status
        self._chunked = "Content-Length" not in headers
        self._started = False

    @property
    def started(self) -> bool:
        return self._started

    def write(self, wire: bytes | memoryview, framed: bytes | None = None, /) -> Awaitable[None] | None:
        self._touched = self._loop.time()
        connection = self._connection
        if connection.gone:
            raise ConnectionResetError
        if self._chunked:
            wire = framed or b"%x\r\n%b\r\n" % (len(wire), wire)  # type: ignore[str-format]
        connection.transport.write(wire if self._started else self._head() + wire)
        return self.room() if connection.writing_paused else None

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
            await self.room()

    def _head(self) -> bytes:
        self._started = True
        if self._chunked:
            self._express.closes = self._express.closing()
        return head_of(self._status, self.headers, close=self._express.closes)

    async def room(self) -> None:
        """Wait until the client may be written to."""
        self._writing = True
        await self._connection.room()
        self._writing = False

    def _say(self, comment: bytes) -> None:
        if not self._connection.writing_paused and not self._connection.gone:
            self.write(comment)

    def abort(self) -> None:
        self._connection.transport.abort()
