"""The daemon: listen, keep the configuration fresh, and leave in good order.

SIGHUP reloads. SIGTERM and SIGINT end: readiness fails, for `server.shutdown_delay` requests are still accepted, then
the listener and idle connections close, running answers get `server.drain_timeout` to end, and those that do not are
cut with an error the client can see. A second signal cuts at once, in any of these phases.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from g4f import log
from g4f.api.app import build_app, build_operator_app
from g4f.api.edge import EdgeRunner
from g4f.api.inherited import Inherited, inherited, most_public
from g4f.api.notify import Notifier
from g4f.api.operator import OperatorSite
from g4f.api.protocol import LINGER
from g4f.api.serving import Serving, load_here
from g4f.config.load import Loaded
from g4f.config.settings import Settings
from g4f.version import __version__

_log = log.get()

#: Seconds that answers which were cut get to send their last event.
LAST_WORDS = 1.0
#: Seconds that connections which were accepted last get to send their request before idle ones are closed.
GRACE = 0.05
#: Seconds that closing everything takes at most, after the last answer.
FAREWELL = 10.0
#: Connections that may wait to be accepted.
BACKLOG = 1024


async def serve(path: Path | None, *, environ: Mapping[str, str], settings: Settings) -> None:
    """Serve until a signal ends it, by a file or by the catalog alone. Raises ConfigError for a bad file and OSError
    where the address is taken.

    Sockets that a supervisor hands over are listened on in place of the file's address.
    """
    sockets = inherited(environ, os.getpid())
    # What is listened on decides whether keys are needed, now and for every file to come.
    settings = settings.model_copy(update={"listen": most_public(sockets) or settings.listen})
    loaded = load_here(path, environ, settings)
    await Daemon(loaded, environ=environ, settings=settings, sockets=sockets).run()


class Daemon:
    """One running server over one file."""

    def __init__(
        self, loaded: Loaded, *, environ: Mapping[str, str], settings: Settings, sockets: Sequence[Inherited] = ()
    ) -> None:
        self._sockets = sockets
        self._supervisor = Notifier(environ, self._status)
        self._serving = Serving(loaded, environ=environ, settings=settings, during=self._supervisor.reloading)
        self._gateway, self._state, self._meter = self._serving.gateway, self._serving.state, self._serving.meter
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        self._install_signals()
        runner = _runner(build_app(self._gateway, self._state, self._meter))
        await runner.setup()
        sites = self._sites(runner)
        operator = self._operator_site()
        try:
            self._serving.begin()
            for site in sites:
                await site.start()
            if operator is not None:
                await operator.start()
            self._ready(sites)
            await self._stop.wait()
            self._serving.settle()
            await self._drain(sites, runner)
        finally:
            self._supervisor.close()
            await runner.cleanup()
            if operator is not None:
                await operator.close()
            await self._serving.end()

    def _sites(self, runner: web.AppRunner) -> list[web.BaseSite]:
        if self._sockets:
            return [web.SockSite(runner, found.socket, backlog=BACKLOG) for found in self._sockets]
        host, port = self._state.server.address
        return [web.TCPSite(runner, host, port, backlog=BACKLOG)]

    def _operator_site(self) -> OperatorSite | None:
        listen = self._gateway.snapshot.config.admin.listen
        if listen is None:
            return None
        return OperatorSite(
            listen, lambda host: _runner(build_operator_app(self._gateway, self._state, self._meter, host))
        )

    def _status(self) -> str:
        """One line for a supervisor: `systemctl status` shows it."""
        generation = f"generation {self._gateway.snapshot.generation}"
        if self._state.draining:
            return f"draining, {len(self._state.running)} open requests; {generation}"
        healthy, known = self._gateway.standing()
        text = f"{generation}, {healthy} of {known} providers healthy"
        refused = self._serving.reloader.refused
        return f"{text}; the file as it is now is refused: {refused.splitlines()[0][:200]}" if refused else text

    def _ready(self, sites: Sequence[web.BaseSite]) -> None:
        snapshot, loaded = self._gateway.snapshot, self._serving.loaded
        _log.info(
            "server.ready",
            version=__version__,
            pid=os.getpid(),
            listen=", ".join(site.name for site in sites),
            url=f"{sites[0].name}/v1",
            file=str(loaded.path) if loaded.files else None,
            models=len(snapshot.table.routes),
            providers=len(snapshot.adapters),
            generation=snapshot.generation,
        )
        for warning in loaded.warnings:
            _log.warning("config.warning", problem=str(warning))
        self._supervisor.ready()

    async def _drain(self, sites: Sequence[web.BaseSite], runner: EdgeRunner) -> None:
        state = self._state
        state.drain()
        _log.info("server.draining", open_requests=len(state.running))
        self._supervisor.stopping(state.server.shutdown_delay + state.server.drain_timeout + FAREWELL)
        await self._hurried(state.server.shutdown_delay)
        for site in sites:
            await site.stop()
        await asyncio.sleep(GRACE)
        runner.edge.close_idle()
        drained = asyncio.ensure_future(state.idle.wait())
        hurried = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait((drained, hurried), timeout=state.server.drain_timeout, return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        hurried.cancel()
        cut = await self._cut()
        _log.info("server.stopped", open_requests=cut)

    async def _hurried(self, delay: float) -> None:
        """Wait for `delay` seconds, or until somebody is in a hurry."""
        if delay > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._hurry.wait()

    async def _cut(self) -> int:
        """End what is still open; returns how many requests that were."""
        self._state.cutting = True
        cut = dict(self._state.running)
        for task in cut:
            task.cancel()
        if cut:
            _, deaf = await asyncio.wait(cut, timeout=LAST_WORDS)
            for task in deaf:  # their clients do not read
                transport = cut[task].transport
                if transport is not None:
                    transport.abort()
        return len(cut)

    def _install_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._serving.reloader.nudge.set)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()


def _runner(app: web.Application) -> EdgeRunner:
    return EdgeRunner(app, handler_cancellation=True, lingering_time=LINGER, shutdown_timeout=LAST_WORDS)
