"""Which targets are cooling down, and until when.

One circuit per (provider, key, model), with wider ones for what concerns a whole key, model, provider or proxy. A
circuit counts strikes in a row, opens when it has enough or when most attempts of the last minute failed, and stays
open for a time that doubles with each opening in a row. After that it is half open: one request probes while the
others stay away. The clock is monotonic and injected; the state belongs to the gateway, not to a snapshot, so it
outlives a reload. What it remembers is bounded: the oldest is forgotten first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

from g4f.exchange.failure import Failure, FailureKind
from g4f.router.history import History
from g4f.router.policy import RULES, STRIKES_TO_OPEN, Scope

#: Envoy's cap for an ejection, and the clamp for a Retry-After, in seconds.
LONGEST_COOLDOWN = 300.0
SHORTEST_RETRY_AFTER = 0.5
#: A cooldown is stretched by up to a fifth, so that targets which failed together are not probed together.
JITTER = 0.2
#: Circuits and histories that are kept; a pattern lets clients name as many models as they like.
MOST_CIRCUITS, MOST_HISTORIES = 4096, 1024

T = TypeVar("T")


class CircuitKey(NamedTuple):
    """What a circuit is about. None stands for "any"; a proxy's circuit is about nothing else."""

    provider: str
    key: str | None
    model: str | None
    proxy: str | None = None


@dataclass(slots=True)
class _Circuit:
    strikes: float = 0.0
    openings: int = 0
    until: float = 0.0
    kind: FailureKind | None = None
    probing: bool = False


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Why a target is skipped, and until when (on the health clock, seconds). `probing`: somebody is trying it now.
    `proxy`: it is not the target that is to blame but the proxy of this name."""

    kind: FailureKind
    until: float
    probing: bool = False
    proxy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCircuit:
    """What is to be remembered of an open circuit; `until` is on the health clock, in seconds."""

    about: CircuitKey
    kind: FailureKind
    strikes: float
    openings: int
    until: float


class Health:
    """The circuits of all targets. `clock` returns monotonic seconds, `random` a number in [0, 1).

    A target is named by its provider, key and model, and the proxy it is reached through, if any.
    """

    def __init__(self, clock: Callable[[], float], random: Callable[[], float]) -> None:
        self._clock = clock
        self._random = random
        self._circuits: dict[CircuitKey, _Circuit] = {}
        self._histories: dict[CircuitKey, History] = {}
        #: Counts what changes, at once and not by the passing of time, which targets may be used.
        self.epoch = 0

    @property
    def untroubled(self) -> bool:
        """Whether nothing is known of anybody, so that nobody need be told of an attempt that goes well."""
        return not self._circuits and not self._histories

    def cooldown(self, provider: str, key: str | None, model: str, proxy: str | None = None) -> Cooldown | None:
        """The cooldown that keeps this target from being used now, if there is one: the one that lasts longest."""
        if not self._circuits:
            return None
        now = self._clock()
        found: Cooldown | None = None
        for about, circuit in self._about(provider, key, model, proxy):
            if circuit.kind is None or (circuit.until <= now and not circuit.probing):
                continue
            probing = circuit.until <= now
            if found is None or circuit.until > found.until:
                found = Cooldown(circuit.kind, max(circuit.until, now), probing, about.proxy)
        return found

    def begin(self, provider: str, key: str | None, model: str, proxy: str | None = None) -> None:
        """An attempt starts: if a circuit was waiting to be probed, this attempt is the probe."""
        if not self._circuits:
            return
        for _, circuit in self._about(provider, key, model, proxy):
            if circuit.kind is not None:
                circuit.probing = True
                self.epoch += 1

    def answered(self, provider: str, key: str | None, model: str, proxy: str | None = None) -> None:
        """The attempt got its first content, or ended without a verdict: others may use the target again."""
        if not self._circuits:
            return
        for _, circuit in self._about(provider, key, model, proxy):
            if circuit.probing:
                circuit.probing = False
                self.epoch += 1

    def succeeded(self, provider: str, key: str | None, model: str, proxy: str | None = None) -> None:
        """The attempt ended well: the strikes against this target are forgotten, not the counts of the last minute.

        A circuit that is open stays so: an answer that began before it opened says nothing about now.
        """
        history = self._histories.get(CircuitKey(provider, key, model)) if self._histories else None
        if history is None and not self._circuits:
            return
        now = self._clock()
        if history is not None:
            history.add(now, 0.0)
        for about, circuit in self._about(provider, key, model, proxy):
            circuit.probing = False
            if circuit.kind is None or circuit.until <= now:
                del self._circuits[about]
            self.epoch += 1

    def failed(
        self, provider: str, key: str | None, model: str, failure: Failure, proxy: str | None = None
    ) -> Cooldown | None:
        """The attempt failed: count it, and open the circuit if that was enough.

        Returns the cooldown if this failure opened a circuit that was not open.
        """
        self.answered(provider, key, model, proxy)
        rule = RULES[failure.kind]
        if rule.strikes <= 0:
            return None
        about = _scoped(rule.scope, provider, key, model, proxy)
        self.epoch += 1
        circuit = _kept(self._circuits, about, _Circuit, MOST_CIRCUITS)
        circuit.strikes += STRIKES_TO_OPEN if failure.retry_after is not None else rule.strikes
        # A probe that fails opens the circuit again whatever its weight.
        enough = circuit.strikes >= STRIKES_TO_OPEN or circuit.kind is not None
        if about.proxy is None:
            history = _kept(self._histories, CircuitKey(provider, key, model), History, MOST_HISTORIES)
            history.add(self._clock(), min(rule.strikes, 1.0))
            enough = enough or history.trips(self._clock())
            if enough:
                history.opened()
        return self._open(circuit, failure, rule.cooldown, about) if enough else None

    def _open(self, circuit: _Circuit, failure: Failure, shortest: float, about: CircuitKey) -> Cooldown | None:
        now = self._clock()
        was_open = circuit.until > now
        if not was_open:
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
        return None if was_open else Cooldown(failure.kind, circuit.until, proxy=about.proxy)

    def waited(self, provider: str, key: str | None, model: str, seconds: float, *, stream: bool) -> None:
        """The first content of an attempt came after `seconds`; kept for targets that are watched or once failed."""
        history = self._histories.get(CircuitKey(provider, key, model)) if self._histories else None
        if history is not None:
            history.waited(seconds, stream=stream)

    def watch(self, provider: str, key: str | None, model: str) -> History:
        """The history of a target, kept from now on because the configuration asks for it."""
        history = _kept(self._histories, CircuitKey(provider, key, model), History, MOST_HISTORIES)
        history.watch()
        return history

    def forget(self, provider: str, key: str | None = None) -> None:
        """Drop what is known of a provider (or of one of its keys): it was changed in the configuration."""
        self.epoch += 1
        for known in (self._circuits, self._histories):
            gone = [k for k in known if k.provider == provider and k.proxy is None and (key is None or k.key == key)]
            for about in gone:
                del known[about]

    def forget_proxy(self, proxy: str) -> None:
        """Drop what is known of a proxy: its name means another one now."""
        self.epoch += 1
        self._circuits.pop(_of_proxy(proxy), None)

    def cooling(self) -> Iterator[tuple[CircuitKey, Cooldown]]:
        """Every open circuit, for people to look at."""
        now = self._clock()
        for about, circuit in self._circuits.items():
            if circuit.kind is not None and circuit.until > now:
                yield about, Cooldown(circuit.kind, circuit.until, proxy=about.proxy)

    def now(self) -> float:
        return self._clock()

    def _about(
        self, provider: str, key: str | None, model: str, proxy: str | None
    ) -> Sequence[tuple[CircuitKey, _Circuit]]:
        known = self._circuits
        return [(about, known[about]) for about in _keys(provider, key, model, proxy) if about in known]

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
        self.epoch += 1
        return restored


@lru_cache(maxsize=MOST_CIRCUITS)
def _keys(provider: str, key: str | None, model: str, proxy: str | None) -> tuple[CircuitKey, ...]:
    found: tuple[CircuitKey, ...] = (
        CircuitKey(provider, key, model),
        CircuitKey(provider, key, None),
        CircuitKey(provider, None, model),
        CircuitKey(provider, None, None),
    )
    if key is None:
        found = found[2:]  # the first two say the same
    return found if proxy is None else (*found, _of_proxy(proxy))


def _of_proxy(proxy: str) -> CircuitKey:
    return CircuitKey("", None, None, proxy)


def _scoped(scope: Scope, provider: str, key: str | None, model: str, proxy: str | None) -> CircuitKey:
    match scope:
        case Scope.TARGET:
            return CircuitKey(provider, key, model)
        case Scope.KEY:
            return CircuitKey(provider, key, None)
        case Scope.MODEL:
            return CircuitKey(provider, None, model)
        case Scope.PROXY if proxy is not None:
            return _of_proxy(proxy)
        case Scope.PROVIDER | Scope.PROXY:
            return CircuitKey(provider, None, None)


def _kept(known: dict[CircuitKey, T], about: CircuitKey, make: Callable[[], T], most: int) -> T:
    """The entry for `about`, made if need be in place of the oldest."""
    found = known.get(about)
    if found is None:
        if len(known) >= most:
            del known[next(iter(known))]
        found = known[about] = make()
    return found
