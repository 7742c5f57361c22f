"""The daemon of one process: keep what serves on its file, and leave in good order.

SIGHUP reloads. SIGTERM and SIGINT end: readiness fails, for `server.shutdown_delay` requests are still accepted, then
the listener and idle connections close, running answers get `server.drain_timeout` to end, and those that do not are
cut with an error the client can see. A second signal cuts at once, in any of these phases.
"""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from g4f import log
from g4f.api.following import Following
from g4f.api.inherited import Inherited, inherited, most_public
from g4f.api.listening import Listening
from g4f.api.notify import Notifier
from g4f.api.operator import OperatorSite
from g4f.api.serving import load_here
from g4f.config.load import Loaded
from g4f.config.settings import Settings
from g4f.gateway.snapshot import plan
from g4f.version import __version__

_log = log.get()


async def serve(path: Path | None, *, environ: Mapping[str, str], settings: Settings) -> None:
    """Serve until a signal ends it, by a file or by the catalog alone. Raises ConfigError for a bad file and OSError
    where the address is taken.

    Sockets that a supervisor hands over are listened on in place of the file's address.
    """
    sockets = inherited(environ, os.getpid())
    # What is listened on decides whether keys are needed, now and for every file to come.
    settings = settings.model_copy(update={"listen": most_public(sockets) or settings.listen})
    loaded = load_here(path, environ, settings)
    if (settings.workers or loaded.config.server.workers) > 1:
        from g4f.api.workers.supervisor import Supervisor

        first = plan(loaded, environ, settings)
        await Supervisor(loaded, first, environ=environ, settings=settings, sockets=sockets).run()
    else:
        await Daemon(loaded, environ=environ, settings=settings, sockets=sockets).run()


class Daemon:
    """One running server over one file. It listens on `sockets`, or where the file says."""

    def __init__(
        self, loaded: Loaded, *, environ: Mapping[str, str], settings: Settings, sockets: Sequence[Inherited] = ()
    ) -> None:
        self._supervisor = Notifier(environ, self._status)
        self._following = Following(
            loaded, environ=environ, settings=settings, during=self._supervisor.reloading, stop=self._end
        )
        self._serving = self._following.serving
        operator = self._serving.gateway.snapshot.config.admin.listen
        self._listening = Listening(
            self._serving, self._following.control, sockets, OperatorSite(operator) if operator else None
        )
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Serve until a signal ends it. Raises OSError where the address is taken."""
        self._install_signals()
        try:
            self._following.begin()
            where = await self._listening.open()
            self._ready(where)
            await self._stop.wait()
            await self._following.settle()
            self._serving.state.drain()  # the supervisor is told how it stands from now on
            self._supervisor.stopping(self._listening.patience)
            await self._listening.drain(self._hurry)
        finally:
            self._supervisor.close()
            await self._listening.close()
            await self._following.end()

    def _status(self) -> str:
        """One line for a supervisor: `systemctl status` shows it."""
        gateway, state = self._serving.gateway, self._serving.state
        generation = f"generation {gateway.snapshot.generation}"
        if state.draining:
            return f"draining, {state.open} open requests; {generation}"
        healthy, known = gateway.standing()
        text = f"{generation}, {healthy} of {known} providers healthy"
        refused = self._following.reloader.refused
        return f"{text}; the file as it is now is refused: {refused.splitlines()[0][:200]}" if refused else text

    def _ready(self, where: str) -> None:
        snapshot, loaded = self._serving.gateway.snapshot, self._serving.loaded
        _log.info(
            "server.ready",
            version=__version__,
            pid=os.getpid(),
            listen=where,
            url=f"{where.partition(', ')[0]}/v1",
            chat=f"{where.partition(', ')[0]}/chat/" if snapshot.config.server.web else None,
            file=str(loaded.path) if loaded.files else None,
            models=len(snapshot.table.routes),
            providers=len(snapshot.adapters),
            generation=snapshot.generation,
        )
        for warning in loaded.warnings:
            _log.warning("config.warning", problem=str(warning))
        self._supervisor.ready()

    def _install_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._following.reloader.nudge.set)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()
