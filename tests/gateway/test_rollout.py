"""A configuration on trial: judged by what it does, and gone without a trace where it does worse."""

import asyncio

import pytest

from g4f.config.load import load
from g4f.errors import ConfigError, RequestError
from g4f.exchange.request import Request
from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloader, Reloads
from g4f.gateway.rollout import Rollout
from g4f.gateway.seat import GatewaySeat
from g4f.gateway.snapshot import plan
from g4f.gateway.trial import Performance, Verdict, objection
from tests.support.clock import Clock
from tests.support.files import write_config

OLD = "{server: {reload: manual}, models: {m: {chain: [Demo]}}}"
NEW = "{server: {reload: manual}, models: {m: {chain: [Demo]}, new: {chain: [Demo]}}}"


def performance(requests=0, failed=0, times=()):
    return Performance(requests=requests, failed=failed, times=list(times))


@pytest.mark.parametrize(
    ("before", "now", "objects"),
    [
        (performance(100, 0), performance(10, 3), True),
        (performance(100, 0), performance(10, 2), False),
        (performance(100, 50), performance(10, 5), False),
        (performance(0), performance(3, 3), True),
        (performance(0), performance(0), False),
        (performance(20, times=[1.0] * 20), performance(10, times=[3.0] * 10), True),
        (performance(20, times=[1.0] * 20), performance(9, times=[3.0] * 9), False),
        (performance(20, times=[0.01] * 20), performance(10, times=[0.1] * 10), False),
    ],
)
def test_a_trial_is_objected_to_when_it_clearly_fails_more_or_begins_later(before, now, objects):
    assert (objection(before, now) is not None) == objects


class Compared:
    """What the two configurations did, as a test says."""

    def __init__(self):
        self.before, self.now = performance(), performance()

    def watch(self, before, now):
        self.watched = before, now

    def performances(self):
        return self.before, self.now


class Stand:
    """A gateway over a file, with time in the test's hand: `tick` lets a trial look once."""

    def __init__(self, path):
        self.path = path
        self.clock, self.compared, self.server = Clock(), Compared(), "old"
        self.step = asyncio.Event()
        self.put(OLD)
        loaded = load(path, environ={})
        first = plan(loaded, {})
        self.dice = 0.0
        self.gateway = Gateway(first, dice=lambda: self.dice)
        self.seat = GatewaySeat(self.gateway, self.prepare, self.compared)
        self.history = Reloads()
        self.reloader = Reloader(
            self.seat, loaded, first, environ={}, settings=None, applied=lambda _: None, history=self.history
        )
        self.rollout = Rollout(self.reloader, self.seat, clock=self.clock, sleep=self.sleep)
        self.put(NEW)

    def put(self, text):
        write_config(self.path, text)

    def prepare(self, new):
        return lambda: setattr(self, "server", new.digest)

    async def sleep(self, seconds):
        await self.step.wait()
        self.step.clear()
        self.clock.advance(seconds)

    async def tick(self):
        self.step.set()
        for _ in range(10):
            await asyncio.sleep(0)

    async def models(self, model="new"):
        """Whether a request for `model` is answered, and by which generation."""
        payload = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        answer = await self.gateway.answer(Request(id="r", model=model, payload=payload))
        await answer.aclose()
        return answer.generation


@pytest.fixture
async def stand(tmp_path):
    stand = Stand(tmp_path / "g4f.yaml")
    yield stand
    await stand.rollout.supersede()
    await stand.gateway.close()


async def test_a_dry_run_says_what_would_change_and_changes_nothing(stand):
    found = await stand.rollout.rehearse()
    assert any("new" in change for change in found.changes)
    assert stand.gateway.snapshot.generation == 1
    stand.put("{modles: {}}")
    assert "modles" in (await stand.rollout.rehearse()).problems[0]


async def test_a_share_of_the_requests_is_served_by_what_is_on_trial(stand):
    await stand.rollout.begin(0.1, 60)
    stand.dice = 0.05
    assert await stand.models("new") == 2
    stand.dice = 0.5
    assert await stand.models("m") == 1
    assert stand.compared.watched == (1, 2)
    assert stand.server == "old"


async def test_a_trial_that_does_well_takes_effect_when_its_time_is_up(stand):
    trial = await stand.rollout.begin(0.1, 3)
    for _ in range(2):
        await stand.tick()
        assert trial.verdict is Verdict.GOING_ON
    await stand.tick()
    assert trial.verdict is Verdict.APPLIED
    assert stand.history.counts["applied"] == 1
    assert stand.gateway.snapshot.generation == 2
    assert stand.server == stand.gateway.snapshot.digest
    assert stand.reloader.serving[1].digest == stand.gateway.snapshot.digest


async def test_a_trial_that_does_worse_is_rolled_back_at_once(stand):
    stand.dice = 0.05
    trial = await stand.rollout.begin(0.1, 60)
    stand.compared.now = performance(10, 5)
    await stand.tick()
    assert (trial.verdict, "50%" in trial.reason) == (Verdict.ROLLED_BACK, True)
    assert (stand.history.counts["rolled_back"], stand.history.last_good) == (1, True)
    assert await stand.models("m") == 1
    assert stand.server == "old"
    assert stand.gateway._staged is None


async def test_a_reload_ends_a_trial_and_takes_effect_itself(stand):
    trial = await stand.rollout.begin(0.1, 60)
    reloaded = await stand.rollout.reload()
    assert trial.verdict is Verdict.SUPERSEDED
    assert reloaded.result == "applied"
    assert stand.gateway.snapshot.generation == 3
    assert await stand.models("new") == 3


async def test_a_file_that_is_wrong_or_serves_already_is_not_tried(stand):
    stand.put("{modles: {}}")
    with pytest.raises(ConfigError):
        await stand.rollout.begin(0.1, 60)
    stand.put(OLD)
    with pytest.raises(RequestError) as refused:
        await stand.rollout.begin(0.1, 60)
    assert (refused.value.status, refused.value.code) == (409, "nothing_to_try")
    assert stand.rollout.trial is None


async def test_what_fails_on_trial_is_not_held_against_what_serves(stand):
    stand.put(
        NEW.replace("[Demo]}, new", "[Dead, Demo]}, new").replace(
            "models:", "providers: {Dead: {base_url: 'http://127.0.0.1:9/v1'}}, models:"
        )
    )
    stand.dice = 0.05
    await stand.rollout.begin(0.1, 60)
    for _ in range(3):
        assert await stand.models("m") == 2
    assert list(stand.gateway.health.cooling()) == []


async def test_with_manual_reloads_only_a_signal_counts(stand):
    running = asyncio.ensure_future(stand.reloader.run())
    stand.reloader.nudge.set()
    async with asyncio.timeout(5):
        while stand.gateway.snapshot.generation == 1:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
