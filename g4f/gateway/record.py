"""What happened to a request on its way: one record for each upstream call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from g4f import log
from g4f.exchange.failure import Failure
from g4f.router.health import Health
from g4f.router.policy import RULES, Scope
from g4f.router.resolve import Skip, Target

_log = log.get()


class Outcome(StrEnum):
    """How an attempt ended; each has exactly one."""

    ANSWERED = "answered"
    FAILED = "failed"
    HEDGED = "hedged"
    """Another target was quicker. Nobody is to blame."""


@dataclass(slots=True, kw_only=True)
class AttemptRecord:
    """One upstream call. `failure` is None while it runs and after it went well; `ms` is until it was decided."""

    target: Target
    number: int
    ms: int = 0
    failure: Failure | None = None
    overtaken: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.failure is not None:
            return Outcome.FAILED
        return Outcome.HEDGED if self.overtaken else Outcome.ANSWERED

    def public(self) -> dict[str, Any]:
        """What a client may know of it."""
        failure = self.failure
        return {
            "provider": self.target.provider,
            "model": self.target.model,
            "key": self.target.key,
            "outcome": self.outcome.value,
            "failure": failure.kind.value if failure else None,
            "status": failure.status if failure else None,
            "ms": self.ms,
        }


@dataclass(slots=True)
class Journey:
    """A request's way down its chain."""

    attempts: list[AttemptRecord] = field(default_factory=list)
    skipped: Sequence[Skip] = ()

    def begin(self, target: Target) -> AttemptRecord:
        """The record of a new attempt."""
        record = AttemptRecord(target=target, number=len(self.attempts) + 1)
        self.attempts.append(record)
        return record

    def trail(self) -> str:
        """What was passed over and what failed before the answer, in a line: `A=connect, B=cooldown`."""
        skipped = [f"{skip.provider}={skip.reason.value}" for skip in self.skipped]
        others = [a for a in self.attempts if a.outcome is not Outcome.ANSWERED]
        left = [f"{a.target.provider}={a.failure.kind.value if a.failure else a.outcome.value}" for a in others]
        return ", ".join(dict.fromkeys(skipped + left))


def blame(record: AttemptRecord, failure: Failure, health: Health) -> None:
    """Book a failed attempt. A key that is refused from now on needs a person, and is told about once."""
    record.failure = failure
    provider, key, model, proxy = record.target.site
    opened = health.failed(provider, key, model, failure, proxy)
    if opened is not None and RULES[failure.kind].scope is Scope.KEY:
        _log.error(
            "key.disabled",
            provider=provider,
            key=key,
            failure=failure.kind.value,
            upstream_status=failure.status,
            seconds=round(opened.until - health.now()),
        )
