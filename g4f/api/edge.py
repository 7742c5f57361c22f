"""The server's edge: it makes the connections, counts them, and sends home what is no request.

Plain chats it can answer from the start. What answers everything else is loaded by the first request that needs it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from g4f.api.access import new_line
from g4f.api.errors import as_error, error_answer
from g4f.api.express import Express
from g4f.api.fronts import front_of
from g4f.api.head import Head
from g4f.api.inbound import Handler
from g4f.api.later import General, Waiting, Way
from g4f.api.plain import Familiar, Plain, is_plain
from g4f.api.probes import PROBES
from g4f.api.protocol import Connection
from g4f.api.state import ServerState
from g4f.api.whole import Whole
from g4f.errors import G4FError, RequestError
from g4f.gateway.gateway import Gateway

#: Connections above the limit that are still told so; what comes on top of them is cut without a word.
TOLD = 64


class Edge:
    """A factory of connections, as asyncio wants one. `open` are those that were made and not lost yet.

    `express` are the handlers of plain requests, by their target, until `load` gave what answers everything.
    """

    def __init__(
        self,
        gateway: Gateway,
        state: ServerState,
        express: Mapping[bytes, Handler],
        load: Callable[[], Awaitable[General]],
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._gateway = gateway
        self._state = state
        self._express = express
        self._load = load
        self._general: General | None = None
        self._loading: asyncio.Task[None] | None = None
        self._waiting: list[Waiting] = []
        self._familiar = Familiar()
        self.open: set[Connection] = set()

    def __call__(self) -> Connection:
        return Connection(self)

    # The two ways.

    def general(self, connection: Connection) -> Way:
        """What answers the requests of a connection that are not plain."""
        if self._general is not None:
            return self._general.way(connection.answered, self._not_http)
        if self._loading is None:
            self._loading = self.loop.create_task(self._take_load())
        waiting = Waiting(connection)
        self._waiting.append(waiting)
        return waiting

    async def loaded(self) -> None:
        """Wait for what answers everything, if somebody waits for it already."""
        if self._loading is not None:
            await asyncio.wait([self._loading])

    async def _take_load(self) -> None:
        try:
            self._general = await self._load()
            self._express = self._general.express
        except Exception as error:  # noqa: BLE001 - a package that was taken away: who needs it is told, chats go on
            as_error(error, new_line())
        self._loading = None
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.give_way(None if self._general is None else self._general.way(one.answered, self._not_http))

    def express(self, connection: Connection, head: Head, wire: bytes) -> Express | None:
        """The short way for a request, if it can go there; `wire` is its head as it came."""
        handler = self._express.get(head.target)
        if self._asks_whence(connection) or handler is None or head.method != b"POST" or not is_plain(head):
            return None
        plain = Plain(head, handler)
        self._familiar.learn(wire, plain)
        return Express(connection, plain, head.length or 0, b"", self._gateway, self._state)

    def recognised(self, connection: Connection, data: bytes) -> Express | None:
        """The short way for `data`, if that is a request, or the beginning of one, with a head that was read before."""
        found = self._familiar.recognise(data)
        if found is None or self._asks_whence(connection):
            return None
        plain, length, body = found
        return Express(connection, plain, length, body, self._gateway, self._state)

    def probe(self, head: Head) -> Whole | None:
        """The answer to a plain question whether the server lives and is ready."""
        answer = PROBES.get(head.target)
        if answer is None or head.method != b"GET" or head.length or not is_plain(head):
            return None
        whole = answer(self._state)
        whole.headers |= new_line().headers(self._gateway.snapshot.generation)
        whole.close = self._state.draining or not head.keep_alive
        return whole

    def _asks_whence(self, connection: Connection) -> bool:
        """Whether where a request comes from decides about it, and not its head alone."""
        return connection.exposed and self._state.doorkeeper.is_open

    # Connections.

    @property
    def header_timeout(self) -> float:
        return self._state.server.header_timeout

    def enter(self, connection: Connection) -> bool:
        """Note a new connection; False if it is one too many."""
        self.open.add(connection)
        limit = self._state.limits.connections
        if len(self.open) > limit + TOLD:
            connection.transport.abort()
        return len(self.open) <= limit

    def leave(self, connection: Connection) -> None:
        self.open.discard(connection)

    def refusal(self, error: G4FError, path: str = "") -> Whole:
        """The answer to what is no request, as far as is known one for `path`; noted in the log."""
        line = new_line()
        answer = error_answer(error, line, front_of(path))
        answer.headers |= line.headers(self._gateway.snapshot.generation)
        line.close("", None, answer.status)
        self._state.journal.add(line)
        return answer

    def _not_http(self) -> Whole:
        return self.refusal(RequestError("The request is not valid HTTP.", code="invalid_http"))

    def close_idle(self) -> None:
        """Close the connections that no request is on: a client must not send one that nobody will read."""
        for connection in list(self.open):
            if not connection.busy:
                connection.close()

    async def close(self) -> None:
        """Close every connection; what is still being answered is cut."""
        await asyncio.sleep(0)  # what was accepted last is begun
        if self._loading is not None:
            self._loading.cancel()
        if self._general is not None:
            await self._general.close()
        for connection in list(self.open):
            connection.transport.abort() if connection.busy else connection.close()
