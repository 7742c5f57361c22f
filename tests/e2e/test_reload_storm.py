"""Reloads under load: no request fails or is cut, and what the old configurations held is given back.

`make storm` runs it longer (G4F_STORM_RELOADS, G4F_STORM_RATE) and prints the figures.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.caller import Answer, chat, get, post, text_of
from tests.support.daemon import Daemon
from tests.support.files import atomic_write, symlink_swap, write_config
from tests.support.http import Request
from tests.support.load import Load
from tests.support.replies import Choose, Completion, Gate, Reply, Stream
from tests.support.upstream import Upstream

RELOADS = int(os.environ.get("G4F_STORM_RELOADS", "20"))
RATE = int(os.environ.get("G4F_STORM_RATE", "200"))
STREAMS = 50
UPSTREAMS = 4
TEXT = "one two three four five"
#: MiB that the daemon may grow: the first reloads warm up allocator and caches, then it is flat.
GROWTH = 24.0

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120 + 3 * RELOADS)]


def valid(number: int, urls: list[str]) -> str:
    """Each one moves the providers to other upstreams and changes their keys."""
    a, b = urls[number % len(urls)], urls[(number + 1) % len(urls)]
    level = "info" if number < 0 else "warning"  # the log is read again and again: keep it short
    return f"""
        # {number}
        log: {{level: {level}}}
        defaults: {{timeouts: {{idle: 10m, total: 1h}}}}
        providers:
          A: {{base_url: "{a}", key: key-{number}}}
          B: {{base_url: "{b}", models: {{m: model-{number}}}}}
        models:
          m: {{chain: [[A, B]]}}
        """


def invalid(number: int, urls: list[str]) -> str:
    """All the ways in which a file gets broken by hand and by tools."""
    good = valid(number, urls)
    broken: tuple[Callable[[], str], ...] = (
        lambda: good[: len(good) // 2],
        lambda: good + f"wrong_{number}: 1\n",
        lambda: good.replace("[A, B]", "[A, Nobody]"),
        lambda: "",
        lambda: good.replace("10m", "10"),
        lambda: good.replace(f"key-{number}", "${NOT_SET}"),
        lambda: "[" * 5000,
    )
    return broken[number // 2 % len(broken)]()


class Storm:
    """Changes the file in turn by hand, by rename and by a swap of links, and waits for what comes of it."""

    def __init__(self, daemon: Daemon, urls: list[str]) -> None:
        self._daemon = daemon
        self._urls = urls
        self.generation = 1
        self.refused = 0

    async def blow(self, number: int) -> None:
        if number % 2 == 0:
            write = write_config if number % 4 == 0 else atomic_write
            write(self._daemon.config, invalid(number, self._urls))
            self._daemon.reload()
            self.refused += 1
            await self._until_refused()
        else:
            write = atomic_write if number % 4 == 1 else symlink_swap
            write(self._daemon.config, valid(number, self._urls))
            self.generation += 1
            await self._until_applied()

    async def _until_refused(self) -> None:
        async with asyncio.timeout(10):
            while sum(line["reason"] == "signal" for line in self._daemon.log_lines("config.refused")) < self.refused:
                await asyncio.sleep(0.05)

    async def _until_applied(self) -> None:
        async with asyncio.timeout(10):
            while await self._live() < self.generation:
                await asyncio.sleep(0.05)

    async def _live(self) -> int:
        return int((await get(f"{self._daemon.url}/readyz")).headers["x-g4f-generation"])


@pytest.fixture
def gates() -> tuple[Gate, Gate]:
    """Those who came before the storm wait at the first, those who came in its middle at the second."""
    return Gate(), Gate()


async def test_a_storm_of_reloads_costs_no_request(tmp_path: Path, gates: tuple[Gate, Gate]) -> None:
    async with AsyncExitStack() as stack:
        upstreams = [await stack.enter_async_context(Upstream(replies(*gates))) for _ in range(UPSTREAMS)]
        urls = [upstream.url for upstream in upstreams]
        daemon = await stack.enter_async_context(Daemon(write_config(tmp_path / "g4f.yaml", valid(-1, urls))))
        storm = Storm(daemon, urls)
        early = [asyncio.ensure_future(stream(daemon, "early")) for _ in range(STREAMS // 2)]
        await gates[0].arrived(len(early))
        late: list[asyncio.Task[Answer]] = []
        rss = []
        async with Load(daemon.url, rate=RATE, text=TEXT, connections=64) as load:
            for number in range(RELOADS):
                if number == RELOADS // 2:
                    late = [asyncio.ensure_future(stream(daemon, "late")) for _ in range(STREAMS // 2)]
                    await gates[1].arrived(len(late))
                await storm.blow(number)
                rss.append(daemon.rss_mib())
            held = [upstream.open_connections for upstream in upstreams]
        for gate in gates:
            gate.open()
        streams = [await task for task in (*early, *late)]
        tally = load.tally
        print(
            f"\n{RELOADS} reloads ({storm.refused} refused), {tally.requests} requests, {len(streams)} open streams: "
            f"{tally.failed} failed, {tally.cut} cut, {tally.went_back} generations went back; "
            f"RSS {rss[0]:.1f} -> {rss[-1]:.1f} MiB; upstream connections {held} -> "
            f"{[upstream.open_connections for upstream in upstreams]}"
        )
        assert (tally.failed, tally.cut, tally.went_back) == (0, 0, 0), tally.failures
        assert tally.whole > RATE * RELOADS * 0.1
        assert {text_of(answer.events) for answer in streams} == {TEXT}
        assert {answer.events[-1] for answer in streams} == {"[DONE]"}
        assert {answer.headers["x-g4f-generation"] for answer in streams[: len(early)]} == {"1"}
        assert tally.newest == storm.generation
        assert rss[-1] - rss[min(3, len(rss) - 1)] < GROWTH
        await until_closed(retired(upstreams, storm))
        assert not daemon.log_lines("request.crashed")
        assert not daemon.log_lines("provider.close_failed")


def replies(early: Gate, late: Gate) -> Reply:
    def by(request: Request) -> Reply:
        prompt = request.json["messages"][0]["content"]
        if prompt == "Hello!":
            return Completion(TEXT)
        return Stream(["one", " two", early if prompt == "early" else late, " three", " four", " five"])

    return Choose(by)


async def stream(daemon: Daemon, prompt: str) -> Answer:
    return await post(f"{daemon.url}/v1/chat/completions", chat("m", prompt, stream=True))


def retired(upstreams: list[Upstream], storm: Storm) -> Iterator[Upstream]:
    """Those that the last configuration does not name."""
    last = max(number for number in range(RELOADS) if number % 2 == 1)
    assert storm.generation == 1 + sum(number % 2 for number in range(RELOADS))
    used = {last % UPSTREAMS, (last + 1) % UPSTREAMS}
    yield from (upstream for number, upstream in enumerate(upstreams) if number not in used)


async def until_closed(upstreams: Iterator[Upstream]) -> None:
    for upstream in upstreams:
        async with asyncio.timeout(5):
            while upstream.open_connections:
                await asyncio.sleep(0.02)
