"""The keeper: saves what changed, once at a time, and never lets a store's failure become the gateway's."""

import asyncio
import json
import threading

import pytest

from g4f.config.load import load_text
from g4f.exchange.failure import Failure, FailureKind
from g4f.gateway.gateway import Gateway
from g4f.gateway.keeper import DOCUMENT, Keeper
from g4f.gateway.snapshot import plan
from g4f.state.memory import MemoryStore
from g4f.state.types import StateError
from tests.support.clock import Clock

CONFIG = "providers: {A: {base_url: 'http://127.0.0.1:1/v1'}}\nmodels: {m: {chain: [A]}}"


class Store(MemoryStore):
    """Counts, fails and blocks on demand."""

    lasting = True

    def __init__(self) -> None:
        super().__init__()
        self.saves = 0
        self.broken = False
        self.free = threading.Event()
        self.free.set()

    def save(self, name: str, content: bytes) -> None:
        self.saves += 1
        self.free.wait(10)
        if self.broken:
            raise StateError("no space left on device")
        super().save(name, content)

    def kinds(self) -> list[str]:
        return [cooldown["kind"] for cooldown in json.loads(self.load(DOCUMENT) or b"{}")["cooldowns"]]


@pytest.fixture
def store() -> Store:
    return Store()


def gateway(clock: Clock) -> Gateway:
    return Gateway(plan(load_text(CONFIG), {}), clock=clock, dice=lambda: 0.0)


def fail(of: Gateway, kind: FailureKind = FailureKind.CONNECT) -> None:
    of.health.failed("A", None, "m", Failure(kind=kind, message=""))


async def test_a_cooldown_is_there_after_a_restart(clock, store):
    first = gateway(clock)
    fail(first)
    await Keeper(first, store).save()
    second = gateway(Clock(3.0))
    Keeper(second, store).restore()
    assert second.health.cooldown("A", None, "m").kind is FailureKind.CONNECT
    assert second.explain("m").skipped[0]["reason"] == "cooldown"


async def test_nothing_is_written_while_nothing_changes(clock, store):
    sick = gateway(clock)
    keeper = Keeper(sick, store)
    await keeper.save()
    assert store.saves == 0
    fail(sick)
    for _ in range(3):
        await keeper.save()
    assert store.saves == 1
    clock.advance(6)
    await keeper.save()
    assert store.kinds() == []


async def test_what_was_restored_is_not_written_again(clock, store):
    first = gateway(clock)
    fail(first)
    await Keeper(first, store).save()
    again = Keeper(gateway(clock), store)
    again.restore()
    await again.save()
    assert store.saves == 1


async def test_a_write_that_was_cancelled_is_finished_before_the_next(clock, store):
    sick = gateway(clock)
    keeper = Keeper(sick, store)
    store.free.clear()
    fail(sick)
    saving = asyncio.ensure_future(keeper.save())
    while not store.saves:
        await asyncio.sleep(0)
    saving.cancel()
    await asyncio.wait([saving])
    fail(sick, FailureKind.NOT_FOUND)
    closing = asyncio.ensure_future(keeper.close())
    await asyncio.sleep(0)
    assert store.saves == 1
    store.free.set()
    await closing
    assert store.kinds() == ["connect", "not_found"]


async def test_a_store_that_fails_stops_nobody_and_is_tried_again(clock, store):
    sick = gateway(clock)
    keeper = Keeper(sick, store)
    store.broken = True
    fail(sick)
    await keeper.save()
    await keeper.save()
    assert store.saves == 2
    store.broken = False
    await keeper.save()
    assert store.kinds() == ["connect"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 9}', b"\0" * 100])
async def test_a_damaged_document_is_as_good_as_none(clock, store, content):
    store.save(DOCUMENT, content)
    fresh = gateway(clock)
    Keeper(fresh, store).restore()
    assert fresh.health.export() == ()


async def test_an_unreadable_store_is_as_good_as_none(clock):
    class Unreadable(Store):
        def load(self, name: str) -> bytes | None:
            raise StateError("permission denied")

    fresh = gateway(clock)
    Keeper(fresh, Unreadable()).restore()
    assert fresh.health.export() == ()


async def test_it_looks_once_a_second_until_it_is_cancelled(clock, store):
    sick = gateway(clock)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        fail(sick, [FailureKind.CONNECT, FailureKind.NOT_FOUND, FailureKind.AUTH][len(slept) - 1])
        if len(slept) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Keeper(sick, store, sleep=sleep).run()
    assert slept == [1.0] * 3
    assert store.saves == 2


async def test_a_store_that_does_not_last_costs_no_task(clock):
    keeper = Keeper(gateway(clock), MemoryStore())
    await asyncio.wait_for(keeper.run(), 1)
