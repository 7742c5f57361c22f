"""The door of what serves: its listeners, from the first connection to the last answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from typing import Any

from g4f import log
from g4f.api.binding import binding, bound_port, name_of, url_of
from g4f.api.chats import EARLY
from g4f.api.control import Control
from g4f.api.edge import Edge
from g4f.api.inbound import Handler
from g4f.api.inherited import Inherited
from g4f.api.later import LAST_WORDS, General
from g4f.api.operator import OperatorSite
from g4f.api.serving import Serving
from g4f.config.aside import aside

_log = log.get()

#: Seconds that connections which were accepted last get to send their request before idle ones are closed.
GRACE = 0.05
#: Seconds that closing everything takes at most, after the last answer.
FAREWELL = 10.0
#: Connections that may wait to be accepted.
BACKLOG = 1024


class Listening:
    """Listens for a serving on `sockets`, or where its file says; `operator` is the operator's own listener."""

    def __init__(
        self,
        serving: Serving,
        control: Control,
        sockets: Sequence[Inherited] = (),
        operator: OperatorSite | None = None,
    ) -> None:
        self._serving = serving
        self._control = control
        self._sockets = sockets
        self._operator = operator
        self._edge = self._made(EARLY)
        self._servers: list[asyncio.Server] = []

    async def open(self) -> str:
        """Listen; returns where, several places with commas. Raises OSError where the address is taken."""
        with binding(self._serving.state.server.listen):
            names = [name async for name in self._listen()]
        if self._operator is not None:
            await self._operator.start(lambda host: self._made({}, host))
        return ", ".join(names)

    @property
    def patience(self) -> float:
        """The most seconds that it takes to drain and to close."""
        server = self._serving.state.server
        return server.shutdown_delay + server.drain_timeout + FAREWELL

    async def drain(self, hurry: asyncio.Event) -> None:
        """Take no more requests, let running answers end, and cut those that do not; at once when `hurry` is set."""
        state = self._serving.state
        state.drain()
        _log.info("server.draining", open_requests=state.open)
        await _hurried(hurry, state.server.shutdown_delay)
        for server in self._servers:
            server.close()
        await asyncio.sleep(GRACE)
        await self._edge.loaded()
        self._edge.close_idle()
        drained = asyncio.ensure_future(state.idle.wait())
        hurried = asyncio.ensure_future(hurry.wait())
        await asyncio.wait((drained, hurried), timeout=state.server.drain_timeout, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        hurried.cancel()
        cut = await self._cut()
        _log.info("server.stopped", open_requests=cut)

    async def close(self) -> None:
        """Close every connection."""
        for server in self._servers:
            server.close()
        await self._edge.close()
        if self._operator is not None:
            await self._operator.close()

    async def _listen(self) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        for found in self._sockets:
            self._servers.append(await loop.create_server(self._edge, sock=found.socket, backlog=BACKLOG))
            yield name_of(found.socket)
        if not self._sockets:
            host, port = self._serving.state.server.address
            server = await loop.create_server(self._edge, host, port, backlog=BACKLOG)
            self._servers.append(server)
            yield url_of(host or "0.0.0.0", bound_port(server, port))  # noqa: S104 - a name for what was written

    def _made(self, early: Mapping[bytes, Handler], operators: str | None = None) -> Edge:
        """The edge of a listener: of the server's own, or of the operator's on that host."""
        serving = self._serving

        async def load() -> General:
            make = await asyncio.to_thread(_loaded)
            return await make(serving.gateway, serving.state, serving.meter, self._control, operators)

        return Edge(serving.gateway, serving.state, early, load)

    async def _cut(self) -> int:
        """End what is still open; returns how many requests that were."""
        state = self._serving.state
        state.cutting = True
        for request in list(state.taskless):
            request.take_over()
        await asyncio.sleep(0)  # a task that is cancelled before its first step says nothing to anybody
        cut = dict(state.running)
        for task in cut:
            task.cancel()
        if cut:
            _, deaf = await asyncio.wait(cut, timeout=LAST_WORDS)
            for task in deaf:  # their clients do not read
                transport = cut[task].transport
                if transport is not None:
                    transport.abort()
        return len(cut)


async def _hurried(hurry: asyncio.Event, delay: float) -> None:
    """Wait for `delay` seconds, or until somebody is in a hurry."""
    if delay > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await hurry.wait()


def _loaded() -> Callable[..., Coroutine[Any, Any, General]]:
    """What makes aiohttp's server, loaded now if it was not. Runs in a thread."""
    with aside():
        from g4f.api.app import general_server
    return general_server
