"""Turn a failed attempt into the next step.

Pure: no clock, no I/O, no logging. The table below is the fault catalogue's columns "retry", "fall back" and
"cooldown"; to change what a kind of failure leads to, change its row. Once an answer is committed (its first content
went out) nobody asks this module any more: a committed answer is neither retried nor replaced.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType

from g4f.exchange.failure import Failure, FailureKind

#: Strikes that open a circuit: five plain failures in a row (Envoy's `consecutive_5xx`), fewer graver ones.
STRIKES_TO_OPEN = 5.0
#: Seconds of backoff before retry n: full jitter over min(cap, base * 2**n).
BACKOFF_BASE, BACKOFF_CAP = 0.25, 4.0
#: The longest Retry-After, in seconds, that is waited for on the same target when no other is left.
PATIENCE = 2.0
#: Upstream calls a request may cost, unless its chain itself has more targets than that.
MAX_ATTEMPTS = 6


class Scope(Enum):
    """What a failure says something about, and so what cools down and is passed over for the rest of the request."""

    TARGET = auto()
    KEY = auto()
    MODEL = auto()
    PROVIDER = auto()
    PROXY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`strikes` count toward opening the circuit (0: nobody is to blame); `cooldown` is the shortest, in seconds."""

    retry: bool = False
    fall_back: bool = True
    scope: Scope = Scope.TARGET
    strikes: float = 1.0
    cooldown: float = 5.0


_AT_ONCE = STRIKES_TO_OPEN
_PASS_ON = Rule(fall_back=False, strikes=0)

RULES: Mapping[FailureKind, Rule] = MappingProxyType(
    {
        FailureKind.DNS: Rule(retry=True, scope=Scope.PROVIDER, strikes=_AT_ONCE),
        FailureKind.CONNECT: Rule(retry=True, scope=Scope.PROVIDER, strikes=_AT_ONCE),
        FailureKind.CONNECT_TIMEOUT: Rule(scope=Scope.PROVIDER, strikes=_AT_ONCE),
        FailureKind.TLS: Rule(scope=Scope.PROVIDER, strikes=_AT_ONCE, cooldown=60),
        FailureKind.PROXY: Rule(retry=True, scope=Scope.PROXY, strikes=_AT_ONCE),
        # No retry: the upstream may be doing (and billing) the work already.
        FailureKind.TIMEOUT: Rule(strikes=2.5),
        FailureKind.DISCONNECTED: Rule(retry=True),
        FailureKind.BAD_RESPONSE: Rule(retry=True),
        FailureKind.TOO_LARGE: Rule(),
        FailureKind.CHALLENGE: Rule(scope=Scope.PROVIDER, strikes=_AT_ONCE, cooldown=60),
        FailureKind.REDIRECT: Rule(),
        FailureKind.EMPTY: Rule(retry=True, strikes=0.5),
        FailureKind.AUTH: Rule(scope=Scope.KEY, strikes=_AT_ONCE, cooldown=300),
        FailureKind.QUOTA: Rule(scope=Scope.KEY, strikes=_AT_ONCE, cooldown=300),
        FailureKind.NOT_FOUND: Rule(scope=Scope.MODEL, strikes=_AT_ONCE, cooldown=300),
        FailureKind.RATE_LIMITED: Rule(strikes=_AT_ONCE),
        FailureKind.OVERLOADED: Rule(retry=True),
        FailureKind.SERVER_ERROR: Rule(retry=True),
        FailureKind.GATEWAY_TIMEOUT: Rule(retry=True),
        FailureKind.CONFLICT: Rule(retry=True),
        FailureKind.BAD_REQUEST: _PASS_ON,
        FailureKind.REJECTED: _PASS_ON,
        FailureKind.CONTEXT_LENGTH: _PASS_ON,
        FailureKind.CONTENT_FILTER: _PASS_ON,
        # Another provider may have the words for it.
        FailureKind.UNSUPPORTED: Rule(strikes=0),
        # The caller's time is up: nothing can be tried any more, and the target had too small a share to be blamed.
        FailureKind.DEADLINE: _PASS_ON,
        # This machine is out of files or memory: another target would need them too.
        FailureKind.LOCAL: _PASS_ON,
    }
)


class Step(StrEnum):
    """What to do after a failure: the same target again, the next one, or nothing more."""

    RETRY = "retry"
    FALL_BACK = "fall_back"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step, and the seconds to wait before it (only a retry waits)."""

    step: Step
    delay: float = 0.0


def decide(
    failure: Failure,
    *,
    tries: int,
    retries: int,
    more_targets: bool,
    remaining: float,
    jitter: float,
    fallback_on: Set[FailureKind] = frozenset(),
) -> Decision:
    """The step after `failure`.

    `tries` counts the calls made to this target, `retries` is how many more than one it may have, `remaining` is in
    seconds until the request's deadline and `jitter` is uniform in [0, 1). `fallback_on` names the kinds that fall
    back although they are the request's own fault.
    """
    rule = RULES[failure.kind]
    if is_final(failure, fallback_on) or remaining <= 0:
        return Decision(Step.GIVE_UP)
    if rule.fall_back and tries <= retries and failure.retryable is not False:
        delay = _delay(failure, rule, tries, more_targets, jitter)
        if delay is not None and delay < remaining:
            return Decision(Step.RETRY, delay)
    return Decision(Step.FALL_BACK if more_targets else Step.GIVE_UP)


def is_final(failure: Failure, fallback_on: Set[FailureKind] = frozenset()) -> bool:
    """Whether no other target could help: the fault is the request's own, or this machine's."""
    return not RULES[failure.kind].fall_back and failure.kind not in fallback_on


def _delay(failure: Failure, rule: Rule, tries: int, more_targets: bool, jitter: float) -> float | None:
    """Seconds until a retry on the same target makes sense, or None where it makes none."""
    if failure.retry_after is not None:
        # The target says when; going elsewhere is faster, so wait only if there is no elsewhere.
        return failure.retry_after if failure.retry_after <= PATIENCE and not more_targets else None
    if not rule.retry:
        return None
    return jitter * min(BACKOFF_CAP, BACKOFF_BASE * (1 << (tries - 1)))


def share(remaining: float, later_targets: int) -> float:
    """The part of the `remaining` seconds that one target may spend before its first content.

    Each later target keeps a fifth, but never more than an equal share, so that the last one still has time to answer
    however slowly the others fail.
    """
    return remaining * max(1 / (later_targets + 1), 1 - 0.2 * later_targets)
