"""What the operator can see and do: the face of this process, or of several, for `/admin/` and `/metrics`."""

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from g4f.api.state import ServerState
from g4f.config.settings import Settings
from g4f.errors import UnavailableError
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloaded, Reloader, Reloads
from g4f.gateway.rollout import Rehearsal, Rollout
from g4f.gateway.trial import Trial
from g4f.meter.meter import Meter
from g4f.meter.tally import Series
from g4f.version import __version__

if TYPE_CHECKING:
    from g4f.gateway.effective import Setting

Json = dict[str, Any]


class Control(Protocol):
    """Answers are JSON. Nothing here but `try_out` raises for a bad file: that is an answer too."""

    async def state(self) -> Json: ...

    async def series(self) -> Sequence[Series]: ...

    async def rehearse(self) -> Json: ...

    async def reload(self) -> Json: ...

    async def try_out(self, share: float, seconds: float) -> Json:
        """Raises ConfigError and RequestError."""

    async def drain(self) -> None: ...

    async def settings(self) -> "Sequence[Setting]":
        """Every value that is in effect."""


class LocalControl:
    """The control of this process alone. `stop` begins to drain it, where that is in its own hand."""

    def __init__(
        self,
        gateway: Gateway,
        server: ServerState,
        meter: Meter,
        reloader: Reloader,
        rollout: Rollout,
        *,
        settings: Settings,
        stop: Callable[[], None] | None,
    ) -> None:
        self._gateway = gateway
        self._server = server
        self._meter = meter
        self._reloader = reloader
        self._rollout = rollout
        self._settings = settings
        self._stop = stop
        self._began = time.time()

    async def state(self) -> Json:
        shared = about(self._reloader, self._meter.reloads, self._rollout.trial)
        own = {"uptime_seconds": round(time.time() - self._began), **standing(self._gateway, self._server)}
        return {"version": __version__, **shared, **own}

    async def series(self) -> Sequence[Series]:
        return self._meter.series(self._server.load())

    async def rehearse(self) -> Json:
        return rehearsed(await self._rollout.rehearse())

    async def reload(self) -> Json:
        return reloaded(await self._rollout.reload(), self._gateway.snapshot.generation)

    async def try_out(self, share: float, seconds: float) -> Json:
        return told(await self._rollout.begin(share, seconds))

    async def drain(self) -> None:
        if self._stop is None:
            raise UnavailableError("The server that runs this application drains it.", code="no_control")
        self._stop()

    async def settings(self) -> "Sequence[Setting]":
        from g4f.gateway.effective import effective

        return effective(*self._reloader.serving, self._settings)


def about(reloader: Reloader, reloads: Reloads, trial: Trial | None) -> Json:
    """The configuration that serves, and what became of the file since."""
    loaded, plan = reloader.serving
    counts = {result.value: count for result, count in reloads.counts.items()}
    last = {"last_good": reloads.last_good, "good_at": round(reloads.good_at), "problem": reloader.refused}
    return {
        "file": str(loaded.path),
        "digest": plan.digest[:12],
        "models": len(plan.table.routes),
        "reload": {**last, "counts": counts},
        "trial": None if trial is None else told(trial),
    }


def standing(gateway: Gateway, server: ServerState, asking: int = 1) -> Json:
    """How one process does: its load, and the health of its providers."""
    health, table = gateway.health, gateway.snapshot.table
    cooling = [
        {
            "provider": place.provider or None,
            "key": place.key,
            "model": place.model,
            "proxy": place.proxy,
            "failure": cooldown.kind.value,
            "for": round(cooldown.until - health.now(), 1),
        }
        for place, cooldown in health.cooling()
    ]
    down = {(row["provider"], row["key"]) for row in cooling if row["model"] is None and row["proxy"] is None}
    return {
        "pid": os.getpid(),
        "generation": gateway.snapshot.generation,
        "open_requests": server.load(asking).in_flight,
        "draining": server.draining,
        "loop_lag_seconds": round(server.lag.seconds, 4),
        "providers": [
            {
                "name": name,
                "usable": (name, None) not in down,
                "keys": [
                    {"name": key.name, "usable": not down & {(name, None), (name, key.name)}}
                    for key in table.providers[name].keys
                ],
            }
            for name in gateway.snapshot.adapters
        ],
        "cooldowns": cooling,
    }


def rehearsed(rehearsal: Rehearsal) -> Json:
    """What a dry run found."""
    return {
        "ok": not rehearsal.problems,
        "problems": rehearsal.problems,
        "warnings": rehearsal.warnings,
        "changes": rehearsal.changes,
    }


def reloaded(found: Reloaded, generation: int) -> Json:
    """What a reload came to."""
    said = {"problems": found.problems, "warnings": found.warnings}
    return {"result": found.result.value, "generation": generation, **said}


def told(trial: Trial) -> Json:
    """How a trial goes."""
    both = {
        name: {"requests": found.requests, "failed": found.failed}
        for name, found in (("before", trial.before), ("now", trial.now))
    }
    return {
        "generation": trial.generation,
        "digest": trial.digest[:12],
        "percent": round(trial.share * 100),
        "seconds": trial.seconds,
        "verdict": trial.verdict.value,
        "reason": trial.reason or None,
        **both,
    }
