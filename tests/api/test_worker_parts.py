"""What workers are made of: the channel, the parcel, the shared limits, the crew."""

import asyncio
import os
import socket
import stat

import pytest

from g4f.api.admission import Allowance
from g4f.api.workers import crew
from g4f.api.workers.channel import Channel, ChannelError
from g4f.api.workers.crew import Crew
from g4f.api.workers.parcel import packed, packed_settings, unpacked, unpacked_settings
from g4f.api.workers.scratch import held, scratch
from g4f.api.workers.shares import MOST_KEYS, Allotment, Shares, shared_memory
from g4f.config.load import load
from g4f.config.settings import Settings
from g4f.errors import ConfigError, LimitExceededError, RequestError
from g4f.gateway.snapshot import plan
from g4f.meter.tally import Tally, merged
from tests.support.clock import Clock


@pytest.fixture
async def ends():
    """`await ends(answering)` is a pair of channels; the second one answers."""
    made = []

    async def nothing(word, told):
        return None

    async def connect(answering):
        pair = socket.socketpair()
        for end, answers in zip(pair, (nothing, answering), strict=True):
            channel = await Channel.over(end, answers)
            made.append((channel, asyncio.ensure_future(channel.run())))
        return made[-2][0], made[-1][0]

    yield connect
    for channel, task in made:
        channel.close()
        task.cancel()
        await asyncio.wait([task])


async def test_questions_are_answered_in_whatever_order(ends):
    gate = asyncio.Event()

    async def answering(word, told):
        if word == "slow":
            await gate.wait()
        else:
            gate.set()
        return [word, told]

    asker, _ = await ends(answering)
    answers = await asyncio.gather(asker.ask("slow"), asker.ask("quick", {"n": 1}))
    assert answers == [["slow", {}], ["quick", {"n": 1}]]


async def test_a_refusal_arrives_as_what_it_was(ends):
    async def answering(word, told):
        if word == "config":
            load_bad()
        if word == "refuse":
            raise RequestError("no", status=409, code="why")
        raise ZeroDivisionError("canary")

    def load_bad():
        from g4f.config.load import load_text

        load_text("modles: {}")

    asker, _ = await ends(answering)
    with pytest.raises(ConfigError, match=r"g4f.yaml:1:1: modles"):
        await asker.ask("config")
    with pytest.raises(RequestError) as refused:
        await asker.ask("refuse")
    assert (refused.value.status, refused.value.code) == (409, "why")
    with pytest.raises(ChannelError, match=r"^an internal error \(ZeroDivisionError\)$"):
        await asker.ask("break")


async def test_a_question_fails_when_the_other_side_is_gone_or_silent(ends):
    async def answering(word, told):
        await asyncio.Event().wait()

    asker, other = await ends(answering)
    with pytest.raises(ChannelError, match="no answer"):
        await asker.ask("silent", patience=0.01)
    asking = asyncio.ensure_future(asker.ask("gone"))
    await asyncio.sleep(0)
    other.close()
    with pytest.raises(ChannelError, match="gone"):
        await asking


def test_a_worker_gets_the_very_file_that_was_read_whatever_is_on_disk_by_then(tmp_path):
    path, key = tmp_path / "g4f.yaml", tmp_path / "key"
    path.write_text("{server: {keys: [{name: k, file: key}]}, models: {m: {chain: [Demo]}}}")
    key.write_text("the-key-of-the-first-hour\n")
    loaded = load(path, environ={})
    parcel = packed(loaded, 3)
    path.write_text("modles: {}")
    key.unlink()
    again = unpacked(parcel, {}, Settings())
    assert again.digest == loaded.digest
    assert again.config.server.keys[0].key.get_secret_value() == "the-key-of-the-first-hour"
    assert plan(again, {}).table.routes.keys() == {"m"}


def test_what_the_command_line_says_holds_in_workers_too(tmp_path):
    settings = Settings(listen="127.0.0.1:1", api_key="k" * 20, timeout="300", ignored_providers="A B", config=tmp_path)
    again = unpacked_settings(packed_settings(settings))
    assert again == settings


@pytest.fixture
def shares():
    """`shares(worker)` is the shared memory as a worker sees it."""
    descriptor = shared_memory()

    def seen(mine):
        found = Shares(descriptor, mine)
        found.assign({"k": 7})
        return found

    yield seen
    os.close(descriptor)


def test_limits_are_counted_over_all_workers(shares, clock=Clock()):  # noqa: B008
    first, second = (Allowance("k", clock, rpm=4, concurrency=3, place=shares(mine).place("k")) for mine in (0, 1))
    tickets = [first.admit(0), second.admit(0), first.admit(0)]
    with pytest.raises(LimitExceededError, match="3 requests open"):
        second.admit(0)
    for ticket in tickets:
        ticket.__exit__(None, None, None)
    second.admit(0)
    with pytest.raises(LimitExceededError, match="4 requests a minute"):
        first.admit(0)
    clock.advance(15)
    first.admit(0)


def test_a_worker_that_died_holds_no_request_open(shares, clock=Clock()):  # noqa: B008
    first, second = (Allowance("k", clock, concurrency=1, place=shares(mine).place("k")) for mine in (0, 1))
    first.admit(0)
    shares(1).forget_worker(0)
    second.admit(0)


def test_a_key_keeps_its_part_and_one_too_many_gets_none():
    allotment = Allotment()
    assert allotment.of(["a", "b"]) == {"a": 0, "b": 1}
    assert allotment.of(["b", "c"]) == {"b": 1, "c": 2}
    assert len(allotment.of([f"key{number}" for number in range(MOST_KEYS)])) == MOST_KEYS - 3


def test_what_workers_share_goes_with_the_last_of_them_and_nobody_else_may_read_it(tmp_path):
    with scratch(tmp_path) as supervisors:
        assert stat.S_IMODE(supervisors.stat().st_mode) == 0o700
        worker = held(supervisors)
        worker.__enter__()
    (supervisors / "books").write_text("of a worker that drains")
    with scratch(tmp_path) as other:  # of another daemon: it takes nothing away that is in use
        assert sorted(tmp_path.iterdir()) == sorted([supervisors, other])
    worker.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_is_removed_by_the_next(tmp_path):
    left = tmp_path / "g4fd-left"
    (left / "state").mkdir(parents=True)
    (tmp_path / "g4fd-link").symlink_to(tmp_path / "other")
    (tmp_path / "other").mkdir()
    with scratch(tmp_path):
        assert not left.exists()
        assert (tmp_path / "other").exists()


class Recruit:
    """A worker that ends when a test says so."""

    counted = ()
    pid = 0
    heard = 0.0

    def __init__(self, index):
        self.index = index
        self.channel = self
        self.silent = False
        self.says = [("g4fd_retries_total", ["A"], 5.0), ("g4fd_requests_in_flight", [], 2.0)]
        self.end = asyncio.get_running_loop().create_future()

    async def ask(self, word, patience):
        if self.silent:
            raise ChannelError("no answer")
        return self.says

    async def ended(self):
        return await self.end

    def drain(self):
        self.kill()

    def kill(self):
        if not self.end.done():
            self.end.set_result(0)


async def test_a_worker_that_ends_again_and_again_is_replaced_later_and_later():
    clock, slept, taken = Clock(), [], []

    async def take(index):
        taken.append(Recruit(index))
        return taken[-1]

    async def sleep(seconds):
        slept.append(seconds)

    found = Crew(1, take, lambda _: None, clock=clock, sleep=sleep)
    await found.start()
    for _ in range(10):
        taken[-1].kill()
        for _ in range(5):
            await asyncio.sleep(0)
    assert slept[:4] == [0.1, 0.2, 0.4, 0.8]
    assert max(slept) == crew.LATEST
    clock.advance(crew.STABLE)
    taken[-1].kill()
    for _ in range(5):
        await asyncio.sleep(0)
    assert slept[-1] == crew.SOONEST
    await found.end(1.0)
    assert found.serving() == []


async def settled():
    for _ in range(8):
        await asyncio.sleep(0)


@pytest.fixture
async def company():
    """A crew of two with the clock in the test's hand."""
    clock, taken = Clock(), []

    async def take(index):
        taken.append(Recruit(index))
        return taken[-1]

    async def sleep(_):
        await asyncio.sleep(0)

    found = Crew(2, take, lambda _: None, clock=clock, sleep=sleep)
    await found.start()
    yield found, taken, clock
    await found.end(1.0)


async def test_what_a_worker_counted_stays_counted_after_its_end_and_what_it_measured_does_not(company):
    found, taken, _ = company
    await found.count()
    taken[0].kill()
    await settled()
    assert len(taken) == 3
    values = {name: value for name, _, value in merged(found.counted())}
    assert values == {"g4fd_retries_total": 10.0, "g4fd_requests_in_flight": 2.0}
    tally = Tally()
    found.measure(tally)
    assert {name: value for name, _, value in tally.export()} == {
        "g4fd_workers": 2.0,
        "g4fd_worker_restarts_total": 1.0,
    }


async def test_a_worker_that_hangs_is_replaced(company):
    found, taken, clock = company
    taken[0].silent = True
    await found.count()
    assert not taken[0].end.done()
    clock.advance(crew.SILENCE + 1)
    await found.count()
    await settled()
    assert taken[0].end.done()
    assert not taken[1].end.done()
    assert len(found.serving()) == 2


@pytest.mark.parametrize(
    "nonsense",
    [
        *(None, 5, [1], [["g4fd_retries_total"]], {"a": 1}, [["no_such_metric", [], 1.0]]),
        *(
            [["g4fd_retries_total", ["A"], "many"]],
            [["g4fd_retries_total", 5, 1.0]],
            [["g4fd_retries_total", [], [1.0]]],
        ),
        *([["g4fd_request_duration_seconds", ["a", "b"], [1.0]]], [["g4fd_request_duration_seconds", [], 1.0]]),
    ],
    ids=str,
)
async def test_a_worker_that_talks_nonsense_is_replaced_and_not_counted(company, nonsense):
    found, taken, _ = company
    taken[0].says = nonsense
    await found.count()
    await settled()
    assert taken[0].end.done()
    assert len(found.serving()) == 2
    assert {name for name, _, _ in merged(found.counted())} == {"g4fd_retries_total", "g4fd_requests_in_flight"}


@pytest.mark.parametrize(
    "babble",
    [b"\x00\xff", b"{", b"5", b"null", b"[]", b"{}", b'{"ask":1}', b'{"number":[]}', b'{"number":1,"failed":{}}'],
)
async def test_what_is_no_message_ends_the_channel_and_fails_what_was_asked(babble):
    ours, its = socket.socketpair()
    with its:

        async def nothing(word, told):
            return None

        channel = await Channel.over(ours, nothing)
        hearing = asyncio.ensure_future(channel.run())
        asked = asyncio.ensure_future(channel.ask("series"))
        await asyncio.sleep(0)
        its.sendall(babble + b"\n")
        with pytest.raises(ChannelError):
            await asked
        await hearing
