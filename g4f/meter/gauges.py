"""What is true at the moment of a scrape: health, connections, the configuration, the process."""

import contextlib
import os
import platform
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from g4f import log
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloads
from g4f.meter import families
from g4f.meter.tally import Tally
from g4f.router.health import CircuitKey
from g4f.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the server has to do: open requests, the lag of its loop in seconds, and whether it is on its way out."""

    in_flight: int
    lag: float
    draining: bool


def measured(gateway: Gateway, load: Load) -> Tally:
    """A tally of gauges, made anew for each scrape so that what is gone leaves no series behind."""
    tally = Tally()
    tally.put(families.IN_FLIGHT, value=load.in_flight)
    tally.put(families.LOOP_LAG, value=load.lag)
    tally.put(families.DRAINING, value=load.draining)
    tally.put(families.LOG_DROPPED, value=log.dropped())
    _health(tally, gateway)
    _connections(tally, gateway)
    tally.put(families.LEASES, value=gateway.snapshot.leases)
    process(tally)
    return tally


def _health(tally: Tally, gateway: Gateway) -> None:
    now = gateway.health.now()
    whole: set[tuple[str, str | None]] = set()
    longest: dict[str, float] = {}
    for about, cooldown in gateway.health.cooling():
        provider, scope = about.provider or "proxy", _scope(about)
        tally.add(families.COOLING, provider, scope, cooldown.kind.value)
        longest[provider] = max(longest.get(provider, 0.0), cooldown.until - now)
        if about.model is None and about.proxy is None:
            whole.add((about.provider, about.key))
    for provider, seconds in longest.items():
        tally.put(families.COOLING_SECONDS, provider, value=seconds)
    for name in gateway.snapshot.adapters:
        tally.put(families.PROVIDER_USABLE, name, value=(name, None) not in whole)
        for key in gateway.snapshot.table.providers[name].keys:
            usable = not {(name, None), (name, key.name)} & whole
            tally.put(families.KEY_USABLE, name, key.name, value=usable)


def _scope(about: CircuitKey) -> str:
    """What a cooldown is about, in a word."""
    if about.proxy is not None:
        return "proxy"
    match about.key, about.model:
        case None, None:
            return "provider"
        case None, _:
            return "model"
        case _, None:
            return "key"
        case _:
            return "target"


def _connections(tally: Tally, gateway: Gateway) -> None:
    for origin, busy, idle in gateway.connections():
        tally.add(families.CONNECTIONS, origin, "busy", by=busy)
        tally.add(families.CONNECTIONS, origin, "idle", by=idle)


def configuration(tally: Tally, generation: int, digest: str, reloads: Reloads) -> None:
    """What serves, and what became of the file since."""
    tally.put(families.GENERATION, value=generation)
    tally.put(families.CONFIG_INFO, digest[:12], value=1)
    tally.put(families.RELOAD_OK, value=reloads.last_good)
    tally.put(families.RELOAD_AT, value=reloads.good_at)
    tally.put(families.RELOAD_SECONDS, value=reloads.seconds)
    for result, count in reloads.counts.items():
        tally.put(families.RELOADS, result.value, value=count)


def process(tally: Tally) -> None:
    """What this process holds and used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    tally.put(families.BUILD, __version__, platform.python_version(), value=1)
    tally.put(families.CPU, value=used.ru_utime + used.ru_stime)
    tally.put(families.MOST_FILES, value=resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    tally.put(families.STARTED, value=time.time() - time.monotonic() + _started())
    with contextlib.suppress(OSError):  # where there is no /proc
        tally.put(families.FILES, value=sum(1 for _ in Path("/proc/self/fd").iterdir()))
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
        tally.put(families.MEMORY, value=pages * resource.getpagesize())


def _started() -> float:
    """When this process began, in seconds on `time.monotonic` (proc(5): field 22 of stat counts ticks since boot)."""
    if not sys.platform.startswith("linux"):
        return 0.0
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")
