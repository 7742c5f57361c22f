"""Walk a chain until a target answers: the only retry loop in the program.

It keeps one deadline for the whole request and gives each target its share of what is left. It acts on what
`router/policy.py` decides and tells `router/health.py` the outcome of every attempt, once. It returns an answer that
is committed, or raises `ExhaustedError` with every attempt in it. A cancelled walk (the client left) closes its
upstream connection and blames nobody.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from g4f import log
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Request
from g4f.gateway import attempt
from g4f.gateway.committed import AnswerStream
from g4f.gateway.exhausted import exhausted
from g4f.gateway.hedge import race
from g4f.gateway.lane import Flight
from g4f.gateway.record import AttemptRecord, Journey, blame
from g4f.gateway.snapshot import Snapshot
from g4f.providers.types import Adapter, Call
from g4f.router import policy
from g4f.router.budget import RETRY_SHARE, Budget
from g4f.router.health import Health
from g4f.router.policy import RULES, Decision, Scope, Step
from g4f.router.resolution import Resolution, Target, skipped
from g4f.router.table import Hedge

_log = log.get()

#: Seconds. A timer may fire this much early, and what is left then is too little for anybody.
TOO_LITTLE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a walk needs of the world: all of it injected, so that tests decide the time and the dice."""

    health: Health
    retries: Budget
    hedges: Budget
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def requested(self) -> None:
        """A request came in."""
        self.retries.requested()
        self.hedges.requested()


@dataclass(slots=True)
class Reached:
    """What an attempt came to: an answer, or a failure; `final` is one that no other target could mend."""

    record: AttemptRecord
    answer: Completion | AnswerStream | None
    failure: Failure | None = None
    final: bool = False

    @property
    def decides(self) -> bool:
        return self.failure is None or self.final


class Walk:
    """One request on its way down its chain. `run` may be called once."""

    def __init__(
        self,
        request: Request,
        resolution: Resolution,
        snapshot: Snapshot,
        conditions: Conditions,
        journey: Journey,
        adapters: Mapping[str, Adapter],
        flight: Flight | None = None,
    ) -> None:
        """`flight` is the first attempt, where it was begun already."""
        self._request = request
        self._adapters = adapters
        self._conditions = conditions
        self._targets = resolution.targets
        self._left = list(resolution.targets)
        self._fallback_on = resolution.fallback_on
        self._hedge = resolution.hedge
        self._able = resolution.able
        self._time = asyncio.get_running_loop().time
        self._flight = flight
        self._deadline = self._time() + resolution.total if flight is None else flight.deadline
        self._filtered: tuple[AttemptRecord, Completion | AnswerStream] | None = None
        self.journey = journey
        journey.skipped, journey.route, journey.generation = resolution.skipped, resolution.route, snapshot.generation

    async def run(self) -> tuple[AttemptRecord, Completion | AnswerStream]:
        """The attempt that answered, and its answer. Raises ExhaustedError."""
        self._conditions.requested()
        last: Failure | None = None
        while target := self._next():
            if target.wait:
                await self._pause(target.wait)
            if self._hedge is None or self.journey.attempts:
                reached = await self._attempt(target)
                failed = [reached]
            else:
                failed = await self._first(target, self._hedge)
                reached = failed[-1]
            tries = 1
            while reached.failure is not None and await self._retries(failed, tries):
                reached = await self._attempt(target)
                failed = [reached]
                tries += 1
            if reached.failure is None and reached.answer is not None:
                return reached.record, reached.answer
            last = reached.failure
        if self._filtered is not None:
            # Nobody would say more, so what the first one said is the answer after all.
            self._filtered[0].failure = None
            return self._filtered
        if last is not None and self._remaining() <= 0 and not policy.is_final(last, self._fallback_on):
            last = Failure(kind=FailureKind.DEADLINE, message="The request's time was up.")
        raise exhausted(self._request, self.journey, last, self._conditions.health, able=self._able)

    def _next(self) -> Target | None:
        """The next target to try. One that began to cool down since the request came in is left out."""
        while self._left and (not self.journey.attempts or self._remaining() > 0):
            target = self._left.pop(0)
            cooldown = self._conditions.health.cooldown(*target.site) if self.journey.attempts else None
            if cooldown is None:
                return target
            self.journey.skipped = (*self.journey.skipped, skipped(target, cooldown))
        return None

    async def _retries(self, failed: list[Reached], tries: int) -> bool:
        """Whether the target that failed last is to be tried again; waits until then. After a race nobody is: two
        targets have failed this request already."""
        raced = len(failed) > 1
        decisions = [self._after(one, tries, 0 if raced else one.record.target.retries) for one in failed]
        if decisions[-1].step is not Step.RETRY:
            return False
        await self._pause(decisions[-1].delay)
        return True

    def _calls_allowed(self) -> int:
        return max(policy.MAX_ATTEMPTS, len(self._targets))

    async def _pause(self, seconds: float) -> None:
        self.journey.paused += seconds
        await self._conditions.sleep(seconds)

    def _after(self, reached: Reached, tries: int, retries: int) -> Decision:
        """Decide on a failure, and leave out the targets that it speaks about too."""
        failure, target = reached.failure, reached.record.target
        assert failure is not None  # noqa: S101 - asked only after a failure
        decision = self._decide(target, failure, tries, retries)
        if decision.step is Step.RETRY and not self._conditions.retries.take(RETRY_SHARE):
            decision = self._decide(target, failure, tries, 0)
        _report(self._request, reached.record, decision)
        if decision.step is Step.GIVE_UP:
            self._left.clear()
        elif decision.step is Step.FALL_BACK:
            self._left = [other for other in self._left if not _covers(failure, target, other)]
        return decision

    async def _first(self, target: Target, hedge: Hedge) -> list[Reached]:
        """The first attempt of the request, with a second one beside it if it is slow, as the file wants it."""
        after = self._hedge_after(target, hedge)
        if after is None:
            return [await self._attempt(target)]
        results = await race(self._attempt(target), after, self._backup)
        winner = results[-1]
        for record in self.journey.attempts:
            record.overtaken = record is not winner.record and record.failure is None
        if winner.failure is not None:
            return results
        for reached in results[:-1]:
            if reached.failure is not None:
                _report(self._request, reached.record, Decision(Step.FALL_BACK))
            elif isinstance(reached.answer, AnswerStream):
                await reached.answer.aclose()
        return [winner]

    def _hedge_after(self, target: Target, hedge: Hedge) -> float | None:
        if not self._left or target.wait:
            return None
        if hedge.after is not None:
            return hedge.after
        history = self._conditions.health.watch(target.provider, target.key, target.model)
        return history.p95(stream=self._request.stream)

    def _backup(self) -> Coroutine[Any, Any, Reached] | None:
        """The attempt to start beside a slow first one, if there is a target and the budget for it."""
        if self._hedge is None or len(self.journey.attempts) >= self._calls_allowed():
            return None
        target = self._next()
        if target is None:
            return None
        if not self._conditions.hedges.take(self._hedge.share):
            self._left.insert(0, target)
            return None
        return self._attempt(target)

    async def _attempt(self, target: Target) -> Reached:
        health, request = self._conditions.health, self._request
        record = self.journey.begin(target)
        flight, self._flight = self._flight, None
        if flight is None:
            call, due = attempt.call(target, request), math.inf
            if self.journey.trace is not None:
                call.trace = self.journey.trace.headers(record.number)
            if not health.untroubled:
                health.begin(*target.site)
            record.began = time.perf_counter()  # uvloop's own clock counts whole milliseconds
        else:
            call, due, record.began = flight.call, flight.due, flight.began
        try:
            answer = await self._ask(call, target, due)
        except AttemptFailed as failed:
            blame(record, failed.failure, health)
            return Reached(record, None, failed.failure, policy.is_final(failed.failure, self._fallback_on))
        except BaseException:
            health.answered(*target.site)
            raise
        finally:
            record.seconds = time.perf_counter() - record.began
            record.dropped, record.media_type = call.dropped, call.media_type
        record.answered = True
        if not health.untroubled:
            health.waited(target.provider, target.key, target.model, record.seconds, stream=request.stream)
            (health.answered if request.stream else health.succeeded)(*target.site)
        if _log.verbose:
            _log.debug(
                "attempt.answered",
                request_id=request.id,
                provider=target.provider,
                upstream_model=target.model,
                key=target.key,
                attempt=record.number,
            )
        if answer.filtered and FailureKind.CONTENT_FILTER in self._fallback_on:
            self._filtered = self._filtered or (record, answer)
            record.failure = Failure(kind=FailureKind.CONTENT_FILTER, message="The provider's filter took the answer.")
            return Reached(record, None, record.failure)
        return Reached(record, answer)

    def _ask(self, call: Call, target: Target, due: float) -> Awaitable[Completion | AnswerStream]:
        """The upstream call, within its share of the time, and before the loop time `due`."""
        now = self._time()
        limit = min(policy.share(self._left_of_time(now), len(self._left)), target.timeouts.total, due - now)
        adapter = self._adapters[target.provider]
        if not self._request.stream:
            return attempt.complete(adapter, call, target, limit)
        deadline = min(self._deadline, now + target.timeouts.total)
        return attempt.open_stream(adapter, call, target, limit=limit, deadline=deadline)

    def _remaining(self) -> float:
        """Seconds until the deadline; none where it is too little to be used."""
        return self._left_of_time(self._time())

    def _left_of_time(self, now: float) -> float:
        remaining = self._deadline - now
        return remaining if remaining > TOO_LITTLE else 0.0

    def _decide(self, target: Target, failure: Failure, tries: int, retries: int) -> Decision:
        # A retry must not take the place of a target that was not tried yet.
        spent = len(self.journey.attempts) + len(self._left) >= self._calls_allowed()
        return policy.decide(
            failure,
            tries=tries,
            retries=0 if spent else retries,
            more_targets=any(not _covers(failure, target, other) for other in self._left),
            remaining=self._remaining(),
            jitter=self._conditions.random(),
            fallback_on=self._fallback_on,
        )


def _covers(failure: Failure, failed: Target, other: Target) -> bool:
    """Whether `other` would fail for the very reason that `failed` did."""
    scope = RULES[failure.kind].scope
    if scope is Scope.PROXY and failed.proxy is not None:
        return other.proxy == failed.proxy
    if other.provider != failed.provider:
        return False
    match scope:
        case Scope.PROVIDER | Scope.PROXY:
            return True
        case Scope.KEY:
            return other.key == failed.key
        case Scope.MODEL:
            return other.model == failed.model
        case Scope.TARGET:
            return False


def _report(request: Request, record: AttemptRecord, decision: Decision) -> None:
    failure = record.failure
    assert failure is not None  # noqa: S101 - reported only after a failure
    _log.warning(
        "attempt.failed",
        request_id=request.id,
        model=request.model,
        provider=record.target.provider,
        upstream_model=record.target.model,
        key=record.target.key,
        attempt=record.number,
        failure=failure.kind.value,
        upstream_status=failure.status,
        ms=record.ms,
        step=decision.step.value,
        delay_ms=round(decision.delay * 1000) or None,
    )
