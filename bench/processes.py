"""Processes under measurement: on which core they run, what they cost, and how they are started, stilled and ended.

Only processes that were started here are ever signalled.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Seconds a process gets to leave after SIGTERM.
LEAVE_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Cores:
    """The cores of a run. With only two, the upstream and the load generator share one; the proxy has its own. What is
    `spare` is for proxies of several processes."""

    proxy: int
    upstream: int
    load: int
    spare: tuple[int, ...] = ()

    @classmethod
    def choose(cls) -> "Cores":
        """Raises RuntimeError on a machine with one core, where nothing can be told apart."""
        free = sorted(os.sched_getaffinity(0))
        if len(free) < 2:
            raise RuntimeError("a benchmark needs two cores: one for the proxy, one for the rest")
        return cls(free[0], free[1], free[2] if len(free) > 2 else free[1], tuple(free[3:]))

    def for_proxy(self, count: int) -> set[int]:
        """Up to so many cores for a proxy."""
        return {self.proxy, *self.spare[: count - 1]}


@contextlib.contextmanager
def _on(cores: Collection[int]) -> Iterator[None]:
    """What is started inside inherits the cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def start(
    command: Sequence[str], *, cores: Collection[int], log: Path, environ: Mapping[str, str], cwd: Path
) -> "subprocess.Popen[bytes]":
    """Start a process on some cores, in a session of its own, with its output in a file."""
    with log.open("wb") as out, _on(cores):
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environ, cwd=cwd, start_new_session=True
        )


def run_on_core(command: Sequence[str], *, core: int, environ: Mapping[str, str], cwd: Path, limit: float) -> str:
    """The output of a short program. Raises RuntimeError with the end of its errors, or when `limit` is up."""
    with _on({core}):
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, cwd=cwd
        )
    try:
        out, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise RuntimeError(f"no result within {limit:.0f} s") from None
    if process.returncode:
        raise RuntimeError(errors.decode(errors="replace").strip()[-500:])
    return out.decode()


def tree(pid: int) -> list[int]:
    """A process and all that descends from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text()
                parent = int(stat.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for member in found:
        found.extend(children.get(member, ()))
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of processes, threads included.

    The same sum as utime + stime of /proc/PID/stat, but read from the process's CPU clock, whose unit is a nanosecond
    and not a hundredth of a second (clock_getcpuclockid(3)).
    """
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += time.clock_gettime((~pid << 3) | 2)
    return total


def rss_mib(pids: Iterable[int]) -> float:
    """VmRSS of processes, added up: pages that they share count once for each."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total / 1024


def still(pid: int) -> None:
    """Stop a tree, so that it costs nothing while another one is measured."""
    _signal(pid, signal.SIGSTOP)


def wake(pid: int) -> None:
    _signal(pid, signal.SIGCONT)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and what it started."""
    family = tree(process.pid)
    _signal(process.pid, signal.SIGCONT)
    process.terminate()
    try:
        process.wait(LEAVE_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family[1:]:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def wait_until_idle(pid: int, *, within: float) -> bool:
    """Wait until a tree uses less than a twentieth of a core: what an overload left behind has been worked off."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        before = cpu_seconds(tree(pid))
        time.sleep(0.2)
        if cpu_seconds(tree(pid)) - before < 0.01:
            return True
    return False


def _signal(pid: int, number: signal.Signals) -> None:
    for member in tree(pid):
        with contextlib.suppress(OSError):
            os.kill(member, number)
