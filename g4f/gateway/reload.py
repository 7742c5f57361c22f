"""Hot reload: read the file, build everything it asks for, and only then let it take effect.

A file that cannot be used changes nothing: the old configuration serves on, and the reason is logged once with its
place. What only a restart can change (the address, the number of workers) is reported and left as it is.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from g4f import log
from g4f.config.load import Loaded, load
from g4f.config.settings import Settings
from g4f.config.watch import changes
from g4f.errors import ConfigError
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import Plan, plan

_log = log.get()


class Reloader:
    """Keeps a gateway on its file. `applied` is called with each new configuration, in the step that swaps it in."""

    def __init__(
        self,
        gateway: Gateway,
        loaded: Loaded,
        *,
        environ: Mapping[str, str],
        settings: Settings | None,
        applied: Callable[[Plan], None],
    ) -> None:
        self._gateway = gateway
        self._path = loaded.path
        self._files: Collection[Path] = loaded.files
        self._started_with = gateway.snapshot.config.server
        self._environ = environ
        self._settings = settings
        self._applied = applied
        self._refused: str | None = None
        self.nudge = asyncio.Event()

    async def run(self) -> None:
        """Reload whenever the file may have changed, until cancelled. SIGHUP sets `nudge`."""
        async for reason in changes(lambda: (self._path, *self._files), nudge=self.nudge):
            await self.reload(reason)

    async def reload(self, reason: str) -> bool:
        """Apply the file as it is now. True if a new configuration took effect."""
        try:
            loaded, new = await asyncio.to_thread(self._read)
        except ConfigError as error:
            self._refuse(error, reason)
            return False
        if self._refused is not None:
            self._refused = None
            _log.info("config.mended", file=str(self._path), reason=reason)
        self._files = loaded.files
        if new.digest == self._gateway.snapshot.digest:
            return False
        old = self._gateway.swap(new)
        self._applied(new)
        self._announce(loaded, new, reason)
        await old.retire()
        return True

    def _read(self) -> tuple[Loaded, Plan]:
        loaded = load(self._path, environ=self._environ, settings=self._settings)
        return loaded, plan(loaded, self._environ, self._settings)

    def _refuse(self, error: ConfigError, reason: str) -> None:
        if self._refused == error.message and reason != "signal":
            return
        self._refused = error.message
        _log.error(
            "config.refused",
            file=str(self._path),
            problems=[str(problem) for problem in error.problems],
            reason=reason,
            generation=self._gateway.snapshot.generation,
            hint="the previous configuration serves on",
        )

    def _announce(self, loaded: Loaded, new: Plan, reason: str) -> None:
        snapshot = self._gateway.snapshot
        _log.info(
            "config.applied",
            file=str(self._path),
            reason=reason,
            generation=snapshot.generation,
            digest=snapshot.digest[:12],
            models=len(snapshot.table.routes),
            providers=len(snapshot.adapters),
        )
        for warning in loaded.warnings:
            _log.warning("config.warning", problem=str(warning))
        for field in ("listen", "workers"):
            if getattr(new.config.server, field) != getattr(self._started_with, field):
                _log.warning(
                    "config.needs_restart",
                    file=str(self._path),
                    problem=f"server.{field} changed; the running value is kept until a restart",
                )
