"""What changes while the server runs: its load, its door, and how far it is on its way out."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from g4f.api.auth import Doorkeeper
from g4f.api.lag import LagMeter
from g4f.config.schema import Config
from g4f.config.server import Limits, Server
from g4f.errors import UnavailableError
from g4f.meter.gauges import Load
from g4f.meter.journal import Journal
from g4f.meter.lines import write_lines
from g4f.meter.tracing import Tracing

#: Bytes of a body of which as many may wait as there are connections (256 MiB with `limits.connections` of 4096).
SMALL_BODY = 64 << 10


class Client(Protocol):
    """Who waits for an answer. `transport` is None when it has left."""

    @property
    def transport(self) -> asyncio.WriteTransport | None: ...


class Waiting(Protocol):
    """A request that no task answers, as long as its upstream says nothing."""

    def take_over(self) -> None:
        """Let a task go on with it."""


@dataclass(slots=True, kw_only=True)
class ServerState:
    """What changes while the server runs.

    `draining` fails the readiness check, `cutting` ends what is still open, and `idle` is set while a draining server
    has no open request. `running` holds the clients of open requests by the tasks that answer them, but no probes, and
    `taskless` the requests that no task answers yet.
    """

    doorkeeper: Doorkeeper
    server: Server
    limits: Limits
    journal: Journal = field(default_factory=lambda: Journal(write_lines))
    tracing: Tracing | None = None
    lag: LagMeter = field(default_factory=LagMeter)
    draining: bool = False
    cutting: bool = False
    running: dict[asyncio.Task[None], Client] = field(default_factory=dict)
    taskless: set[Waiting] = field(default_factory=set)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    """How many of `running` are small requests whose body is still to come."""

    def apply(self, config: Config, doorkeeper: Doorkeeper) -> None:
        """Serve by another configuration from now on. What the keys have used stays used."""
        doorkeeper.succeed(self.doorkeeper)
        self.doorkeeper, self.server, self.limits = doorkeeper, config.server, config.limits

    def enter(self, task: asyncio.Task[None], client: Client) -> None:
        self.running[task] = client
        self.idle.clear()

    def leave(self, task: asyncio.Task[None]) -> None:
        del self.running[task]
        self._left()

    def enter_taskless(self, request: Waiting) -> None:
        self.taskless.add(request)
        self.idle.clear()

    def leave_taskless(self, request: Waiting) -> None:
        self.taskless.discard(request)
        self._left()

    def _left(self) -> None:
        if self.draining and not self.open:
            self.idle.set()

    @property
    def open(self) -> int:
        """How many requests are open."""
        return len(self.running) + len(self.taskless)

    @property
    def tracing_on(self) -> bool:
        return self.tracing is not None and self.tracing.on

    @contextmanager
    def awaiting_body(self, announced: int | None) -> Iterator[None]:
        """For as long as the body of a request is still to come: a small one takes nobody's place until it is there, so
        that a thousand clients which drip keep nobody out. Raises UnavailableError if there is no room by then."""
        small = announced is not None and announced <= SMALL_BODY
        self.waiting += small
        try:
            yield
        finally:
            self.waiting -= small
        if small:
            self.check_load()

    def has_room(self) -> bool:
        """Whether one more request may come in."""
        return self.open - self.waiting < self.limits.inflight and self.lag.seconds <= self.limits.loop_lag

    def check_load(self) -> None:
        """Raises UnavailableError if the newest request is one too many."""
        if self.open - self.waiting > self.limits.inflight:
            raise UnavailableError(f"The server has {self.limits.inflight} open requests (limits.inflight).")
        if self.lag.seconds > self.limits.loop_lag:
            raise UnavailableError("The server is too busy to take another request (limits.loop_lag).")

    def load(self, asking: int = 1) -> Load:
        """What the server has to do now; of its open requests so many only ask for this, and do not count."""
        return Load(in_flight=max(self.open - asking, 0), lag=self.lag.seconds, draining=self.draining)

    def drain(self) -> None:
        """Be not ready any more."""
        self.draining = True
        if not self.open:
            self.idle.set()

    def grants_last_words(self, client: Client) -> bool:
        """Whether the current task was cancelled by a shutdown while its client is still there to be told.

        The cancellation is then taken back, and the task has to end by itself.
        """
        task = asyncio.current_task()
        if not self.cutting or client.transport is None or task is None:
            return False
        task.uncancel()
        return True
