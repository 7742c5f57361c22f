"""The load generator: raw connections that ask, check every answer, and ask again.

An answer counts when its status is 200, all of its tokens came and, of a stream, `[DONE]` too. The proxy's CPU clock is
read at both ends of the same window in which answers are counted. Run as `python -m bench.load` with a `Job` as JSON
on the command line; it prints a `Measured` as JSON.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import httptools
import uvloop

from bench.processes import cpu_seconds, rss_mib
from bench.workload import SCENARIOS, TOKEN, Kind, Scenario, request_body, tokens_of

#: Errors after which asking on would only measure how fast a proxy refuses.
ENOUGH_ERRORS = 200
#: A window in a closed loop is stretched, up to so many times, until it holds so many answers.
STRETCH = 6
ENOUGH_ANSWERS = 30
_CARRY = len(b"[DONE]") - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Where to ask and for how long. `pids` are the processes whose cost is measured."""

    scenario: str
    port: int
    path: str
    headers: dict[str, str]
    models: list[str]
    pids: list[int]
    seconds: float
    warm_up: float


@dataclass(slots=True, kw_only=True)
class Measured:
    """Of one window of `wall` seconds; `latencies_us` and `firsts_us` are p50 and p99 of whole answers and of the time
    until a stream's first token. A stream still without one at the end of the window counts with its age."""

    answers: int
    tokens: int
    errors: dict[str, int]
    wall: float
    cpu: float
    rss: float
    latency_us: tuple[float, float] | None
    first_us: tuple[float, float] | None


@dataclass(slots=True)
class Tally:
    """What all connections count together."""

    all_answers: int = 0
    answers: int = 0
    tokens: int = 0
    counting: bool = False
    latencies: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


class Connection(asyncio.Protocol):
    """One client: one request at a time, without a pause between them."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._tally = load.tally
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self.asked = 0.0
        self.first = 0.0
        self._tokens = 0
        self._tail = b""
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has no base class
        self._ask()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._tally.errors["invalid HTTP"] += 1
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.asked and not self._load.over:
            self._tally.errors["connection closed"] += 1
        self._load.lost(self)

    def on_body(self, data: bytes) -> None:
        seen = self._tail + data
        # What was cut in two is found when its second half is here, and what was counted is not kept.
        self._tail = seen[-_CARRY:].rpartition(TOKEN)[2]
        if self._load.streamed and b"[DONE]" in seen:
            self._done = True
        if count := seen.count(TOKEN):
            if not self._tokens:
                self.first = self._load.now()
                if self._tally.counting:
                    self._tally.firsts.append(self.first - self.asked)
            self._tokens += count
            if self._tally.counting:
                self._tally.tokens += count

    def on_message_complete(self) -> None:
        problem = self._problem()
        self._tally.all_answers += 1
        if problem:
            self._tally.errors[problem] += 1
            if sum(self._tally.errors.values()) > ENOUGH_ERRORS:
                self._load.give_up()
        elif self._tally.counting:
            self._tally.answers += 1
            self._tally.latencies.append(self._load.now() - self.asked)
        self.asked = 0.0
        if self._load.over or not self._parser.should_keep_alive():
            self.close()
        else:
            self._ask()

    def _problem(self) -> str | None:
        status = self._parser.get_status_code()
        if status != 200:
            return f"status {status}"
        if self._tokens != self._load.tokens:
            return "tokens missing"
        if self._load.streamed and not self._done:
            return "no [DONE]"
        return None

    def _ask(self) -> None:
        assert self._transport is not None
        self._tokens = 0
        self._tail = b""
        self._done = False
        self.first = 0.0
        self.asked = self._load.now()
        self._transport.write(self._load.next_request())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Load:
    """All connections of one job."""

    def __init__(self, job: Job, scenario: Scenario) -> None:
        self._job = job
        self._scenario = scenario
        self.tally = Tally()
        self.over = False
        self.streamed = scenario.streamed
        self.tokens = tokens_of(scenario)
        self._loop = asyncio.get_running_loop()
        self.now = time.perf_counter  # uvloop's own clock counts milliseconds
        self._requests = itertools.cycle([_request(job, scenario, model) for model in job.models])
        self.next_request = self._requests.__next__
        self._open: set[Connection] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self._enough = asyncio.Event()

    async def run(self) -> Measured:
        await self._open_all()
        await self._pause(self._job.warm_up)
        await self._await_answers(self._scenario.concurrency, self._job.warm_up)
        begun, cpu = self.now(), cpu_seconds(self._job.pids)
        self.tally.counting = True
        await self._pause(self._job.seconds)
        await self._await_answers(ENOUGH_ANSWERS, self._job.seconds)
        wall, cpu = self.now() - begun, cpu_seconds(self._job.pids) - cpu
        rss = rss_mib(self._job.pids)
        self.tally.counting = False
        self.over = True
        if self.streamed:
            self.tally.firsts += [self.now() - one.asked for one in self._open if one.asked and not one.first]
        for connection in list(self._open):
            connection.close()
        tally = self.tally
        return Measured(
            answers=tally.answers,
            tokens=tally.tokens,
            errors=dict(tally.errors),
            wall=wall,
            cpu=cpu,
            rss=rss,
            latency_us=percentiles(tally.latencies),
            first_us=percentiles(tally.firsts) if self.streamed else None,
        )

    def lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        if not self.over:
            self._dial()

    def give_up(self) -> None:
        self._enough.set()
        self.over = True

    async def _open_all(self) -> None:
        """Streams begin one after the other within a second, so that their chunks are spread over the pause."""
        paced = self._scenario.kind is Kind.PACED
        for number in range(self._scenario.concurrency):
            self._dial()
            if paced and number % 5 == 4:
                await asyncio.sleep(5 / self._scenario.concurrency)

    def _dial(self) -> None:
        task = self._loop.create_task(self._connect())
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _connect(self) -> None:
        try:
            _, connection = await self._loop.create_connection(lambda: Connection(self), "127.0.0.1", self._job.port)
            self._open.add(connection)
        except OSError:
            self.tally.errors["no connection"] += 1
            self.give_up()

    async def _await_answers(self, count: int, seconds: float) -> None:
        """Let slow ones come that far too: a first answer may take a second, and two answers are no sample."""
        if self._scenario.kind is Kind.PACED:
            return
        before, latest = self.tally.all_answers, self.now() + (STRETCH - 1) * seconds
        known = self.tally.answers if self.tally.counting else 0
        while self.tally.all_answers - before + known < count and self.now() < latest and not self.over:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._enough.wait()
        except TimeoutError:
            return


def _request(job: Job, scenario: Scenario, model: str) -> bytes:
    body = request_body(scenario, model)
    fields = {"Host": f"127.0.0.1:{job.port}", "Content-Type": "application/json", **job.headers}
    lines = [f"POST {job.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def percentiles(seconds: list[float]) -> tuple[float, float] | None:
    """p50 and p99 in microseconds."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return tuple(1e6 * ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.99))  # type: ignore[return-value]


async def _main(words: dict[str, Any]) -> None:
    job = Job(**words)
    scenario = next(one for one in SCENARIOS if one.name == job.scenario)
    print(json.dumps(asdict(await Load(job, scenario).run())))


if __name__ == "__main__":
    uvloop.run(_main(json.loads(sys.argv[1])))
