"""The door of what serves: its listeners, from the first connection to the last answer."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial

from aiohttp import web

from g4f import log
from g4f.api.app import build_app, build_operator_app
from g4f.api.binding import binding
from g4f.api.control import CONTROL, Control
from g4f.api.edge import EdgeRunner
from g4f.api.inherited import Inherited
from g4f.api.operator import OperatorSite
from g4f.api.protocol import LINGER
from g4f.api.serving import Serving

_log = log.get()

#: Seconds that answers which were cut get to send their last event.
LAST_WORDS = 1.0
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
        self._runner = self._made(build_app(serving.gateway, serving.state, serving.meter))
        self._sites: list[web.BaseSite] = []

    async def open(self) -> str:
        """Listen; returns where, several places with commas. Raises OSError where the address is taken."""
        await self._runner.setup()
        self._sites = self._places()
        for site in self._sites:
            with binding(self._serving.state.server.listen):
                await site.start()
        if self._operator is not None:
            serving = self._serving
            build = partial(build_operator_app, serving.gateway, serving.state, serving.meter)
            await self._operator.start(lambda host: self._made(build(host)))
        return ", ".join(site.name for site in self._sites)

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
        for site in self._sites:
            await site.stop()
        await asyncio.sleep(GRACE)
        self._runner.edge.close_idle()
        drained = asyncio.ensure_future(state.idle.wait())
        hurried = asyncio.ensure_future(hurry.wait())
        await asyncio.wait((drained, hurried), timeout=state.server.drain_timeout, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        hurried.cancel()
        cut = await self._cut()
        _log.info("server.stopped", open_requests=cut)

    async def close(self) -> None:
        """Close every connection."""
        await self._runner.cleanup()
        if self._operator is not None:
            await self._operator.close()

    def _places(self) -> list[web.BaseSite]:
        if self._sockets:
            return [web.SockSite(self._runner, found.socket, backlog=BACKLOG) for found in self._sockets]
        host, port = self._serving.state.server.address
        return [web.TCPSite(self._runner, host, port, backlog=BACKLOG)]

    def _made(self, app: web.Application) -> EdgeRunner:
        app[CONTROL] = self._control
        return EdgeRunner(app, handler_cancellation=True, lingering_time=LINGER, shutdown_timeout=LAST_WORDS)

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
