"""What plain chats do without, loaded when the first other request comes: aiohttp's server and the other routes.

It is a quarter of a second and 13 MiB. It is loaded in a thread, while chats go on; the connections that need it wait,
are not read from meanwhile, and are then answered as if it had always been there.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from g4f.api.inbound import Handler
from g4f.api.whole import Whole

if TYPE_CHECKING:
    from g4f.api.protocol import Connection

#: Seconds that a client which was refused may go on sending, so that it sees the answer before the close.
LINGER = 2.0
#: Seconds that answers which were cut get to send their last event.
LAST_WORDS = 1.0


class Way(Protocol):
    """What answers the requests of one connection that are not plain: `GeneralWay`, or its stand-in."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def connection_lost(self, error: BaseException | None) -> None: ...
    def break_off(self) -> None:
        """The body of the last request that was handed on will not end."""


class General(Protocol):
    """What makes the ways. `express` are the handlers of plain requests, by their target."""

    @property
    def express(self) -> Mapping[bytes, Handler]: ...
    def way(self, answered: Callable[[], None], refuse: Callable[[], Whole]) -> Way: ...
    async def close(self) -> None: ...


class Waiting:
    """The stand-in while the general way is loaded: it keeps what comes, which is one read and then nothing."""

    __slots__ = ("_broken", "_connection", "_held", "_lost")

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._held: list[bytes] = []
        self._broken = False
        self._lost = False

    @property
    def answered(self) -> Callable[[], None]:
        """What the connection is told by when a request was answered."""
        return self._connection.answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        self._held.append(data)

    def pause_writing(self) -> None:
        pass  # the connection knows, and tells the other one

    def resume_writing(self) -> None:
        pass

    def connection_lost(self, error: BaseException | None) -> None:
        self._lost = True

    def break_off(self) -> None:
        self._broken = True

    def give_way(self, way: Way | None) -> None:
        """The other one is there; None: it could not be loaded, and nothing can be answered."""
        connection = self._connection
        if self._lost or connection.transport.is_closing():
            return
        if way is None:
            connection.give_up()
            return
        connection.go_by(way)
        for data in self._held:
            way.data_received(data)
        if self._broken:
            way.break_off()
        connection.transport.resume_reading()
