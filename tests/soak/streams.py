"""Ten thousand streams that are open at once and say little: what each costs, and whether all of them end well.

`python -m tests.soak.streams --count 10000`. Upstream, daemon and clients are processes of their own, on loopback. A
stream has said its first word and waits for the next; the daemon's memory then is held against that before, a health
check is timed meanwhile, and in the end every stream must come to its `[DONE]`.
"""

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

from bench.upstream import content_event, stream_end, stream_head
from tests.soak.figures import Figure, bugs, directory, open_files, percentile, report, seconds_until
from tests.support.caller import get
from tests.support.daemon import Daemon
from tests.support.files import write_config

#: KiB of a stream that waits, and seconds for a health check while all of them are open.
EACH, HEALTH = 30.0, 0.1
#: Streams opened before memory is first looked at: code and pools that every stream shares are there by then.
WARM_UP = 200
#: Streams that are being opened at a time.
AT_ONCE = 200
#: Seconds for all streams to end, and for the daemon to be rid of them: it keeps idle connections for a minute.
END_WITHIN, RID_WITHIN = 60.0, 90.0
BODY = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'


def config(url: str, count: int) -> str:
    return f"""
        log: {{level: info}}
        limits: {{connections: {count + 1000}, inflight: {count + 1000}, loop_lag: 10s}}
        defaults: {{timeouts: {{first_token: 5m, idle: 10m, answer: 10m, total: 1h}}}}
        providers: {{A: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [A]}}}}
        """


class Waiting(asyncio.Protocol):
    """An upstream's connection: says one word of a stream, and the rest when it is told."""

    open: "set[Waiting]" = set()  # noqa: RUF012 - of this process

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._seen = b""

    def connection_lost(self, _: Exception | None) -> None:
        self.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if self._seen.endswith(b"}"):
            self._seen = b""
            self.open.add(self)
            self._transport.write(stream_head() + content_event())

    def finish(self) -> None:
        self._transport.write(stream_end())


async def serve() -> int:
    """The upstream's process: prints its port, and ends all streams when its standard input says so."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Waiting, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "finish":
            for waiting in list(Waiting.open):
                waiting.finish()
    return 0


class Reading(asyncio.Protocol):
    """A client's connection. `said` is done with the first word, `done` with the whole answer."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.said: asyncio.Future[None] = loop.create_future()
        self.done: asyncio.Future[bool] = loop.create_future()
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        self.transport.write(head + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)

    def connection_lost(self, _: Exception | None) -> None:
        for future in (self.said, self.done):
            if not future.done():
                future.set_exception(ConnectionError("the daemon closed a stream: " + self._seen[:200].decode()))

    def data_received(self, data: bytes) -> None:
        self._seen = self._seen[-100:] + data
        if not self.said.done() and b'"content"' in self._seen:
            self.said.set_result(None)
        if self._seen.endswith(b"0\r\n\r\n") and not self.done.done():
            self.done.set_result(b"data: [DONE]" in self._seen)


async def opened(url: str, count: int) -> list[Reading]:
    """So many streams, each of which has said its first word."""
    loop, parts = asyncio.get_running_loop(), urlsplit(url)
    found: list[Reading] = []
    while len(found) < count:
        some = min(AT_ONCE, count - len(found))
        made = await asyncio.gather(*(loop.create_connection(Reading, parts.hostname, parts.port) for _ in range(some)))
        fresh = [reading for _, reading in made]
        await asyncio.gather(*(reading.said for reading in fresh))
        found += fresh
    return found


def rss(pid: int) -> float:
    """KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


@asynccontextmanager
async def upstream() -> AsyncIterator[tuple[str, asyncio.StreamWriter]]:
    """The URL of the upstream's process, and what it is told by."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.streams", "--upstream"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1", process.stdin
    finally:
        process.terminate()
        await process.wait()


async def streams(count: int) -> int:
    """Returns the exit code."""
    async with AsyncExitStack() as stack:
        url, told = await stack.enter_async_context(upstream())
        file = write_config(directory("streams") / "g4f.yaml", config(url, count))
        daemon = await stack.enter_async_context(Daemon(file))
        first = await opened(daemon.url, WARM_UP)
        before, files, began = rss(daemon.pid), open_files(daemon.pid), time.monotonic()
        readings = first + await opened(daemon.url, count - WARM_UP)
        seconds = time.monotonic() - began
        each = (rss(daemon.pid) - before) / (count - WARM_UP)
        health = [await _timed(daemon) for _ in range(50)]
        held = open_files(daemon.pid)
        told.write(b"finish\n")
        ends = await asyncio.wait_for(asyncio.gather(*(r.done for r in readings), return_exceptions=True), END_WITHIN)
        well = sum(end is True for end in ends)
        for reading in readings:
            reading.transport.close()
        rid = await seconds_until(lambda: _rid(daemon, files), within=RID_WITHIN)
        after, wrong = rss(daemon.pid), bugs(daemon)
    slowest, opened_all = percentile(health, 0.99), before + each * (count - WARM_UP)
    memory = ", ".join(f"{kib / 1024:.0f}" for kib in (before, opened_all, after))
    return report(
        f"{count} streams at once",
        [
            Figure("all open after", f"{seconds:.1f} s ({(count - WARM_UP) / seconds:.0f} a second)"),
            Figure("memory of an idle stream", f"{each:.1f} KiB", f"<= {EACH:g} KiB", each <= EACH),
            Figure("resident memory before, open, after", f"{memory} MiB"),
            Figure("open files meanwhile", f"{held}"),
            Figure("health check, p99", f"{1000 * slowest:.1f} ms", f"<= {1000 * HEALTH:g} ms", slowest <= HEALTH),
            Figure("streams that came to their end", f"{well}", f"= {count}", well == count),
            Figure("connections let go", "never" if rid is None else f"after {rid:.1f} s", "all", rid is not None),
            Figure("unexpected lines in the log", f"{len(wrong)}", "= 0", not wrong),
        ],
    )  # fmt: skip


async def _timed(daemon: Daemon) -> float:
    began = time.monotonic()
    await get(daemon.url + "/healthz")
    return time.monotonic() - began


async def _rid(daemon: Daemon, files: int) -> bool:
    return open_files(daemon.pid) <= files


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.streams", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--upstream", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    needed, (_, most) = 2 * options.count + 200, resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < needed and not options.upstream:
        print(f"{options.count} streams need {needed} open files, and {most} are allowed: ulimit -n", file=sys.stderr)
        return 2
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve() if options.upstream else streams(options.count))


if __name__ == "__main__":
    sys.exit(main())
