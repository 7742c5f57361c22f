"""The way of plain chats: all that many requests in a row have in common is worked out once, and no task waits.

Nearly every request is answered by the first target of its chain. A lane is that case and no other: it notes what a
walk notes of an attempt that went well, and whatever else comes of it, a walk takes it over where it is.
"""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Protocol

from g4f.exchange.answer import Completion
from g4f.exchange.failure import FailureKind
from g4f.exchange.request import Request
from g4f.gateway.attempt import call
from g4f.gateway.record import AttemptRecord, Journey
from g4f.gateway.snapshot import Snapshot
from g4f.providers.connection import Connection
from g4f.providers.straight import Straight
from g4f.providers.types import Call
from g4f.router.health import Health
from g4f.router.policy import share
from g4f.router.resolution import Resolution


class Waiting(Protocol):
    """Who asked on a lane."""

    def told(self) -> None:
        """There is something to see of the reply, or it is too late for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """An attempt under way, for the walk that goes on with it. `began` is on `time.perf_counter`; `due` is the loop
    time at which it is too late, and `deadline` that of the whole request. Its lease on the snapshot comes with it."""

    call: Call
    resolution: Resolution
    snapshot: Snapshot
    began: float
    due: float
    deadline: float


class Lane:
    """A resolution whose first target can be asked straight. It holds until something changes that it depends on."""

    __slots__ = (
        "_epoch", "_fallback_on", "_health", "_limit", "_loop", "_resolution", "_straight", "_timer", "_waiting",
        "heads", "snapshot", "target",
    )  # fmt: skip

    def __init__(self, resolution: Resolution, straight: Straight, snapshot: Snapshot, health: Health) -> None:
        self._resolution = resolution
        self._straight = straight
        self._health = health
        self._epoch = health.epoch
        self._fallback_on = resolution.fallback_on
        self._loop = asyncio.get_running_loop()
        self.snapshot = snapshot
        self.target = target = resolution.targets[0]
        #: For whoever answers on this lane: what is the same in all its answers.
        self.heads: dict[tuple[str, bool], bytes] = {}
        part = share(resolution.total, len(resolution.targets) - 1)
        self._limit = min(part, target.timeouts.total, target.timeouts.answer)
        #: In the order in which they are due, because all have the same time.
        self._waiting: dict[Waiting, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def over(cls, resolution: Resolution, snapshot: Snapshot, health: Health) -> "Lane | None":
        """The lane of a resolution that will be the same for the next request; None where there can be none."""
        if not resolution.targets or resolution.hedge is not None or resolution.targets[0].wait:
            return None
        target = resolution.targets[0]
        make = getattr(snapshot.adapters[target.provider], "straight", None)
        straight = make(target.model, target.key) if make is not None else None
        return None if straight is None else cls(resolution, straight, snapshot, health)

    def holds(self) -> bool:
        """Whether the next request would find the same chain."""
        health, until = self._health, self._resolution.until
        return self._epoch == health.epoch and (until == math.inf or health.now() < until)

    def ask(self, request: Request, waiting: Waiting) -> Connection | None:
        """Ask the first target; None where that takes more than writing to a connection that is there. Raises
        RequestError."""
        connection = self._straight.launch(request, waiting.told)
        if connection is not None:
            self.snapshot.lease()
            self._waiting[waiting] = due = self._loop.time() + self._limit
            if self._timer is None:
                self._timer = self._loop.call_at(due, self._look)
        return connection

    def landed(
        self, connection: Connection, request: Request, journey: Journey, began: float
    ) -> tuple[AttemptRecord, Completion] | None:
        """The attempt and its answer, if that is here and a good one; nobody waits any more then. None: a walk has to
        go on."""
        if self.snapshot.is_last:  # whoever gives back the last lease has to wait until all is closed
            return None
        completion = self._straight.completion(connection, request)
        if completion is None or (completion.filtered and FailureKind.CONTENT_FILTER in self._fallback_on):
            return None
        self._straight.done(connection)
        record = self._record(journey, began)
        record.answered = True
        target, health = self.target, self._health
        if not health.untroubled:
            health.waited(target.provider, target.key, target.model, record.seconds, stream=False)
            health.succeeded(*target.site)
        self.snapshot.release()
        return record, completion

    def leave(self, waiting: Waiting) -> float:
        """Nobody waits on the lane any more; returns when it would have been too late."""
        return self._waiting.pop(waiting)

    def flight(self, connection: Connection, request: Request, began: float, due: float) -> Flight:
        """What a walk needs to go on."""
        connection.tell(None)
        asked = call(self.target, request)
        asked.send = self._straight.send_on(connection)
        deadline = due - self._limit + self._resolution.total
        return Flight(
            call=asked, resolution=self._resolution, snapshot=self.snapshot, began=began, due=due, deadline=deadline
        )

    def abandon(self, connection: Connection, journey: Journey, began: float) -> None:
        """Nobody wants the answer any more. Not for the last request of a snapshot."""
        connection.tell(None)
        self._straight.done(connection)
        self._health.answered(*self.target.site)
        self._record(journey, began)
        self.snapshot.release()

    def _record(self, journey: Journey, began: float) -> AttemptRecord:
        resolution = self._resolution
        journey.skipped, journey.route = resolution.skipped, resolution.route
        journey.generation = self.snapshot.generation
        record = journey.begin(self.target)
        record.began = began
        record.seconds = time.perf_counter() - began
        return record

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = [waiting for waiting, due in self._waiting.items() if due <= now]
        for waiting in late:
            waiting.told()
        if self._waiting:
            self._timer = self._loop.call_at(next(iter(self._waiting.values())), self._look)


class Lanes:
    """The lanes by model, as far as they hold."""

    __slots__ = ("_lanes",)
    #: Lanes that are remembered; patterns let clients name as many models as they like.
    MOST = 4096

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    def find(self, model: str, snapshot: Snapshot) -> Lane | None:
        """The lane for a model over the snapshot that serves."""
        lane = self._lanes.get(model)
        return lane if lane is not None and lane.snapshot is snapshot and lane.holds() else None

    def make(self, model: str, snapshot: Snapshot, health: Health, resolution: Resolution | None) -> Lane | None:
        """A new lane for a model whose chain is settled; None where its first target cannot be asked straight."""
        lane = Lane.over(resolution, snapshot, health) if resolution is not None else None
        if lane is not None:
            if len(self._lanes) >= self.MOST:
                self._lanes.clear()
            self._lanes[model] = lane
        return lane
