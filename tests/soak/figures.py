"""What a process holds, how it grows, and whether figures keep to their bounds."""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.soak.probe import FILE
from tests.support.daemon import Daemon


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and the bound it must keep to; without a bound it is for reading only."""

    name: str
    value: str
    bound: str = ""
    kept: bool = True

    def __str__(self) -> str:
        mark = "" if not self.bound else f"   {'ok' if self.kept else 'FAILED'}: {self.bound}"
        return f"  {self.name:<38} {self.value}{mark}"


def report(title: str, figures: Sequence[Figure]) -> int:
    """Print the figures; returns the exit code."""
    failed = [figure.name for figure in figures if not figure.kept]
    print(title, *figures, f"{'FAILED: ' + ', '.join(failed) if failed else 'all bounds kept'}", sep="\n", flush=True)
    return 1 if failed else 0


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


async def tasks(daemon: Daemon) -> dict[str, int]:
    """The tasks that live in the daemon's loop, by the name of their coroutine. It must run under `probe`."""
    file = daemon.config.parent / FILE
    file.unlink(missing_ok=True)
    os.kill(daemon.pid, signal.SIGUSR1)
    async with asyncio.timeout(10):
        while not file.exists():
            await asyncio.sleep(0.01)
    found: dict[str, int] = json.loads(file.read_text("utf-8"))
    return found


async def seconds_until(true: Callable[[], Awaitable[bool]], *, within: float) -> float | None:
    """How long it took until something became true, or None if it did not."""
    begun = time.monotonic()
    while not await true():
        if time.monotonic() - begun > within:
            return None
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The least-squares slope of y over x."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def bugs(daemon: Daemon) -> list[str]:
    """Lines of the log that no fault of an upstream or client accounts for."""
    expected = ("config.", "server.", "attempt.", "request.finished", "state.")
    found = []
    for line in daemon.output().splitlines():
        try:
            event = str(json.loads(line)["event"])
        except (ValueError, KeyError, TypeError):
            event = ""
        if not event.startswith(expected):
            found.append(line)
    return found


def directory(name: str) -> Path:
    """An empty directory for a daemon, which stays for whoever wants to read its log."""
    return Path(tempfile.mkdtemp(prefix=f"g4f-{name}-"))
