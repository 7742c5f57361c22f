"""Entries of the journal, made by hand."""

from typing import Any

from g4f.exchange.answer import Usage
from g4f.exchange.failure import Failure, FailureKind
from g4f.gateway.record import AttemptRecord
from g4f.meter.entry import Entry
from g4f.router.resolution import Target
from g4f.router.table import Timeouts

TIMEOUTS = Timeouts(connect=5, first_token=30, answer=300, idle=60, total=600)


def target(provider: str = "A", model: str = "up", key: str | None = "main") -> Target:
    return Target(provider=provider, model=model, key=key, timeouts=TIMEOUTS, retries=0)


def failed(provider: str = "A", kind: FailureKind = FailureKind.CONNECT, seconds: float = 0.2) -> AttemptRecord:
    record = AttemptRecord(target=target(provider), number=1)
    record.seconds, record.failure = seconds, Failure(kind=kind, message="")
    return record


def answered(provider: str = "A", seconds: float = 1.0) -> AttemptRecord:
    record = AttemptRecord(target=target(provider), number=1)
    record.seconds, record.answered = seconds, True
    return record


def entry(*attempts: AttemptRecord, usage: tuple[int, int] | None = (7, 3), **changes: Any) -> Entry:
    """A request that its last attempt answered; without attempts, one that nothing was tried for."""
    made = Entry(request_id="req_1", started=100.0)
    made.caller_name, made.method, made.endpoint = "laptop", "POST", "/v1/chat/completions"
    made.fields.update(model="m", stream=False)
    made.journey.attempts.extend(attempts)
    made.journey.route, made.journey.generation = "m", 1
    made.status, made.ended, made.at = 502, 102.0, 1_700_000_000.0
    last = attempts[-1] if attempts else None
    if last is not None and last.answered:
        made.answered_by, made.first, made.status = last, 101.5, 200
        made.usage = Usage(*usage) if usage else None
    for name, value in changes.items():
        setattr(made, name, value)
    return made
