"""The supervisor: it opens the sockets, keeps the workers on the file, and replaces those that end.

It serves nothing itself. SIGHUP reloads all workers together, SIGTERM and SIGINT drain them all, a second one hurries
them. A worker that dies takes only its own requests with it: connections that nobody has taken wait for the others.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from g4f import log
from g4f.api.binding import name_of
from g4f.api.control import about, rehearsed, reloaded, told
from g4f.api.inherited import Inherited
from g4f.api.notify import Notifier
from g4f.api.workers import sockets as opened
from g4f.api.workers.crew import PATIENCE, Crew
from g4f.api.workers.fleet import Fleet
from g4f.api.workers.hand import Hand
from g4f.api.workers.parcel import packed_settings
from g4f.api.workers.scratch import scratch
from g4f.api.workers.shares import Shares, shared_memory
from g4f.config.load import Loaded
from g4f.config.settings import Settings
from g4f.errors import RequestError
from g4f.gateway.effective import effective
from g4f.gateway.reload import Reloader, Reloads
from g4f.gateway.rollout import Rollout
from g4f.gateway.snapshot import Plan
from g4f.meter.families import IN_FLIGHT
from g4f.meter.gauges import configuration, process
from g4f.meter.tally import Tally, merged
from g4f.version import __version__

_log = log.get()

Json = dict[str, Any]

#: Seconds that workers get beyond what the file grants running answers, before they are killed.
FAREWELL = 12.0


class Supervisor:
    """Several processes over one file, listening on `sockets` or where the file says."""

    def __init__(
        self,
        loaded: Loaded,
        first: Plan,
        *,
        environ: Mapping[str, str],
        settings: Settings,
        sockets: Sequence[Inherited] = (),
    ) -> None:
        log.configure(first.config.log.level, first.config.log.format)
        log.share()
        self._first = first
        self._loaded = loaded
        self._environ = environ
        self._settings = settings
        self._inherited = sockets
        self._systemd = Notifier(environ, self._status)
        self._crew = Crew(first.config.server.workers, self._take, self._crew_lost)
        self._fleet = Fleet(loaded, first, self._crew.serving)
        self._reloads = Reloads()
        self._reloader = Reloader(
            self._fleet,
            loaded,
            first,
            environ=environ,
            settings=settings,
            history=self._reloads,
            applied=lambda new: log.configure(new.config.log.level, new.config.log.format),
            during=self._systemd.reloading,
        )
        self._rollout = Rollout(self._reloader, self._fleet)
        self._began = time.time()
        self._stop = asyncio.Event()
        self._draining = False

    async def run(self) -> None:
        """Serve until a signal ends it. Raises OSError where the address is taken or no worker serves."""
        with contextlib.ExitStack() as stack:
            self._open(stack)
            self._install_signals()
            try:
                await self._crew.start()
                self._ready()
                following = asyncio.create_task(self._reloader.run())
                looking = asyncio.create_task(self._crew.look())
                await self._stop.wait()
                following.cancel()
                looking.cancel()
                await self._rollout.supersede()
                await self._drain()
            finally:
                self._systemd.close()
                await self._crew.end(0.0)

    def _open(self, stack: contextlib.ExitStack) -> None:
        """Open what all workers share. Raises OSError."""
        config = self._first.config
        places = list(self._inherited) or opened.listening(*config.server.address)
        self._sockets = [stack.enter_context(place.socket) for place in places]
        self._operator = None
        listen = config.admin.listen
        if listen is not None:
            self._operator = stack.enter_context(opened.operators(listen))
            _log.info("admin.ready", listen=listen if listen.startswith("unix:") else name_of(self._operator))
            if listen.startswith("unix:"):
                stack.callback(Path(listen.removeprefix("unix:")).unlink, missing_ok=True)
        self._limits = shared_memory()
        stack.callback(os.close, self._limits)
        self._shares = Shares(self._limits, 0)
        self._scratch = stack.enter_context(scratch())

    async def _take(self, index: int) -> Hand:
        """A new worker that serves what all serve. Raises OSError, ChannelError and ConfigError."""
        self._shares.forget_worker(index)
        descriptors = [place.fileno() for place in self._sockets]
        operator = None if self._operator is None else self._operator.fileno()
        shared = [*descriptors, self._limits, *([] if operator is None else [operator])]
        hand = await Hand.take(index, self._answer, self._environ, shared)
        orders = {
            **self._fleet.orders,
            "index": index,
            "settings": packed_settings(self._settings),
            "sockets": descriptors,
            "operator": operator,
            "limits": self._limits,
            "scratch": str(self._scratch),
        }
        try:
            await hand.start(orders)
            await self._fleet.catch_up([hand])
        except BaseException:
            hand.kill()
            await hand.ended()
            raise
        return hand

    def _crew_lost(self, index: int) -> None:
        self._shares.forget_worker(index)

    async def _drain(self) -> None:
        self._draining = True
        server = self._reloader.serving[1].config.server
        patience = server.shutdown_delay + server.drain_timeout + FAREWELL
        self._systemd.stopping(patience)
        _log.info("server.draining", workers=len(self._crew.serving()))
        for place in (*self._sockets, *([self._operator] if self._operator else [])):
            place.close()  # the workers have it as long as they listen
        await self._crew.end(patience)
        _log.info("server.stopped")

    async def _answer(self, word: str, asked: Json) -> Any:
        """What a worker asks on behalf of the operator."""
        match word:
            case "state":
                return await self._state()
            case "series":
                return await self._series()
            case "rehearse":
                return rehearsed(await self._rollout.rehearse())
            case "reload":
                return reloaded(await self._rollout.reload(), self._fleet.generation)
            case "try_out":
                return told(await self._rollout.begin(asked["share"], asked["seconds"]))
            case "drain":
                return self._end()
            case "settings":
                settings = effective(*self._reloader.serving, self._settings)
                return [(setting.path, setting.value, setting.origin) for setting in settings]
            case _:
                raise RequestError(f"nothing answers to {word}", status=400, code="no_answer")

    async def _state(self) -> Json:
        asked = [(hand, hand.channel.ask("standing", patience=PATIENCE)) for hand in self._crew.serving()]
        answers = await asyncio.gather(*(answer for _, answer in asked), return_exceptions=True)
        workers = [
            {"worker": hand.index, **answer}
            for (hand, _), answer in zip(asked, answers, strict=True)
            if isinstance(answer, dict)
        ]
        return {
            "version": __version__,
            **about(self._reloader, self._reloads, self._rollout.trial),
            "uptime_seconds": round(time.time() - self._began),
            "pid": os.getpid(),
            "generation": self._fleet.generation,
            **_together(workers),
            "draining": self._draining,
            "workers": workers,
        }

    async def _series(self) -> Any:
        await self._crew.count()
        own = Tally()
        configuration(own, self._fleet.generation, self._reloader.serving[1].digest, self._reloads)
        process(own)
        own.put(IN_FLIGHT, value=-1)  # the scrape itself
        self._crew.measure(own)
        return merged([*self._crew.counted(), own.export()])

    def _status(self) -> str:
        """One line for systemd."""
        generation = f"generation {self._fleet.generation}"
        count = len(self._crew.serving())
        if self._draining:
            return f"draining, {count} workers left; {generation}"
        healthy, known = self._crew.standing()
        text = f"{generation}, {count} of {self._crew.size} workers serve, {healthy} of {known} providers healthy"
        refused = self._reloader.refused
        return f"{text}; the file as it is now is refused: {refused.splitlines()[0][:200]}" if refused else text

    def _ready(self) -> None:
        table = self._first.table
        names = [name_of(place) for place in self._sockets]
        _log.info(
            "server.ready",
            version=__version__,
            pid=os.getpid(),
            listen=", ".join(names),
            url=f"{names[0]}/v1",
            chat=f"{names[0]}/chat/" if self._first.config.server.web else None,
            file=str(self._loaded.path) if self._loaded.files else None,
            models=len(table.routes),
            providers=len(table.used),
            generation=self._fleet.generation,
            workers=self._crew.size,
        )
        for warning in self._loaded.warnings:
            _log.warning("config.warning", problem=str(warning))
        self._systemd.ready()

    def _install_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._reloader.nudge.set)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._stop.is_set():
            self._crew.hurry()
        self._stop.set()


def _together(workers: Sequence[Json]) -> Json:
    """What several processes say of themselves, as one; the request that asks does not count."""
    providers: dict[str, Json] = {}
    for worker in workers:
        for row in worker["providers"]:
            known = providers.setdefault(row["name"], {**row, "keys": {}})
            known["usable"] = known["usable"] and row["usable"]
            for key in row["keys"]:
                known["keys"][key["name"]] = known["keys"].get(key["name"], True) and key["usable"]
    return {
        "open_requests": max(sum(worker["open_requests"] for worker in workers) - 1, 0),
        "loop_lag_seconds": max((worker["loop_lag_seconds"] for worker in workers), default=0.0),
        "providers": [
            {**row, "keys": [{"name": name, "usable": usable} for name, usable in row["keys"].items()]}
            for row in providers.values()
        ],
        "cooldowns": [{"worker": worker["worker"], **row} for worker in workers for row in worker["cooldowns"]],
    }
