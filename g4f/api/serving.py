"""All that serves, but for the sockets and the file: a gateway, what it knows of its callers, and its books.

`following.py` keeps it on its file; `listening.py` opens the door. A worker process gets its configuration told.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from g4f import log
from g4f.api.auth import Doorkeeper
from g4f.api.places import Places
from g4f.api.state import ServerState
from g4f.config.aside import aside
from g4f.config.embedded import NAME, embedded
from g4f.config.load import Loaded, load, load_text
from g4f.config.schema import Config
from g4f.config.settings import Settings
from g4f.gateway.gateway import Gateway
from g4f.gateway.keeper import Keeper
from g4f.gateway.seat import GatewaySeat
from g4f.gateway.snapshot import Plan
from g4f.meter.journal import Journal
from g4f.meter.ledger import Ledger, LedgerError
from g4f.meter.lines import write_lines
from g4f.meter.meter import Meter
from g4f.meter.place import LEDGER, ledger_path
from g4f.state.file import FileStore
from g4f.state.memory import MemoryStore
from g4f.state.open import MEMORY, open_store
from g4f.state.types import StateError, Store

_log = log.get()


def load_here(path: Path | None, environ: Mapping[str, str], settings: Settings) -> Loaded:
    """The configuration of a file, or without one of the catalog and the environment. Raises ConfigError."""
    with aside():
        if path is None:
            load_text("{}", name=str(NAME), environ=environ, settings=settings)  # raises where the environment is wrong
            return embedded(environ, demo=settings.demo)
        return load(path, environ=environ, settings=settings)


class Serving:
    """The parts of a server over `first`, the plan of what was loaded, until another one takes its `seat`.

    `scratch` is a directory for what the file leaves in memory, where several processes need it; `generation` is what
    the configurations are counted from, and `places` where the limits of keys are counted.
    """

    def __init__(
        self,
        loaded: Loaded,
        first: Plan,
        settings: Settings,
        *,
        scratch: Path | None = None,
        generation: int = 1,
        places: Places = lambda _: None,
    ) -> None:
        self.loaded = loaded
        self._settings = settings
        self._places = places
        log.configure(first.config.log.level, first.config.log.format)
        if not loaded.files and settings.demo is None and not any(row.keys for row in first.providers.values()):
            _log.warning(
                "config.demo", problem="no provider has a key, so the built-in Demo answers; set OPENAI_API_KEY"
            )
        base = loaded.path.parent
        cookies = _cookies_directory(first.config.state, base, settings)
        if cookies is not None:
            from g4f.cookies import set_cookies_dir

            set_cookies_dir(cookies)
        store = _store(first.config.state, base, scratch)
        self.gateway = Gateway(first, store=store, generation=generation)
        books = _ledger(first.config, ledger_path(first.config, base) or (scratch and scratch / LEDGER))
        self.meter = Meter(self.gateway, Journal(write_lines), books)
        self.state = ServerState(
            doorkeeper=self._doorkeeper(first.config),
            server=first.config.server,
            limits=first.config.limits,
            journal=self.meter.journal,
            tracing=self.meter.tracing,
        )
        self._keeper = Keeper(self.gateway, store)
        self.seat = GatewaySeat(self.gateway, self._prepare, self.meter.comparison)
        self._saves: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Take over what an earlier process knew, and do what goes on beside the requests."""
        self._keeper.restore()
        self.state.lag.start()
        self._saves = asyncio.create_task(self._keeper.run())
        # What is alive now lives for good; scanning it again on each collection would only cost latency. The start
        # itself was not collected (`aside`): what it left behind is less than looking for it is worth.
        gc.freeze()
        gc.set_threshold(10_000, 20, 50)

    async def end(self) -> None:
        """Close what is open, and write down what is to be kept."""
        if self._saves is not None:
            self._saves.cancel()
        self.state.lag.stop()
        await self.gateway.close()
        await self._keeper.close()
        await asyncio.to_thread(self.meter.close)

    def _prepare(self, new: Plan) -> Callable[[], None]:
        """Build what the server needs of a configuration; the returned step puts it in place and cannot fail."""
        doorkeeper = self._doorkeeper(new.config)
        return lambda: self.state.apply(new.config, doorkeeper)

    def _doorkeeper(self, config: Config) -> Doorkeeper:
        extra = self._settings.api_key
        return Doorkeeper(
            config.server.keys,
            extra=extra.get_secret_value() if extra else None,
            hosts=[config.server.address[0]],
            clock=time.monotonic,
            wrong_keys=config.limits.wrong_keys,
            budgets=self.meter.budgets,
            origins=config.server.cors.origins,
            places=self._places,
        )


def _cookies_directory(state: str, base: Path, settings: Settings) -> Path | None:
    """Where the user's own sessions are kept: where the environment says, else with the state; None for the usual."""
    if settings.cookies_dir is not None:
        return settings.cookies_dir
    return base / state.removeprefix("file:") / "cookies" if state.startswith("file:") else None


def _store(written: str, base: Path, scratch: Path | None) -> Store:
    """The store that the file names; where it cannot be used, the server says so and keeps what it knows in memory."""
    try:
        if written == MEMORY and scratch is not None:
            return FileStore(scratch / "state")
        return open_store(written, base)
    except StateError as error:
        _log.warning("state.unavailable", file=written, problem=str(error), hint="what is to be kept is kept in memory")
        return MemoryStore()


def _ledger(config: Config, path: Path | None) -> Ledger:
    """The books in `path`; where they cannot be opened, the server says so and keeps them in memory."""
    try:
        return Ledger(path, keep=config.usage.keep)
    except LedgerError as error:
        _log.warning("usage.unavailable", file=str(path), problem=str(error), hint="it is kept in memory")
        return Ledger(None)
