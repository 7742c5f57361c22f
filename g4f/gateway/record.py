"""What happened to a request on its way: one record for each upstream call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from g4f import log
from g4f.exchange.failure import Failure
from g4f.exchange.trace import TraceContext
from g4f.router.health import Health
from g4f.router.policy import RULES, Scope
from g4f.router.resolution import Skip, Target

_log = log.get()


class Outcome(StrEnum):
    """How an attempt ended; each has exactly one."""

    ANSWERED = "answered"
    FAILED = "failed"
    HEDGED = "hedged"
    """Another target was quicker. Nobody is to blame."""
    ABANDONED = "abandoned"
    """The request ended before the attempt did: its client left, or the server was stopped."""


@dataclass(kw_only=True)
class AttemptRecord:
    """One upstream call. Its defaults are the class's, so that one costs only what is known of it.

    `failure` is None while it runs and after it went well. `began` is on `time.perf_counter`, `seconds` is from there
    until it was decided: an answer, the first content of a stream, or a failure. `opened` says that its failure began
    a cooldown. `dropped` names what of the request the provider had no words for; `media_type` is set for a stream
    that is a file.
    """

    target: Target
    number: int
    began: float = field(default=0.0, init=False)
    seconds: float = field(default=0.0, init=False)
    failure: Failure | None = field(default=None, init=False)
    answered: bool = field(default=False, init=False)
    overtaken: bool = field(default=False, init=False)
    opened: bool = field(default=False, init=False)
    dropped: tuple[str, ...] = field(default=(), init=False)
    media_type: str | None = field(default=None, init=False)

    @property
    def ms(self) -> int:
        return round(self.seconds * 1000)

    @property
    def outcome(self) -> Outcome:
        if self.failure is not None:
            return Outcome.FAILED
        if self.overtaken:
            return Outcome.HEDGED
        return Outcome.ANSWERED if self.answered else Outcome.ABANDONED

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


@dataclass
class Journey:
    """A request's way down its chain. `route` is the model of the file that serves it, `generation` counts the
    configurations, and `paused` is how many seconds were waited between two attempts. `trace` is None where nobody
    traces it."""

    attempts: list[AttemptRecord] = field(default_factory=list)
    skipped: Sequence[Skip] = field(default=(), init=False)
    route: str | None = field(default=None, init=False)
    generation: int = field(default=0, init=False)
    paused: float = field(default=0.0, init=False)
    trace: TraceContext | None = field(default=None, init=False)

    def begin(self, target: Target) -> AttemptRecord:
        """The record of a new attempt."""
        record = AttemptRecord(target=target, number=len(self.attempts) + 1)
        self.attempts.append(record)
        return record

    def trail(self) -> str:
        """What was passed over and what failed before the answer, in a line: `A=connect, B=cooldown`."""
        if not self.skipped and len(self.attempts) == 1 and self.attempts[0].outcome is Outcome.ANSWERED:
            return ""
        skipped = [f"{skip.provider}={skip.reason.value}" for skip in self.skipped]
        others = [a for a in self.attempts if a.outcome is not Outcome.ANSWERED]
        left = [f"{a.target.provider}={a.failure.kind.value if a.failure else a.outcome.value}" for a in others]
        return ", ".join(dict.fromkeys(skipped + left))


def blame(record: AttemptRecord, failure: Failure, health: Health) -> None:
    """Book a failed attempt. A key that is refused from now on needs a person, and is told about once."""
    record.failure = failure
    provider, key, model, proxy = record.target.site
    opened = health.failed(provider, key, model, failure, proxy)
    record.opened = opened is not None
    if opened is not None and RULES[failure.kind].scope is Scope.KEY:
        _log.error(
            "key.disabled",
            provider=provider,
            key=key,
            failure=failure.kind.value,
            upstream_status=failure.status,
            seconds=round(opened.until - health.now()),
        )
