"""When to look at the configuration again.

The parent directories are watched, never the files: after a rename onto a watched file its watch is dead, and
a swap of a `..data` link (Kubernetes) is not seen at all. Where nothing can be watched, the poll remains. The
reason says what woke the caller, not that the content differs: it compares digests.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from importlib import import_module
from pathlib import Path
from typing import Literal

Reason = Literal["file", "signal", "poll"]

#: Seconds after which the watch begins where its library is not loaded yet: a start has more urgent things to do.
LOAD_AFTER = 0.5

#: What a change of a file shows in: where its name leads, the inode, the size and the time of the last write.
_Sight = tuple[tuple[str, str, tuple[int, ...]], ...]


async def changes(
    paths: Callable[[], Collection[Path]],
    *,
    nudge: asyncio.Event,
    poll: float = 5.0,
    debounce: float = 0.25,
    max_delay: float = 2.0,
) -> AsyncGenerator[Reason]:
    """Yield whenever a reload should be considered. Times are in seconds.

    `paths` is asked again on every turn, because a new configuration may refer to other files. `nudge` is set
    by a signal and cleared here. Events are held back until none came for `debounce`, at most for `max_delay`.
    """
    loop = asyncio.get_running_loop()
    watch = _Watch(debounce=debounce, max_delay=max_delay)
    sight = _look(paths())
    next_poll = loop.time() + poll
    reason: Reason = "poll"
    try:
        while True:
            await watch.follow(_directories(paths()), retry=reason != "file")
            reason = await _first(watch.touched, nudge, max(0.0, next_poll - loop.time()))
            now = _look(paths())
            if reason == "file" and now == sight:
                continue  # something else in the same directory
            sight = now
            next_poll = loop.time() + poll
            yield reason
    finally:
        await watch.stop()


class _Watch:
    """One task that turns the events of some directories into `touched`."""

    def __init__(self, *, debounce: float, max_delay: float) -> None:
        self.touched = asyncio.Event()
        self._step = round(debounce * 1000)
        self._limit = round(max_delay * 1000)
        self._directories: frozenset[tuple[Path, int]] = frozenset()
        self._task: asyncio.Task[None] | None = None

    async def follow(self, directories: frozenset[tuple[Path, int]], *, retry: bool) -> None:
        """Watch these directories (path and inode) from now on, if it does not do so already.

        A watch that broke off is set up again only with `retry`: the system may have none left to give.
        """
        working = self._task is not None and not (retry and self._task.done())
        if working and directories == self._directories:
            return
        first = self._task is None
        await self.stop()
        self._directories = directories
        self._task = asyncio.get_running_loop().create_task(self._pump([path for path, _ in directories]))
        # The first step of the task sets up the watch; the caller looks for what happened before.
        await asyncio.sleep(0)
        if not first:
            self.touched.set()

    async def stop(self) -> None:
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()
        self._task = None

    async def _pump(self, directories: list[Path]) -> None:
        if "watchfiles" not in sys.modules:
            await asyncio.sleep(LOAD_AFTER)
            await asyncio.to_thread(import_module, "watchfiles")
            self.touched.set()  # the caller looks for what happened before
        from watchfiles import awatch

        # A directory that vanishes between the look and the watch ends the task; the next turn starts another.
        with contextlib.suppress(OSError, RuntimeError):
            async for _ in awatch(
                *directories,
                watch_filter=None,
                debounce=self._limit,
                step=self._step,
                recursive=False,
            ):
                self.touched.set()


async def _first(touched: asyncio.Event, nudge: asyncio.Event, seconds: float) -> Reason:
    """Wait for a file event, a signal or the end of the time; the signal wins when several came."""
    waits = [asyncio.ensure_future(event.wait()) for event in (touched, nudge)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    if nudge.is_set():
        nudge.clear()
        return "signal"
    if touched.is_set():
        touched.clear()
        return "file"
    return "poll"


def _directories(paths: Iterable[Path]) -> frozenset[tuple[Path, int]]:
    """The directories of the files and of what their names lead to; of a missing one the nearest above it."""
    found = set()
    for path in paths:
        for directory in (path.absolute().parent, _resolved(path).parent):
            existing = _existing(directory)
            if existing is not None:
                found.add(existing)
    return frozenset(found)


def _existing(directory: Path) -> tuple[Path, int] | None:
    for candidate in (directory, *directory.parents):
        with contextlib.suppress(OSError):
            return candidate, candidate.stat().st_ino
    return None


def _look(paths: Iterable[Path]) -> _Sight:
    return tuple((str(path), str(_resolved(path)), _stat(path)) for path in sorted(paths))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return path.absolute()


def _stat(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
