"""Which targets are cooling down, and until when.

One circuit per (provider, key, model), with wider ones for what concerns a whole key, model or provider. A circuit
counts strikes, opens when it has enough, and stays open for a time that doubles with each opening in a row. After
that it is half open: one request probes while the others stay away. The clock is monotonic and injected; the state
belongs to the gateway, not to a snapshot, so it outlives a reload.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from g4f.exchange.failure import Failure, FailureKind
from g4f.router.policy import RULES, STRIKES_TO_OPEN, Scope

#: Envoy's cap for an ejection, and the clamp for a Retry-After, in seconds.
LONGEST_COOLDOWN = 300.0
SHORTEST_RETRY_AFTER = 0.5
#: A cooldown is stretched by up to a fifth, so that targets which failed together are not probed together.
JITTER = 0.2


class CircuitKey(NamedTuple):
    """What a circuit is about. None stands for "any"."""

    provider: str
    key: str | None
    model: str | None


@dataclass(slots=True)
class _Circuit:
    strikes: float = 0.0
    openings: int = 0
    until: float = 0.0
    kind: FailureKind | None = None
    probing: bool = False


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Why a target is skipped, and until when (on the health clock, seconds). `probing`: somebody is trying it now."""

    kind: FailureKind
    until: float
    probing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCircuit:
    """What is to be remembered of an open circuit; `until` is on the health clock, in seconds."""

    about: CircuitKey
    kind: FailureKind
    strikes: float
    openings: int
    until: float


class Health:
    """The circuits of all targets. `clock` returns monotonic seconds, `random` a number in [0, 1)."""

    def __init__(self, clock: Callable[[], float], random: Callable[[], float]) -> None:
        self._clock = clock
        self._random = random
        self._circuits: dict[CircuitKey, _Circuit] = {}

    def cooldown(self, provider: str, key: str | None, model: str) -> Cooldown | None:
        """The cooldown that keeps this target from being used now, if there is one: the one that lasts longest."""
        if not self._circuits:
            return None
        now = self._clock()
        found: Cooldown | None = None
        for circuit in self._about(provider, key, model):
            if circuit.kind is None or (circuit.until <= now and not circuit.probing):
                continue
            probing = circuit.until <= now
            if found is None or circuit.until > found.until:
                found = Cooldown(circuit.kind, max(circuit.until, now), probing)
        return found

    def begin(self, provider: str, key: str | None, model: str) -> None:
        """An attempt starts: if a circuit was waiting to be probed, this attempt is the probe."""
        for circuit in self._about(provider, key, model):
            if circuit.kind is not None:
                circuit.probing = True

    def answered(self, provider: str, key: str | None, model: str) -> None:
        """The attempt got its first content, or ended without a verdict: others may use the target again."""
        for circuit in self._about(provider, key, model):
            circuit.probing = False

    def succeeded(self, provider: str, key: str | None, model: str) -> None:
        """The attempt ended well: everything that spoke against this target is forgotten."""
        if not self._circuits:
            return
        for circuit_key in _keys(provider, key, model):
            self._circuits.pop(circuit_key, None)

    def failed(self, provider: str, key: str | None, model: str, failure: Failure) -> None:
        """The attempt failed: count it, and open the circuit if that was enough."""
        self.answered(provider, key, model)
        rule = RULES[failure.kind]
        asked_to_wait = failure.retry_after is not None and rule.strikes > 0
        strikes = STRIKES_TO_OPEN if asked_to_wait else rule.strikes
        if strikes <= 0:
            return
        circuit = self._circuits.setdefault(_scoped(rule.scope, provider, key, model), _Circuit())
        circuit.strikes += strikes
        # A probe that fails opens the circuit again whatever its weight.
        if circuit.strikes < STRIKES_TO_OPEN and circuit.kind is None:
            return
        self._open(circuit, failure, rule.cooldown)

    def _open(self, circuit: _Circuit, failure: Failure, shortest: float) -> None:
        now = self._clock()
        if circuit.until <= now:
            circuit.openings += 1
        if failure.retry_after is not None:
            wait = min(max(failure.retry_after, SHORTEST_RETRY_AFTER), LONGEST_COOLDOWN)
        else:
            grown = shortest * 2 ** min(circuit.openings - 1, 16)
            wait = min(max(grown, shortest), LONGEST_COOLDOWN) * (1 + JITTER * self._random())
        circuit.strikes = 0.0
        circuit.kind = failure.kind
        # Being told again never shortens a cooldown.
        circuit.until = max(circuit.until, now + wait)

    def forget(self, provider: str, key: str | None = None) -> None:
        """Drop what is known of a provider (or of one of its keys): it was changed in the configuration."""
        gone = [k for k in self._circuits if k.provider == provider and (key is None or k.key == key)]
        for circuit_key in gone:
            del self._circuits[circuit_key]

    def cooling(self) -> Iterator[tuple[CircuitKey, Cooldown]]:
        """Every open circuit, for people to look at."""
        now = self._clock()
        for circuit_key, circuit in self._circuits.items():
            if circuit.kind is not None and circuit.until > now:
                yield circuit_key, Cooldown(circuit.kind, circuit.until)

    def now(self) -> float:
        return self._clock()

    def _about(self, provider: str, key: str | None, model: str) -> Iterator[_Circuit]:
        for circuit_key in _keys(provider, key, model):
            circuit = self._circuits.get(circuit_key)
            if circuit is not None:
                yield circuit

    def export(self) -> tuple[OpenCircuit, ...]:
        """Every open circuit, for `restore` of another Health."""
        now = self._clock()
        return tuple(
            OpenCircuit(about=about, kind=c.kind, strikes=c.strikes, openings=c.openings, until=c.until)
            for about, c in self._circuits.items()
            if c.kind is not None and c.until > now
        )

    def restore(self, circuits: Iterable[OpenCircuit]) -> int:
        """Open these circuits again, unless they are over or something newer is known; returns how many.

        None stays open for longer than `LONGEST_COOLDOWN` from now, whatever its `until` says.
        """
        now, restored = self._clock(), 0
        for known in circuits:
            if not now < known.until or known.about in self._circuits:
                continue
            until = min(known.until, now + LONGEST_COOLDOWN)
            circuit = _Circuit(strikes=known.strikes, openings=known.openings, until=until, kind=known.kind)
            self._circuits[known.about] = circuit
            restored += 1
        return restored


def _keys(provider: str, key: str | None, model: str) -> tuple[CircuitKey, ...]:
    return (
        CircuitKey(provider, key, model),
        CircuitKey(provider, key, None),
        CircuitKey(provider, None, model),
        CircuitKey(provider, None, None),
    )


def _scoped(scope: Scope, provider: str, key: str | None, model: str) -> CircuitKey:
    match scope:
        case Scope.TARGET:
            return CircuitKey(provider, key, model)
        case Scope.KEY:
            return CircuitKey(provider, key, None)
        case Scope.MODEL:
            return CircuitKey(provider, None, model)
        case Scope.PROVIDER:
            return CircuitKey(provider, None, None)
