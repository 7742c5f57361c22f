"""The server's edge: it makes the connections, counts them, and sends home what is no request.

It stands in for aiohttp's server towards everything that listens, and holds one for the requests that aiohttp answers.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from g4f.api.access import new_line
from g4f.api.errors import error_answer
from g4f.api.express import Express
from g4f.api.fronts import front_of
from g4f.api.general import GeneralWay
from g4f.api.head import Head
from g4f.api.inbound import Handler
from g4f.api.keys import GATEWAY, STATE
from g4f.api.plain import Familiar, Plain, is_plain
from g4f.api.protocol import Connection
from g4f.api.responses import Whole
from g4f.errors import G4FError, RequestError

#: The handlers of the short way, by the exact target of a POST.
EXPRESS: web.AppKey[Mapping[bytes, Handler]] = web.AppKey("express", Mapping)
#: Connections above the limit that are still told so; what comes on top of them is cut without a word.
TOLD = 64


class Edge(web.Server):
    """A factory of connections, as asyncio wants one. `open` are those that were made and not lost yet."""

    def __init__(self, app: web.Application, general: web.Server, **options: Any) -> None:
        self.loop = asyncio.get_running_loop()
        super().__init__(general.request_handler, request_factory=self._begin, loop=self.loop, **options)
        self._make = general.request_factory
        self._options = {name: value for name, value in options.items() if name != "handler_cancellation"}
        self._gateway = app[GATEWAY]
        self._state = app[STATE]
        self._express = app.get(EXPRESS, {})
        self._familiar = Familiar()
        self.open: set[Connection] = set()

    def __call__(self) -> Connection:  # type: ignore[override]  # aiohttp's server makes its own protocol here
        return Connection(self)

    def general(self, answered: Callable[[], None]) -> GeneralWay:
        """aiohttp's way for one connection."""
        return GeneralWay(self, answered, self._not_http, loop=self.loop, **self._options)

    def _begin(self, *parts: Any) -> web.BaseRequest:
        request = self._make(*parts)
        if isinstance(request.protocol, GeneralWay):
            request.protocol.began(request)
        return request

    def express(self, connection: Connection, head: Head, wire: bytes) -> Express | None:
        """The short way for a request, if it can go there; `wire` is its head as it came."""
        handler = self._express.get(head.target)
        if handler is None or head.method != b"POST" or not is_plain(head):
            return None
        plain = Plain(head, handler)
        self._familiar.learn(wire, plain)
        return Express(connection, plain, head.length or 0, b"", self._gateway, self._state)

    def recognised(self, connection: Connection, data: bytes) -> Express | None:
        """The short way for `data`, if that is a request, or the beginning of one, with a head that was read before."""
        found = self._familiar.recognise(data)
        if found is None:
            return None
        plain, length, body = found
        return Express(connection, plain, length, body, self._gateway, self._state)

    def _not_http(self) -> Whole:
        return self.refusal(RequestError("The request is not valid HTTP.", code="invalid_http"))

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

    def close_idle(self) -> None:
        """Close the connections that no request is on: a client must not send one that nobody will read."""
        for connection in list(self.open):
            if not connection.busy:
                connection.close()

    async def shutdown(self, timeout: float | None = None) -> None:
        await super().shutdown(timeout)
        for connection in list(self.open):
            connection.transport.abort() if connection.busy else connection.close()


class EdgeRunner(web.AppRunner):
    """aiohttp's runner of an application, with this edge in front of it. `options` are those of aiohttp's server."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, access_log=None, **options)
        self._edge_options = {name: value for name, value in options.items() if name != "shutdown_timeout"}

    async def _make_server(self) -> web.Server:
        general = await super()._make_server()
        return Edge(self.app, general, **self._edge_options)

    @property
    def edge(self) -> Edge:
        """The server, once it was set up."""
        assert isinstance(self.server, Edge)  # noqa: S101 - made above
        return self.server
