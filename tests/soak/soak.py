"""A soak: faults without end on three of four providers, and not one request may fail for it.

`python -m tests.soak.soak --seconds 120 --rate 80`. The daemon, the upstreams and the client are processes of their
own. What breaks off after its first content is counted apart: no gateway can mend it, but the client must see it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.soak.figures import Figure, bugs, directory, open_files, report, seconds_until, slope, tasks
from tests.soak.upstreams import TEXT
from tests.support.caller import get, post
from tests.support.daemon import Daemon
from tests.support.files import write_config
from tests.support.load import Load, Tally

SUCCESS = 0.9999
#: Bytes of growth a request, over what a short run can tell (MiB).
SLOPE, NOISE = 8.0, 6.0
#: Seconds after the last request by which nothing of it may be left.
QUIET = 1.0
WARM_UP = 10.0

MODELS = ("in-order", "balanced", "mixed", "faulty-last")


def config(urls: dict[str, Any], level: str) -> str:
    a, b, c = urls["faulty"]
    return f"""
        log: {{level: {level}}}
        state: file:state
        defaults:
          timeouts: {{connect: 1s, first_token: 1s, answer: 2s, idle: 1s, total: 20s}}
        providers:
          A: {{base_url: "{a}", keys: [{{name: one, key: soak-key-of-a-1}}, {{name: two, key: soak-key-of-a-2}}]}}
          B: {{base_url: "{b}", retries: 2}}
          C: {{base_url: "{c}", retries: 0}}
          Good: {{base_url: "{urls["good"]}"}}
        models:
          in-order: {{chain: [A, B, C, Good]}}
          balanced: {{chain: [[A, B, C], Good]}}
          mixed: {{chain: [C, [A, B], Good]}}
          faulty-last: {{chain: [A, Good, B]}}
        """


@asynccontextmanager
async def upstreams() -> AsyncIterator[dict[str, Any]]:
    """The URLs of the upstreams' process, for as long as the block runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.upstreams"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


class Soak:
    """One daemon over the upstreams, and what is measured of it."""

    def __init__(self, daemon: Daemon, control: str) -> None:
        self.daemon = daemon
        self._control = control
        self.points: list[tuple[float, float]] = []

    async def figures(self) -> dict[str, Any]:
        found: dict[str, Any] = (await get(f"{self._control}/figures")).json
        return found

    async def is_quiet(self) -> bool:
        return (await self.figures())["busy"] == 0

    async def at_rest(self) -> tuple[int, dict[str, int]]:
        """Open files and tasks when nothing is asked of the daemon and no connection lies idle."""
        await post(f"{self._control}/drop", {})
        await asyncio.sleep(0.5)
        return open_files(self.daemon.pid), await tasks(self.daemon)

    async def load(self, seconds: float, rate: float) -> Tally:
        """Ask for so long; notes requests and memory (bytes) once a second."""
        ends = time.monotonic() + seconds
        async with Load(self.daemon.url, rate=rate, text=TEXT, models=MODELS) as load:
            while time.monotonic() < ends:
                await asyncio.sleep(min(1.0, max(0.0, ends - time.monotonic())))
                self.points.append((load.tally.requests, self.daemon.rss_mib() * (1 << 20)))
                if len(self.points) % 30 == 0:
                    _progress(load.tally, self.daemon)
        return load.tally


def _progress(tally: Tally, daemon: Daemon) -> None:
    print(
        f"  {tally.requests} requests, {tally.failed} failed, {tally.cut} cut, {daemon.rss_mib():.1f} MiB",
        flush=True,
    )


async def soak(seconds: float, rate: float) -> int:
    """Run it; returns the exit code."""
    place = directory("soak")
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(upstreams())
        file = write_config(place / "g4f.yaml", config(urls, "info"))
        daemon = await stack.enter_async_context(Daemon(file, program="tests.soak.probe"))
        write_config(file, config(urls, "error"))  # a log of every failure would be all that is measured
        daemon.reload()
        await daemon.logged("config.applied")
        run = Soak(daemon, urls["control"])
        await run.load(WARM_UP, rate)
        await seconds_until(run.is_quiet, within=5)
        before = await run.at_rest()
        run.points.clear()
        tally = await run.load(seconds, rate)
        quiet = await seconds_until(run.is_quiet, within=QUIET)
        after = await run.at_rest()
        figures = [*_answers(tally), *_rest(before, after, quiet), *_memory(run.points), *_log(daemon)]
        served = await run.figures()
    per_request = served["served"] / max(1, tally.requests)
    figures.append(Figure("upstream calls a request", f"{per_request:.2f}"))
    figures.append(Figure("faults", ", ".join(f"{name} {count}" for name, count in sorted(served["faults"].items()))))
    for failure in tally.failures:
        print("failed:", failure)
    return report(f"soak: {seconds:.0f} s at {rate:.0f} requests/s; log in {place}", figures)


def _answers(tally: Tally) -> list[Figure]:
    tried = tally.whole + tally.failed
    success = tally.whole / max(1, tried)
    return [
        Figure("requests", str(tally.requests)),
        Figure("success, cut ones apart", f"{success:.4%} ({tally.failed} failed)", ">= 99.99 %", success >= SUCCESS),
        Figure("cut after content, visibly", f"{tally.cut} ({tally.cut / max(1, tally.requests):.2%})"),
        Figure("attempts", ", ".join(f"{n}: {count}" for n, count in sorted(tally.attempts.items()))),
    ]


def _rest(before: tuple[int, dict[str, int]], after: tuple[int, dict[str, int]], quiet: float | None) -> list[Figure]:
    took = "never" if quiet is None else f"{quiet:.2f} s"
    left = {name: count for name, count in after[1].items() if count > before[1].get(name, 0)}
    return [
        Figure("upstream calls ended after the last", took, f"<= {QUIET:g} s", quiet is not None),
        Figure("open files", f"{before[0]} -> {after[0]}", "no more than before", after[0] <= before[0]),
        Figure(
            "tasks",
            f"{sum(before[1].values())} -> {sum(after[1].values())} {left or ''}",
            "no more than before",
            not left,
        ),
    ]


def _memory(points: list[tuple[float, float]]) -> list[Figure]:
    late = points[len(points) // 2 :]
    if len(late) < 2:
        return []
    grown = slope(late)
    requests = late[-1][0] - late[0][0]
    kept = grown <= SLOPE + NOISE * (1 << 20) / max(1, requests)
    bound = f"<= {SLOPE:g} B + {NOISE:g} MiB / requests"
    return [
        Figure("memory, second half", f"{late[0][1] / 2**20:.1f} -> {late[-1][1] / 2**20:.1f} MiB"),
        Figure("growth a request, second half", f"{grown:.1f} B over {requests:.0f} requests", bound, kept),
    ]


def _log(daemon: Daemon) -> list[Figure]:
    found = bugs(daemon)
    for line in found[:10]:
        print("log:", line)
    return [Figure("lines of the log that tell of a bug", str(len(found)), "0", not found)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rate", type=float, default=80.0, help="requests a second")
    options = parser.parse_args()
    return asyncio.run(soak(options.seconds, options.rate))


if __name__ == "__main__":
    sys.exit(main())
