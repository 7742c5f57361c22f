"""Clients that leave before the upstream's headers, before the first token or mid-stream: its call ends with them.

`python -m tests.soak.disconnects --count 10000`. Upstream and clients share a process, so that the time between a
client's leaving and the end of its upstream connection is measured on one clock.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from tests.soak.figures import Figure, bugs, directory, open_files, percentile, report, seconds_until, tasks
from tests.support.caller import chat
from tests.support.daemon import Daemon
from tests.support.files import write_config
from tests.support.http import Request
from tests.support.replies import Choose, Gate, Hang, Reply, Stream
from tests.support.upstream import Upstream
from tests.support.wire import Wire

Phase = Literal["whole, before the headers", "before the headers", "before the first token", "mid-stream"]
PHASES: tuple[Phase, ...] = get_args(Phase)
#: Clients at a time: few enough that what is measured is not their waiting for each other.
AT_ONCE = 8
#: Seconds: the bound of the 99th percentile, and by when nothing may be left.
P99, NOTHING_LEFT = 0.05, 1.0


def config(url: str) -> str:
    return f"""
        log: {{level: info}}
        defaults: {{timeouts: {{first_token: 5m, idle: 5m, answer: 5m, total: 10m}}}}
        providers: {{A: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [A]}}}}
        """


class Leaving(Upstream):
    """Says nothing, or a little, and notes when each call came to its place and when its connection ended."""

    def __init__(self) -> None:
        super().__init__(Choose(self._reply))
        self.there: dict[str, asyncio.Event] = {}
        self.ended: dict[str, float] = {}

    def _reply(self, request: Request) -> Reply:
        prompt = request.json["messages"][0]["content"]
        phase = PHASES[int(prompt.partition(" ")[2])]
        if phase == "mid-stream":
            return Stream(["one", " two", Gate()])
        if phase == "before the first token":
            role = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
            return Stream([role, b": a comment\n\n", Gate()])
        return Hang()

    async def _play(self, wire: Wire, request: Request) -> bool:
        self.requests.clear()
        prompt = request.json["messages"][0]["content"]
        gone = asyncio.ensure_future(wire.gone.wait())
        gone.add_done_callback(lambda _: self.ended.setdefault(prompt, time.monotonic()))
        self.there[prompt].set()
        try:
            return await super()._play(wire, request)
        finally:
            await asyncio.sleep(0)
            gone.cancel()

    def _accept(self) -> Wire:
        self._wires = [wire for wire in self._wires if wire.is_open]
        return super()._accept()


class Leaver:
    """One client after another, each on a connection of its own that it closes in the phase that is its turn."""

    def __init__(self, daemon: Daemon, upstream: Leaving) -> None:
        parts = urlsplit(daemon.url)
        self._address = (str(parts.hostname), int(parts.port or 80))
        self._upstream = upstream
        self.left: dict[Phase, list[float]] = {phase: [] for phase in PHASES}
        self.missed = 0

    async def leave(self, number: int) -> None:
        turn = number % len(PHASES)
        phase, prompt = PHASES[turn], f"{number} {turn}"
        there = self._upstream.there[prompt] = asyncio.Event()
        wire = await Wire.dial(*self._address)
        await wire.write(_request(prompt, stream=not phase.startswith("whole")))
        if phase == "mid-stream":
            await wire.read_until(b" two")
        else:
            await there.wait()
        left = time.monotonic()
        wire.close()
        ended = await self._end_of(prompt)
        del self._upstream.there[prompt]
        if ended is None:
            self.missed += 1
        else:
            self.left[phase].append(ended - left)

    async def _end_of(self, prompt: str) -> float | None:
        for _ in range(round(NOTHING_LEFT / 0.01)):
            if prompt in self._upstream.ended:
                return self._upstream.ended.pop(prompt)
            await asyncio.sleep(0.01)
        return None


def _request(prompt: str, **fields: Any) -> bytes:
    body = json.dumps(chat("m", prompt, **fields)).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def disconnects(count: int) -> int:
    """Run it; returns the exit code."""
    place = directory("disconnects")
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(Leaving())
        file = write_config(place / "g4f.yaml", config(upstream.url))
        daemon = await stack.enter_async_context(Daemon(file, program="tests.soak.probe"))
        write_config(file, config(upstream.url).replace("level: info", "level: error"))
        daemon.reload()
        await daemon.logged("config.applied")
        leaver = Leaver(daemon, upstream)
        for number in range(len(PHASES)):
            await leaver.leave(-len(PHASES) + number)
        files, before, rss = open_files(daemon.pid), await tasks(daemon), daemon.rss_mib()
        numbers = iter(range(count))
        await asyncio.gather(*(_all(leaver, numbers) for _ in range(AT_ONCE)))
        left = await seconds_until(lambda: _none_open(upstream), within=NOTHING_LEFT)
        after = await tasks(daemon)
        figures = [
            *_times(leaver),
            Figure("clients that left", str(count)),
            Figure("ended later than 1 s, or never", str(leaver.missed), "0", leaver.missed == 0),
            Figure("upstream connections left", str(upstream.open_connections), "0 after 1 s", left is not None),
            Figure("open files", f"{files} -> {open_files(daemon.pid)}", "no more", open_files(daemon.pid) <= files),
            Figure("tasks", f"{before} -> {after}", "no more", sum(after.values()) <= sum(before.values())),
            Figure("memory", f"{rss:.1f} -> {daemon.rss_mib():.1f} MiB"),
            Figure("lines of the log that tell of a bug", str(len(bugs(daemon))), "0", not bugs(daemon)),
        ]
    return report(f"disconnects: {AT_ONCE} at a time; log in {place}", figures)


async def _all(leaver: Leaver, numbers: Iterator[int]) -> None:
    for number in numbers:
        await leaver.leave(number)


async def _none_open(upstream: Leaving) -> bool:
    return upstream.open_connections == 0


def _times(leaver: Leaver) -> list[Figure]:
    figures = []
    for phase, times in leaver.left.items():
        middle, high, most = (percentile(times, share) * 1000 for share in (0.5, 0.99, 1.0))
        kept = high <= P99 * 1000
        text = f"p50 {middle:.1f} ms, p99 {high:.1f} ms, max {most:.1f} ms"
        figures.append(Figure(f"{phase}: upstream closed", text, f"p99 <= {P99 * 1000:g} ms", kept))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.disconnects", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    return asyncio.run(disconnects(parser.parse_args().count))


if __name__ == "__main__":
    sys.exit(main())
