"""A fault at any step of a reload leaves the old configuration or the new one: whole, and with nothing else open.

Every step is a fail point, and every fail point is hit by an exception and by a cancellation. The faults come in by
what a reload is given: how it loads, plans and binds, what it prepares and tells.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from g4f.config.load import load
from g4f.config.read import read_stable
from g4f.exchange.failure import Failure, FailureKind
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloader
from g4f.gateway.seat import GatewaySeat
from g4f.gateway.snapshot import plan
from g4f.providers.registry import bind
from tests.support.files import write_config

OLD = """
    providers:
      A: {base_url: "http://127.0.0.1:1/v1", key: old-key-of-a}
      Kept: {base_url: "http://127.0.0.1:2/v1"}
    models: {m: {chain: [A, Kept]}}
    """
NEW = """
    providers:
      A: {base_url: "http://127.0.0.1:3/v1", key: new-key-of-a}
      Kept: {base_url: "http://127.0.0.1:2/v1"}
      B: {base_url: "http://127.0.0.1:4/v1", key: "${FAULT}"}
    models: {m: {chain: [B, A, Kept]}}
    """
ORIGINS = {
    "old": {"http://127.0.0.1:1": 1, "http://127.0.0.1:2": 1},
    "new": {"http://127.0.0.1:3": 1, "http://127.0.0.1:2": 1, "http://127.0.0.1:4": 1},
}

READ, SUBSTITUTE, VALIDATED = "after reading", "between parsing and validating", "after validating"
PLAN, PLANNED = "before planning", "after planning"
BIND = [f"{when} binding provider {number}" for number in range(3) for when in ("before", "after")]
PREPARE, PUT = "preparing what goes with it", "in the last step before the swap"
APPLIED = "after the swap, before the old one is closed"
CLOSE = [f"closing old provider {number}" for number in range(2)]

BEFORE = ["before reading", READ, SUBSTITUTE, VALIDATED, PLAN, PLANNED, *BIND, PREPARE, PUT]
AFTER = [APPLIED, *CLOSE]


class FaultError(Exception):
    """What nobody expects."""


@dataclass
class Faults:
    """Goes off once, at one point."""

    at: str = ""
    what: type[BaseException] = FaultError
    hit: int = 0

    def point(self, name: str) -> None:
        if name == self.at and not self.hit:
            self.hit += 1
            raise self.what


class Environ(dict[str, str]):
    def __init__(self, faults: Faults) -> None:
        super().__init__(FAULT="key-of-b")
        self._faults = faults

    def get(self, name: str, default: Any = None) -> Any:
        self._faults.point(SUBSTITUTE)
        return super().get(name, default)


@dataclass
class Site:
    """A gateway over a file, whose server is nothing but the name of the configuration it was given."""

    path: Path
    faults: Faults = field(default_factory=Faults)
    server: str = "old"
    bound: int = 0

    def __post_init__(self) -> None:
        write_config(self.path, OLD)
        self.environ = Environ(self.faults)
        loaded = load(self.path, environ=self.environ)
        first = plan(loaded, self.environ)
        self.gateway = Gateway(first, bind=self.bind)
        self.reloader = Reloader(
            GatewaySeat(self.gateway, self.prepare),
            loaded,
            first,
            environ=self.environ,
            settings=None,
            applied=lambda _: self.faults.point(APPLIED),
            load=self.load,
            plan=self.plan,
        )
        self.bound = 0
        write_config(self.path, NEW)

    def load(self, path: Path, **how: Any) -> Any:
        self.faults.point("before reading")
        read_stable(path, limit=1 << 20)
        self.faults.point(READ)
        loaded = load(path, **how)
        self.faults.point(VALIDATED)
        return loaded

    def plan(self, *what: Any) -> Any:
        self.faults.point(PLAN)
        planned = plan(*what)
        self.faults.point(PLANNED)
        return planned

    def bind(self, *what: Any) -> Any:
        number = self.bound
        self.bound += 1
        self.faults.point(f"before binding provider {number}")
        adapter = bind(*what)
        self.faults.point(f"after binding provider {number}")
        close = adapter.close

        async def closing() -> None:
            await close()
            self.faults.point(f"closing old provider {number}")

        adapter.close = closing  # type: ignore[method-assign]
        return adapter

    def prepare(self, _: Any) -> Callable[[], None]:
        self.faults.point(PREPARE)

        def put_in_place() -> None:
            self.faults.point(PUT)
            self.server = "new"

        return put_in_place

    def state(self) -> str:
        """`old` or `new`; anything that is not wholly one of them fails."""
        snapshot = self.gateway.snapshot
        name = {1: "old", 2: "new", 3: "new"}[snapshot.generation]
        assert self.server == name
        assert ("B" in snapshot.adapters) == (name == "new")
        assert set(snapshot.adapters) == set(snapshot.table.providers) & set(snapshot.adapters)
        assert ("B" in {entry.provider for tier in snapshot.table.routes["m"].tiers for entry in tier}) == (
            name == "new"
        )
        return name

    def pools(self) -> dict[str, int]:
        """How many adapters hold each origin's connections."""
        return {route.origin: pool.users for route, pool in self.gateway._pools._pools.items()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "g4f.yaml")
    assert site.pools() == ORIGINS["old"]
    return site


async def settled(site: Site) -> None:
    """Let what was begun in the background end."""
    for _ in range(10):
        await asyncio.sleep(0)


async def reload(site: Site) -> None:
    """A reload as the daemon's task does it: cancelled ones are gone."""
    task = asyncio.ensure_future(site.reloader.reload("file"))
    await asyncio.wait([task])
    await settled(site)


@pytest.mark.parametrize("what", [FaultError, asyncio.CancelledError, OSError, MemoryError])
@pytest.mark.parametrize("at", [*BEFORE, *AFTER])
async def test_a_fault_at_any_step_leaves_the_old_configuration_or_the_new_one(site, at, what):
    site.faults.at, site.faults.what = at, what
    await reload(site)
    assert site.faults.hit == 1, "the fail point was never reached"
    expected = "old" if at in BEFORE else "new"
    assert site.state() == expected
    assert site.pools() == ORIGINS[expected]
    # And the next reload is none the worse for it.
    site.bound = 0
    await reload(site)
    assert site.state() == "new"
    assert site.pools() == ORIGINS["new"]
    await site.gateway.close()
    assert site.pools() == {}


@pytest.mark.parametrize("at", [*BEFORE, *AFTER])
async def test_a_fault_does_not_end_the_watch(site, at):
    site.faults.at = at
    running = asyncio.ensure_future(site.reloader.run())
    site.reloader.nudge.set()
    while not site.faults.hit:
        await asyncio.sleep(0.005)
    site.bound = 0
    while site.gateway.snapshot.generation == 1:
        site.reloader.nudge.set()
        await asyncio.sleep(0.005)
    assert site.state() == "new"
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    await settled(site)
    assert site.pools() == ORIGINS["new"]


async def test_a_reload_that_is_cancelled_while_it_reads_changes_nothing(site):
    reading, go_on = threading.Event(), threading.Event()
    load_it = site.reloader._load

    def slowly(*what: Any, **how: Any) -> Any:
        reading.set()
        go_on.wait(10)
        return load_it(*what, **how)

    site.reloader._load = slowly
    task = asyncio.ensure_future(site.reloader.reload("file"))
    await asyncio.to_thread(reading.wait)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()
    await settled(site)
    assert site.state() == "old"
    assert site.pools() == ORIGINS["old"]


async def test_a_reload_that_is_cancelled_while_the_old_connections_close_closes_them_all_the_same(site):
    closing, go_on = asyncio.Event(), asyncio.Event()
    for adapter in site.gateway.snapshot.adapters.values():
        close = adapter.close

        async def slowly(close: Any = close) -> None:
            closing.set()
            await go_on.wait()
            await close()

        adapter.close = slowly
    task = asyncio.ensure_future(site.reloader.reload("file"))
    await closing.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert site.state() == "new"
    go_on.set()
    await settled(site)
    assert site.pools() == ORIGINS["new"]


async def test_an_answer_that_is_cancelled_while_it_ends_gives_back_what_the_old_snapshot_held(site):
    old = site.gateway.snapshot
    old.lease()
    await reload(site)
    both = {origin: ORIGINS["old"].get(origin, 0) + ORIGINS["new"].get(origin, 0) for origin in site.pools()}
    assert site.pools() == both
    ending = asyncio.ensure_future(old.release())
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait([ending])
    await settled(site)
    assert site.pools() == ORIGINS["new"]


async def test_a_refused_configuration_forgets_no_cooldown(site):
    site.gateway.health.failed("A", "default", "m", Failure(kind=FailureKind.AUTH, message=""))
    site.faults.at = PUT
    await reload(site)
    assert site.gateway.health.cooldown("A", "default", "m") is not None
    site.bound = 0
    await reload(site)
    assert site.gateway.health.cooldown("A", "default", "m") is None, "it has another key now"


async def test_readers_see_one_state_or_the_other_at_every_step(site):
    """Everything that another task can see between two steps of the loop is whole."""
    seen = set()
    task = asyncio.ensure_future(site.reloader.reload("file"))
    while not task.done():
        seen.add(site.state())
        await asyncio.sleep(0)
    seen.add(site.state())
    assert seen == {"old", "new"}
