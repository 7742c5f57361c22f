"""What a resolution is: the targets of a request in order, and every target that is left out, with its reason."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from g4f.exchange.failure import FailureKind
from g4f.router.health import Cooldown
from g4f.router.table import (
    Hedge,
    Timeouts,
)


class SkipReason(StrEnum):
    """Why a target of the chain is not used for this request."""

    IGNORED = "ignored"
    NO_KEY = "no_key"
    COOLDOWN = "cooldown"
    PROBING = "probing"
    LACKS = "lacks_capability"
    WHEN = "when"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What one attempt calls: a provider, with its model, one of its keys, and its limits."""

    provider: str
    model: str
    key: str | None
    timeouts: Timeouts
    retries: int
    proxy: str | None = None
    wait: float = 0.0
    """Seconds to wait first: only for a target that is about to recover while nothing else is left."""
    site: tuple[str, str | None, str, str | None] = field(init=False, repr=False, compare=False)
    """What `Health` knows it by: provider, key, model and proxy."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", (self.provider, self.key, self.model, self.proxy))

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" + (f"#{self.key}" if self.key else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A target that is left out. `detail` is for people; `until` is on the health clock, in seconds."""

    provider: str
    model: str
    key: str | None
    reason: SkipReason
    detail: str
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The chain a request walks now. `route` is the name in the file that matched; a pinned provider needs none."""

    model: str
    route: str | None
    targets: tuple[Target, ...]
    skipped: tuple[Skip, ...]
    fallback_on: frozenset[FailureKind] = frozenset()
    hedge: Hedge | None = None
    until: float = math.inf
    """When the first of those that cool down has recovered, on the health clock."""
    able: tuple[str, ...] = ()
    """Some models that can do what this request needs, where no target can be tried."""
    total: float = field(init=False, repr=False, compare=False)
    """Seconds that a request may take: the longest that a target allows."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", max((target.timeouts.total for target in self.targets), default=0.0))


def skipped(target: Target, cooldown: Cooldown) -> Skip:
    """The target as one that is left out because it, or what it depends on, cools down."""
    detail = f"proxy {cooldown.proxy}" if cooldown.proxy else f"after {cooldown.kind.value}"
    return Skip(
        provider=target.provider,
        model=target.model,
        key=target.key,
        reason=SkipReason.PROBING if cooldown.probing else SkipReason.COOLDOWN,
        detail=detail,
        until=cooldown.until,
    )
