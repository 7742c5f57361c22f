"""Walk a chain until a target answers: the only retry loop in the program.

It keeps one deadline for the whole request and gives each target its share of what is left. It acts on what
`router/policy.py` decides and tells `router/health.py` the outcome of every attempt, once. It returns an answer that
is committed, or raises `ExhaustedError` with every attempt in it. A cancelled walk (the client left) closes its
upstream connection and blames nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from g4f import log
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import ChatRequest
from g4f.gateway import attempt
from g4f.gateway.attempt import AnswerStream
from g4f.gateway.exhausted import exhausted
from g4f.gateway.record import AttemptRecord, Journey
from g4f.gateway.snapshot import Snapshot
from g4f.router import policy
from g4f.router.health import Health
from g4f.router.policy import RULES, Decision, Scope, Step
from g4f.router.resolve import Resolution, Target

_log = log.get()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a walk needs of the world: all of it injected, so that tests decide the time and the dice."""

    health: Health
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Walk:
    """One request on its way down its chain. `run` may be called once."""

    def __init__(
        self, request: ChatRequest, resolution: Resolution, snapshot: Snapshot, conditions: Conditions
    ) -> None:
        self._request = request
        self._snapshot = snapshot
        self._conditions = conditions
        self._left = list(resolution.targets)
        self._calls_allowed = max(policy.MAX_ATTEMPTS, len(self._left))
        self._time = asyncio.get_running_loop().time
        total = max((t.timeouts.total for t in self._left), default=0.0)
        self._deadline = self._time() + total
        self.journey = Journey(skipped=resolution.skipped)

    async def run(self) -> tuple[Target, Completion | AnswerStream]:
        """The target that answered, and its answer. Raises ExhaustedError."""
        last: Failure | None = None
        while self._left:
            target = self._left.pop(0)
            outcome = await self._use(target)
            if not isinstance(outcome, Failure):
                return target, outcome
            last = outcome
            self._pass_over(target, outcome)
        raise exhausted(self._request, self.journey, last, self._conditions.health)

    async def _use(self, target: Target) -> Completion | AnswerStream | Failure:
        """Try one target, again where that makes sense."""
        if target.wait:
            await self._conditions.sleep(target.wait)
        tries = 0
        while True:
            tries += 1
            record = AttemptRecord(target=target, number=len(self.journey.attempts) + 1)
            self.journey.attempts.append(record)
            try:
                return await self._call(target, record)
            except AttemptFailed as failed:
                failure = failed.failure
            decision = self._decide(target, failure, tries)
            _report(self._request, record, decision)
            if decision.step is not Step.RETRY:
                if decision.step is Step.GIVE_UP:
                    self._left.clear()
                return failure
            await self._conditions.sleep(decision.delay)

    async def _call(self, target: Target, record: AttemptRecord) -> Completion | AnswerStream:
        health = self._conditions.health
        health.begin(target.provider, target.key, target.model)
        started = self._time()
        try:
            answer = await self._bounded(target)
        except AttemptFailed as failed:
            record.failure = failed.failure
            health.failed(target.provider, target.key, target.model, failed.failure)
            raise
        except BaseException:
            health.answered(target.provider, target.key, target.model)
            raise
        finally:
            record.ms = round((self._time() - started) * 1000)
        if isinstance(answer, Completion):
            health.succeeded(target.provider, target.key, target.model)
        else:
            health.answered(target.provider, target.key, target.model)
        _log.debug(
            "attempt.answered",
            request_id=self._request.id,
            provider=target.provider,
            upstream_model=target.model,
            key=target.key,
            attempt=record.number,
        )
        return answer

    async def _bounded(self, target: Target) -> Completion | AnswerStream:
        remaining = self._deadline - self._time()
        if remaining <= 0:
            message = "The request's time was up."
            raise AttemptFailed(Failure(kind=FailureKind.DEADLINE, message=message))
        limit = min(policy.share(remaining, len(self._left)), target.timeouts.total)
        adapter = self._snapshot.adapters[target.provider]
        if not self._request.stream:
            return await attempt.complete(adapter, target, self._request, limit)
        deadline = min(self._deadline, self._time() + target.timeouts.total)
        return await attempt.open_stream(adapter, target, self._request, limit=limit, deadline=deadline)

    def _decide(self, target: Target, failure: Failure, tries: int) -> Decision:
        spent = len(self.journey.attempts) >= self._calls_allowed
        return policy.decide(
            failure,
            tries=tries,
            retries=0 if spent else target.retries,
            more_targets=any(not _covers(failure, target, other) for other in self._left),
            remaining=self._deadline - self._time(),
            jitter=self._conditions.random(),
        )

    def _pass_over(self, target: Target, failure: Failure) -> None:
        """Leave out the targets that the failure speaks about too: a dead host is dead for each of its keys."""
        self._left = [other for other in self._left if not _covers(failure, target, other)]


def _covers(failure: Failure, failed: Target, other: Target) -> bool:
    """Whether `other` would fail for the very reason that `failed` did."""
    if other.provider != failed.provider:
        return False
    match RULES[failure.kind].scope:
        case Scope.PROVIDER:
            return True
        case Scope.KEY:
            return other.key == failed.key
        case Scope.MODEL:
            return other.model == failed.model
        case Scope.TARGET:
            return False


def _report(request: ChatRequest, record: AttemptRecord, decision: Decision) -> None:
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
