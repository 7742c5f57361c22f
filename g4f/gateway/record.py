"""What happened to a request on its way: one record for each upstream call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from g4f.exchange.failure import Failure
from g4f.router.resolve import Skip, Target


@dataclass(slots=True, kw_only=True)
class AttemptRecord:
    """One upstream call. `failure` is None while it runs and after it went well; `ms` is until it was decided."""

    target: Target
    number: int
    ms: int = 0
    failure: Failure | None = None

    def public(self) -> dict[str, Any]:
        """What a client may know of it."""
        failure = self.failure
        return {
            "provider": self.target.provider,
            "model": self.target.model,
            "key": self.target.key,
            "failure": failure.kind.value if failure else None,
            "status": failure.status if failure else None,
            "ms": self.ms,
        }


@dataclass(slots=True)
class Journey:
    """A request's way down its chain."""

    attempts: list[AttemptRecord] = field(default_factory=list)
    skipped: Sequence[Skip] = ()

    def trail(self) -> str:
        """What was passed over and what failed before the answer, in a line: `A=connect, B=cooldown`."""
        skipped = [f"{skip.provider}={skip.reason.value}" for skip in self.skipped]
        failed = [f"{a.target.provider}={a.failure.kind.value}" for a in self.attempts if a.failure]
        return ", ".join(dict.fromkeys(skipped + failed))
