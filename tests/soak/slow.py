"""A thousand connections that are slow on purpose, and one good client: it must hardly notice, and they must go.

`python -m tests.soak.slow --count 1000`, or with `--tool` the attacks of slowhttptest where that is installed. The
four kinds are slowhttptest's: heads that never end (-H), bodies that drip (-B), answers that nobody reads (-X), and
many ranges (-R). Each is started against a daemon with short limits, and is over when its last connection is.
"""

import argparse
import asyncio
import json
import shutil
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, get_args

from tests.soak.figures import Figure, bugs, directory, percentile, report
from tests.support.caller import chat
from tests.support.daemon import Daemon
from tests.support.files import write_config

Kind = Literal["H", "B", "X", "R"]
KINDS: dict[Kind, str] = {
    "H": "heads that never end",
    "B": "bodies that drip",
    "X": "answers that nobody reads",
    "R": "many ranges",
}
#: Seconds: the limits of the daemon, and how long the good client is watched before and while.
LIMIT, WATCHED = 5, 6.0
#: Seconds between two requests of the good client, and between two bytes of a slow one.
PAUSE, DRIP = 0.01, 1.0
#: Slow connections that are begun in a second; where each is a whole request, few enough that answering is no work.
PER_SECOND: dict[Kind, int] = {"H": 300, "B": 300, "X": 100, "R": 100}
#: How much slower the good client's 99th percentile may become; below the floor nobody feels it (seconds).
FACTOR, FLOOR = 2.0, 0.010
KEY = "0123456789abcdef"
_GOOD = json.dumps(chat("demo")).encode()
_HEAD = f"Host: localhost\r\nx-api-key: {KEY}\r\n"


def config(names: int = 60) -> str:
    """Limits of seconds, and a list of models that is longer than what a slow reader takes in (about 10 KiB)."""
    rows = "\n".join(f"          model-with-a-long-name-{n}: {{chain: [Demo]}}" for n in range(names))
    return f"""
        server:
          keys: [{{name: good, key: "{KEY}"}}]
          header_timeout: {LIMIT}s
          body_timeout: {LIMIT}s
          write_timeout: {LIMIT}s
        limits: {{inflight: 4000}}
        models:
          demo: {{chain: [Demo]}}
{rows}
        """


@dataclass(slots=True)
class Slow:
    """One slow connection: what it sends first, then again and again, and how little it reads."""

    kind: Kind
    port: int
    after: float
    """Seconds until it connects: as slowhttptest does, not all at once."""
    lived: float = 0.0

    async def run(self) -> None:
        """Be slow until the server has enough of it; `lived` is how long that took, in seconds."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.after)
        with socket.socket() as sock:
            sock.setblocking(False)
            if self.kind == "X":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            begun = time.monotonic()
            with suppress(OSError):
                await loop.sock_connect(sock, ("127.0.0.1", self.port))
                await loop.sock_sendall(sock, self._first())
                await self._go_on(sock)
            self.lived = time.monotonic() - begun

    def _first(self) -> bytes:
        match self.kind:
            case "H":
                return f"GET /v1/models HTTP/1.1\r\n{_HEAD}".encode()
            case "B":
                fields = "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
                return f"POST /v1/chat/completions HTTP/1.1\r\n{_HEAD}{fields}".encode()
            case "X":
                return f"GET /v1/models HTTP/1.1\r\n{_HEAD}\r\n".encode()
            case "R":
                ranges = ",".join(f"5-{n}" for n in range(6, 1500))
                return (
                    f"GET /v1/models HTTP/1.1\r\n{_HEAD}Range: bytes=0-,{ranges}\r\nConnection: close\r\n\r\n".encode()
                )

    async def _go_on(self, sock: socket.socket) -> None:
        loop, number = asyncio.get_running_loop(), 0
        enough = time.monotonic() + WATCHED + 15.0
        while self.kind != "X" or time.monotonic() < enough:
            if self.kind in ("H", "B"):
                number += 1
                await loop.sock_sendall(sock, b"x" if self.kind == "B" else b"X-%d: y\r\n" % number)
                if await self._hears(sock, DRIP):
                    return
            elif not await loop.sock_recv(sock, 1 if self.kind == "X" else 65536):
                return
            elif self.kind == "X":
                await asyncio.sleep(DRIP)

    async def _hears(self, sock: socket.socket, within: float) -> bool:
        """Whether the server says anything, or closes, within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await asyncio.get_running_loop().sock_recv(sock, 65536)
                return True
        return False


async def watch(port: int, seconds: float) -> list[float]:
    """The times that a good client's chats took, one after the other on one connection, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\n{_HEAD}Content-Length: {len(_GOOD)}\r\n\r\n".encode()
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        writer.write(head + _GOOD)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert " 200 " in answer.partition("\r\n")[0], answer
        await reader.readexactly(int(answer.partition("content-length: ")[2].partition("\r\n")[0]))
        times.append(time.perf_counter() - begun)
        await asyncio.sleep(PAUSE)
    writer.close()
    return times


async def attack(daemon: Daemon, kind: Kind, count: int, *, tool: bool) -> list[Figure]:
    port = int(daemon.url.rpartition(":")[2])
    before = percentile(await watch(port, WATCHED), 0.99)
    attacking = asyncio.ensure_future(_slowhttptest(kind, daemon.url, count) if tool else _apart(kind, port, count))
    await asyncio.sleep(count / PER_SECOND[kind] + 1.0)
    during = percentile(await watch(port, WATCHED), 0.99)
    longest = await attacking
    bound = max(before * FACTOR, FLOOR)
    name = f"-{kind}, {KINDS[kind]}"
    told = f"{before * 1000:.1f} -> {during * 1000:.1f} ms"
    figures = [Figure(f"{name}: p99", told, f"at most twice, or {FLOOR * 1000:.0f} ms", during <= bound)]
    if not tool and kind != "X":  # what fits into the kernel's buffers is as good as read: nobody waits for its reader
        most = LIMIT + DRIP + 2.0
        figures.append(Figure(f"{name}: all gone after", f"{longest:.1f} s", f"{most:g} s", longest <= most))
    return figures


async def _apart(kind: Kind, port: int, count: int) -> float:
    """The slow clients in a process of their own, so that the good one does not wait for them; the longest life."""
    words = ("--attack", str(port), "--kind", kind, "--count", str(count))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.soak.slow", *words), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    return float(told)


async def _all(kind: Kind, port: int, count: int) -> float:
    slow = [Slow(kind, port, number / PER_SECOND[kind]) for number in range(count)]
    await asyncio.gather(*(one.run() for one in slow))
    return max(one.lived for one in slow)


async def _slowhttptest(kind: Kind, url: str, count: int) -> float:
    """The attack as the tool makes it: `count` connections, 500 a second, for as long as it is watched."""
    program = shutil.which("slowhttptest")
    assert program is not None, "slowhttptest is not installed (apt-get install slowhttptest)"
    more = {"H": [], "B": ["-s", "8192"], "X": ["-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"], "R": []}[
        kind
    ]
    path = "/v1/chat/completions" if kind == "B" else "/v1/models"
    words = [
        f"-{kind}",
        "-u",
        url + path,
        "-c",
        str(count),
        "-r",
        "500",
        "-i",
        "1",
        "-l",
        str(int(WATCHED) + 3),
        "-p",
        "2",
    ]
    key = ["-j", f"x-api-key={KEY}"] if kind in ("H", "X") else []
    process = await asyncio.create_subprocess_exec(
        program, *words, *more, *key, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    return 0.0


async def run(count: int, kinds: list[Kind], *, tool: bool) -> int:
    figures: list[Figure] = []
    place = directory("slow")
    async with Daemon(write_config(place / "g4f.yaml", config())) as daemon:
        begun = daemon.rss_mib()
        for kind in kinds:
            figures += await attack(daemon, kind, count, tool=tool)
        figures.append(Figure("memory", f"{begun:.0f} -> {daemon.rss_mib():.0f} MiB, at most {daemon.peak_mib():.0f}"))
        found = bugs(daemon)
        figures.append(Figure("lines of the log that are bugs", str(len(found)), "none", not found))
    return report(f"{count} slow connections of each kind{', by slowhttptest' if tool else ''}; {place}", figures)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make slow", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="slow connections of each kind")
    parser.add_argument("--kind", choices=get_args(Kind), action="append", help="one kind; may be repeated")
    parser.add_argument("--tool", action="store_true", help="attack with slowhttptest")
    parser.add_argument("--attack", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        print(asyncio.run(_all(options.kind[0], options.attack, options.count)))
        return 0
    return asyncio.run(run(options.count, options.kind or list(KINDS), tool=options.tool))


if __name__ == "__main__":
    sys.exit(main())
