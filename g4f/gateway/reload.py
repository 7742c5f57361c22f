"""Hot reload: read the file, build everything it asks for, and only then let it take effect.

A file that cannot be used changes nothing: the old configuration serves on, and the reason is logged once with its
place. Everything that can fail comes before the swap, and between the swap's beginning and its end nothing else runs:
whatever goes wrong, and wherever a reload is cancelled, what serves is the old configuration or the new one.
What only a restart can change (the address, the number of workers, the state) is reported and left as it is.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from g4f import log
from g4f.config.addresses import address, is_loopback
from g4f.config.aside import aside
from g4f.config.load import Loaded, load
from g4f.config.problem import Report
from g4f.config.settings import Settings
from g4f.config.watch import changes
from g4f.errors import ConfigError
from g4f.gateway.release import release
from g4f.gateway.seat import Retire, Seat
from g4f.gateway.snapshot import Plan, plan

_log = log.get()

#: Seconds after which a watch that broke is begun again.
WATCH_AGAIN = 5.0


class ReloadResult(StrEnum):
    """What a reload came to."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    """It was tried, and did worse than what was before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What a reload came to, and what there was to say of the file: each line with its place."""

    result: ReloadResult
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Reloads:
    """What became of the reloads of this process. `good_at` is when the file was last read and good, in Unix seconds;
    `seconds` is how long the last reload took. A start counts as good."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(ReloadResult, 0)
        self.last_good = True
        self.good_at = time.time()
        self.seconds = 0.0

    def note(self, result: ReloadResult, seconds: float) -> None:
        self.counts[result] += 1
        self.seconds = seconds
        self.last_good = result is not ReloadResult.REFUSED
        if self.last_good:
            self.good_at = time.time()


class Reloader:
    """Keeps a seat on its file.

    `loaded` and `first` are what serves at the start. `applied` is told of a configuration that serves. `during` is
    entered for as long as a reload takes that somebody asked for: by a signal, or by a change of the file.
    """

    def __init__(
        self,
        seat: Seat,
        loaded: Loaded,
        first: Plan,
        *,
        environ: Mapping[str, str],
        settings: Settings | None,
        applied: Callable[[Plan], None],
        during: Callable[[], AbstractContextManager[None]] = nullcontext,
        history: Reloads | None = None,
        load: Callable[..., Loaded] = load,
        plan: Callable[..., Plan] = plan,
    ) -> None:
        self.serving = (loaded, first)
        self.nudge = asyncio.Event()
        self._seat = seat
        self._path = loaded.path
        self._files: Collection[Path] = loaded.files
        self._started_with = first.config
        self._environ = environ
        self._settings = settings
        self._applied = applied
        self._during = during
        self._load = load
        self._plan = plan
        self._refused: str | None = None
        self._history = history or Reloads()

    async def run(self) -> None:
        """Reload whenever the file may have changed, until cancelled. SIGHUP sets `nudge`.

        With `server.reload: manual` only a signal counts.
        """
        while not self._files:
            await self.nudge.wait()
            self.nudge.clear()
            _log.warning("config.no_file", hint="it was started without a file, so there is nothing to read again")
        while True:
            try:
                async for reason in changes(lambda: (self._path, *self._files), nudge=self.nudge):
                    if reason == "signal" or self.serving[1].config.server.reload == "auto":
                        await self.reload(reason)
            except Exception as error:  # noqa: BLE001 - a watch that breaks must not end reloading for good
                _log.error("config.watch_failed", file=str(self._path), exception=type(error).__name__)
                await asyncio.sleep(WATCH_AGAIN)

    @property
    def refused(self) -> str | None:
        """Why the file as it is now does not serve; None where it does."""
        return self._refused

    async def reload(self, reason: str) -> Reloaded:
        """Apply the file as it is now. Never raises but CancelledError."""
        with nullcontext() if reason == "poll" else self._during():
            began, refused = time.monotonic(), self._refused
            reloaded = await self._reload(reason)
            if reason != "poll" or reloaded.result is ReloadResult.APPLIED or self._refused != refused:
                self._history.note(reloaded.result, time.monotonic() - began)
            return reloaded

    async def read(self) -> tuple[Loaded, Plan]:
        """The file as it is now, and what it would do. Raises ConfigError; nothing is changed."""
        return await asyncio.to_thread(self._read)

    async def _reload(self, reason: str) -> Reloaded:
        try:
            loaded, new = await self.read()
            self._files = loaded.files
            retire = await self._put(loaded, new)
        except ConfigError as error:
            return self.refuse(error.message, [str(problem) for problem in error.problems], reason)
        except Exception as error:  # noqa: BLE001 - a fault of ours refuses the file too, and the old one serves on
            problem = f"an internal error ({type(error).__name__}); please report it"
            return self.refuse(problem, [problem], reason)
        warnings = tuple(str(warning) for warning in loaded.warnings)
        if self._refused is not None:
            self._refused = None
            _log.info("config.mended", file=str(self._path), reason=reason)
        if retire is None:
            return Reloaded(result=ReloadResult.UNCHANGED, warnings=warnings)
        await self.took_effect(loaded, new, retire, reason)
        return Reloaded(result=ReloadResult.APPLIED, warnings=warnings)

    async def took_effect(self, loaded: Loaded, new: Plan, retire: Retire, reason: str) -> None:
        """A configuration serves from now on: say so, and close what only the old one used. Never raises but
        CancelledError."""
        old, self.serving = [self.serving], (loaded, new)
        asyncio.get_running_loop().run_in_executor(None, release, old)
        try:
            self._announce(loaded, new, reason)
            self._applied(new)
        except Exception as error:  # noqa: BLE001 - it serves; what was only to follow is reported
            _log.error("config.applied_in_part", file=str(self._path), exception=type(error).__name__)
        finally:
            await retire()

    def note(self, result: ReloadResult, seconds: float) -> None:
        """Count a reload that took another way than `reload`."""
        self._history.note(result, seconds)

    def refuse(self, message: str, problems: Sequence[str], reason: str) -> Reloaded:
        """The file cannot be used: say so, once for each message."""
        if self._refused != message or reason not in ("file", "poll"):
            self._refused = message
            _log.error(
                "config.refused",
                file=str(self._path),
                problems=problems,
                reason=reason,
                generation=self._seat.generation,
                hint="the previous configuration serves on",
            )
        return Reloaded(result=ReloadResult.REFUSED, problems=tuple(problems))

    def _read(self) -> tuple[Loaded, Plan]:
        with aside():
            loaded = self._load(self._path, environ=self._environ, settings=self._settings)
            self._check_door(loaded)
            return loaded, self._plan(loaded, self._environ, self._settings)

    def _check_door(self, loaded: Loaded) -> None:
        """The address is kept until a restart, and with it the need of keys. Raises ConfigError."""
        listen = self._started_with.server.listen
        has_keys = loaded.config.server.keys or (self._settings is not None and self._settings.api_key)
        if not has_keys and not is_loopback(address(listen)[0]):
            report = Report(str(self._path))
            report.problem(
                None, "server.keys", f"the server listens on {listen} until it is restarted, and needs keys there"
            )
            raise ConfigError(report.in_order())

    async def _put(self, loaded: Loaded, new: Plan) -> Retire | None:
        """Put the new configuration in place of the old one; None where they are the same."""
        if new.digest == self.serving[1].digest:
            return None
        return await self._seat.put(loaded, new)

    def _announce(self, loaded: Loaded, new: Plan, reason: str) -> None:
        _log.info(
            "config.applied",
            file=str(self._path),
            reason=reason,
            generation=self._seat.generation,
            digest=new.digest[:12],
            models=len(new.table.routes),
            providers=len(new.table.used),
        )
        for warning in loaded.warnings:
            _log.warning("config.warning", problem=str(warning))
        for name, kept, written in self._fixed(new):
            if kept != written:
                _log.warning(
                    "config.needs_restart",
                    file=str(self._path),
                    problem=f"{name} changed; the running value is kept until a restart",
                )

    def _fixed(self, new: Plan) -> Iterator[tuple[str, object, object]]:
        """What is set at start for good: its name, the running value and the one that is now in the file."""
        old = self._started_with
        yield "server.listen", old.server.listen, new.config.server.listen
        yield "server.workers", old.server.workers, new.config.server.workers
        yield "admin.listen", old.admin.listen, new.config.admin.listen
        yield "usage.file", old.usage.file, new.config.usage.file
        yield "state", old.state, new.config.state
