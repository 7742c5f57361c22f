"""A client's connection: where requests begin and end, who answers them, and how long anybody may take.

Every request's head passes `head.py` here before anything else sees it, and the bytes of each request are handed on
exactly, so that what follows one is the next one for every reader. What is no HTTP, comes too slowly or is one
connection too many is refused here, in the form that all errors have. One timer serves the connection.
"""

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from g4f.api.express import Express
from g4f.api.head import Head, without_upgrade
from g4f.api.later import LINGER, Way
from g4f.api.reach import is_exposed
from g4f.api.whole import Whole
from g4f.api.wire import wire_of
from g4f.errors import G4FError, RequestError, UnavailableError

if TYPE_CHECKING:
    from g4f.api.edge import Edge

#: Seconds an idle client connection is kept: longer than the 60 s for which nginx keeps its own.
KEEP_ALIVE = 75.0


class Connection(asyncio.Protocol):
    """One connection, from accept to close."""

    __slots__ = (
        "_due",
        "_edge",
        "_express",
        "_general",
        "_head",
        "_held",
        "_kept",
        "_lingering",
        "_path",
        "_patience",
        "_reading",
        "_refusal",
        "_room",
        "_since",
        "_timer",
        "_unanswered",
        "exposed",
        "gone",
        "loop",
        "transport",
        "writing_paused",
    )

    def __init__(self, edge: "Edge") -> None:
        self.transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._edge = edge
        self.loop = edge.loop
        self._head: Head | None = None
        self._kept = b""
        self._general: Way | None = None
        self._unanswered = 0
        self._refusal: G4FError | None = None
        self._path = ""
        self._lingering = False
        self.writing_paused = False
        self.gone = False
        #: Whether others than this machine's users can reach its address.
        self.exposed = True
        self._express: Express | None = None
        self._reading: Express | None = None
        self._held = b""
        self._room: asyncio.Future[None] | None = None
        self._since = 0.0
        self._patience = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a request whose head was read is not answered yet."""
        return self._unanswered > 0

    def close(self) -> None:
        """Send what was written, then close."""
        self.transport.close()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.exposed = is_exposed(transport)
        _notice_dead_peers(transport)
        self._wait_for(self._edge.header_timeout)
        if not self._edge.enter(self):
            self._refuse(UnavailableError("The server has too many connections (limits.connections)."))

    def data_received(self, data: bytes) -> None:
        if not (self._unanswered or self._lingering or self._kept or self._head):
            express = self._edge.recognised(self, data)
            if express is not None:
                self._unanswered = 1
                self._express = express
                if express.missing:
                    self._head = Head()
                    self._head.read_before(express.plain.path.encode(), express.missing)
                    self._reading = express
                express.start()
                return None
        try:
            while data and not self._lingering and not self.transport.is_closing():
                if self._head is not None and self._head.complete:
                    data = self._take_body(data)
                elif self._express is None:
                    data = self._take_head(data)
                else:
                    return self._hold(data)
        except RequestError as refusal:
            self._refuse(refusal)

    def eof_received(self) -> bool | None:
        return None  # a client that sends no more is taken for one that left

    def pause_writing(self) -> None:
        self.writing_paused = True
        if self._general is not None:
            self._general.pause_writing()

    def resume_writing(self) -> None:
        self.writing_paused = False
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        if self._general is not None:
            self._general.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone = True
        self._edge.leave(self)
        if self._express is not None:
            self._express.lost()
        if self._timer is not None:
            self._timer.cancel()
        if self._general is not None:
            self._general.connection_lost(error)

    # Where requests begin and end.

    def _take_head(self, data: bytes) -> bytes:
        """Read a head, or what there is of it; returns what follows it."""
        if not self._kept:
            data = data.lstrip(b"\r\n")  # RFC 9112, 2.2: older clients send a line too many
            if not data:
                return b""
        seen = len(self._kept)
        joined = self._kept + data
        end = joined.find(b"\r\n\r\n", max(seen - 3, 0)) + 4
        head = self._head or Head()
        self._head = head
        if end < 4:
            head.feed(data)
            if not seen:
                self._wait_for(self._edge.header_timeout)
            self._kept = joined
            return b""
        head.feed(joined[seen:end])
        self._kept = b""
        self._begin(head, joined[:end])
        return joined[end:]

    def _begin(self, head: Head, wire: bytes) -> None:
        """Have a request answered."""
        # Answers go out in the order of their requests, so the short way waits for the other one to be done.
        alone = not self._unanswered
        probed = self._edge.probe(head) if alone else None
        if probed is not None:
            self._say(probed)
            return
        express = self._edge.express(self, head, wire) if alone else None
        self._unanswered += 1
        self._express = self._reading = express
        if express is None:
            self._to_general(without_upgrade(wire) if head.fields.raw(b"upgrade") is not None else wire)
        else:
            express.start()
        if head.ended:
            self._head = self._reading = None

    def _say(self, answer: Whole) -> None:
        """Answer a request without a body at once."""
        self._head = None
        self._since, self._patience = self.loop.time(), KEEP_ALIVE
        self.transport.write(wire_of(answer, close=answer.close))
        if answer.close:
            self._leave()

    def _take_body(self, data: bytes) -> bytes:
        head = self._head
        assert head is not None  # noqa: S101 - asked only then
        try:
            size = head.cut(data)
        except RequestError:
            # Whoever reads the body is told; nothing that follows can be a request.
            self._lingering = True
            assert self._general is not None  # noqa: S101 - only it is given chunks
            self._general.break_off()
            return b""
        piece = data[:size] if size < len(data) else data
        if self._reading is None:
            self._to_general(piece)
        else:
            self._reading.feed(piece)
        if head.ended:
            self._head = self._reading = None
            if self._patience == LINGER and not self._unanswered:
                self._wait_for(KEEP_ALIVE)
        return data[size:]

    def _to_general(self, data: bytes) -> None:
        if self._general is None:
            self.go_by(self._edge.general(self))
        assert self._general is not None  # noqa: S101 - just set
        self._general.data_received(data)

    def go_by(self, way: Way) -> None:
        """Have what is not plain answered by `way` from now on."""
        self._general = way
        way.connection_made(self.transport)
        if self.writing_paused:
            way.pause_writing()

    def give_up(self) -> None:
        """Nothing that waits here can be answered."""
        self._unanswered = 0
        self._refuse(G4FError("An internal error occurred; the log has it."))

    def answered(self) -> None:
        """A request of the general way was answered."""
        self._unanswered -= 1
        self._since, self._patience = self.loop.time(), KEEP_ALIVE
        if self._lingering and not self._unanswered:
            self._leave()

    # The short way.

    def express_answered(self, *, close: bool) -> None:
        """The answer was written, or nobody is there for it. `close`: nothing more is answered here."""
        self._express = None
        self._unanswered -= 1
        self._since, self._patience = self.loop.time(), KEEP_ALIVE
        if self.gone:
            return
        if close or self._lingering:
            self._leave()
        elif self._head is not None:
            self._wait_for(LINGER)  # for the rest of a body that nobody wanted
        elif self._held:
            held, self._held = self._held, b""
            self.transport.resume_reading()
            self.data_received(held)

    async def room(self) -> None:
        """Wait until the client has read so much that it may be written to."""
        self._room = self.loop.create_future()
        await self._room

    def _hold(self, data: bytes) -> None:
        """Keep what comes before the request on the short way was answered: it is little, then the client waits."""
        self._held += data
        self.transport.pause_reading()

    # Refusals and time.

    def _refuse(self, error: G4FError) -> None:
        """Take no more requests, and say why when those before are answered."""
        self._lingering = True
        self._path = self._head.target.decode("latin-1") if self._head is not None else ""
        self._head, self._kept, self._refusal = None, b"", error
        if not self._unanswered:
            self._leave()

    def _leave(self) -> None:
        """Send the refusal, if there is one, and close once the client has seen it."""
        self._lingering = True
        if self._refusal is None and self._head is None:
            self.transport.close()  # all that it sent was read
            return
        if self._refusal is not None:
            answer = self._edge.refusal(self._refusal, self._path)
            self.transport.write(wire_of(answer, close=True))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._wait_for(LINGER)

    def _wait_for(self, seconds: float) -> None:
        """Let the client take so long for what it is waited for."""
        now = self.loop.time()
        self._since, self._patience = now, seconds
        if self._timer is None or now + seconds < self._due:
            self._look_at(now + seconds)

    def _look_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self.loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self.loop.time()
        if self._unanswered:
            self._since = now  # it is us who are waited for
        if now < self._since + self._patience:
            self._look_at(self._since + self._patience)
        elif self._kept:
            message = f"The request's head did not come within {self._patience:g} s (server.header_timeout)."
            self._refuse(RequestError(message, status=408, code="header_timeout"))
        else:
            self.transport.close()


def _notice_dead_peers(transport: asyncio.BaseTransport) -> None:
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
