"""From a request to the targets it may use, in order, with a reason for every target that is left out.

Pure: the same table, health and randomness give the same resolution, in the daemon, in the library and in
`g4fd explain`. Lookup does not depend on the number of models; the rest is linear in the chain.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import islice
from typing import TypeVar

from g4f.errors import ModelNotFoundError, ProviderNotFoundError, ProviderNotWorkingError
from g4f.exchange.capability import PREFERRED
from g4f.exchange.request import Operation
from g4f.router.facts import TargetFacts
from g4f.router.health import Health
from g4f.router.history import History
from g4f.router.resolution import Resolution, Skip, SkipReason, Target, skipped
from g4f.router.table import (
    Balance,
    Entry,
    Key,
    ProviderRules,
    Route,
    RoutingTable,
    Tier,
    public_names,
)

T = TypeVar("T")

#: The provider that a request is pinned to, or several in the order of trying.
Pin = str | tuple[str, ...] | None

#: All that a resolution depends on beside the table and the health: model, pin, needs, stream, proxy, operation.
_About = tuple[str, Pin, frozenset[str], bool, str | None, Operation]

#: With every target cooling down, wait for the first to recover if that is at most this many seconds away.
WAIT_FOR_RECOVERY = 2.0
#: Resolutions that are remembered; patterns let clients name as many models as they like.
MOST_KEPT = 4096
#: Models that are named as able to do what nobody of a chain can.
MOST_NAMED = 3
#: Balancing by latency, this share of the requests go by weight all the same: what was slow may have become quick.
EXPLORE = 0.05


@dataclass(frozen=True, slots=True)
class _Kept:
    """A resolution that the next request can have too, while nothing cools down or recovers: for as long as the health
    is at this `epoch`, and until this time on its clock."""

    resolution: Resolution
    epoch: int
    until: float

    def holds(self, health: Health) -> bool:
        return self.epoch == health.epoch and (self.until == math.inf or health.now() < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a request asks for; `upstream` is the model's name where neither the entry nor the provider has another, and
    `matched` what the star of a pattern stands for."""

    model: str
    upstream: str
    matched: str
    needs: frozenset[str]
    stream: bool
    proxy: str | None
    operation: Operation


@dataclass(slots=True)
class _Found:
    """The targets so far, those that are left out, and of these the ones that will recover."""

    targets: list[Target] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    cooling: list[tuple[float, Skip, Target]] = field(default_factory=list)


class Resolver:
    """Resolves requests over one table. `random` returns a number in [0, 1) and balances tiers and keys; `local` is
    the wall time that conditions see."""

    def __init__(
        self,
        table: RoutingTable,
        health: Health,
        random: Callable[[], float],
        local: Callable[[], time.struct_time] = time.localtime,
    ) -> None:
        self._table = table
        self._health = health
        self._random = random
        self._local = local
        self._kept: dict[_About, _Kept] = {}
        self._by_chance = False

    @property
    def table(self) -> RoutingTable:
        return self._table

    def resolve(
        self,
        model: str,
        *,
        provider: Pin = None,
        needs: frozenset[str] = frozenset(),
        stream: bool = False,
        proxy: str | None = None,
        operation: Operation = Operation.CHAT,
    ) -> Resolution:
        """The chain for `model`, or for `model` at a pinned `provider`, or at several in this order. `proxy` names the
        one that all are reached through in place of their own.

        Raises ModelNotFoundError, ProviderNotFoundError, or ProviderNotWorkingError when a pinned provider is
        ignored. An empty `targets` is not an error here: `skipped` says why.
        """
        about = (model, provider, needs, stream, proxy, operation)
        kept = self._kept.get(about)
        if kept is not None and kept.holds(self._health):
            return kept.resolution
        self._by_chance = False
        epoch = self._health.epoch
        resolution = self._resolve(*about)
        if not self._by_chance:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[about] = _Kept(resolution, epoch, resolution.until)
        return resolution

    def settled(self, model: str) -> Resolution | None:
        """The chain that a plain chat with `model` gets, if it was worked out before and chance has no part in it."""
        kept = self._kept.get((model, None, frozenset(), False, None, Operation.CHAT))
        return kept.resolution if kept is not None and kept.holds(self._health) else None

    def _resolve(
        self,
        model: str,
        provider: Pin,
        needs: frozenset[str],
        stream: bool,
        proxy: str | None,
        operation: Operation,
    ) -> Resolution:
        route = self._table.find(model)
        provider = provider or self._default(route, operation)
        if provider is not None:
            names = (provider,) if isinstance(provider, str) else provider
            tiers = tuple(tier for name in names for tier in self._pinned(name, route))
        elif route is not None:
            tiers = route.tiers
        else:
            raise ModelNotFoundError(self._unknown_model(model), param="model")
        # An alias stands for its model; what matches a pattern goes upstream as it was asked for.
        upstream = route.name if route is not None and not route.pattern else model
        matched = model.removeprefix(route.name[:-1]) if route is not None and route.pattern else model
        asked = _Asked(
            model=model,
            upstream=upstream,
            matched=matched or model,
            needs=needs,
            stream=stream,
            proxy=proxy,
            operation=operation,
        )
        found = self._expand_all(tiers, route, asked)
        if not found.targets and not PREFERRED.isdisjoint(needs):
            asked = replace(asked, needs=needs - PREFERRED)
            found = self._expand_all(tiers, route, asked)
        if not found.targets:
            self._wait_for_soonest(found)
        return Resolution(
            model=model,
            route=route.name if route else None,
            targets=tuple(found.targets),
            skipped=tuple(found.skipped),
            fallback_on=route.fallback_on if route else self._table.fallback_on,
            hedge=route.hedge if route else None,
            until=min((until for until, _, _ in found.cooling), default=math.inf),
            able=tuple(islice(self._able(asked), MOST_NAMED)) if asked.needs and not found.targets else (),
        )

    def _default(self, route: Route | None, operation: Operation) -> str | None:
        """The provider of requests that pick none, but where it cannot do what the model's own chain is for."""
        name = self._table.default_provider
        if name is None or route is None or operation in self._table.providers[name].operations:
            return name
        return None

    def _expand_all(self, tiers: Sequence[Tier], route: Route | None, asked: _Asked) -> _Found:
        found = _Found()
        for tier in tiers:
            self._expand_tier(tier, route, asked, found)
        return found

    def _expand_tier(self, tier: Tier, route: Route | None, asked: _Asked, found: _Found) -> None:
        first = len(found.targets)
        for entry in self._balanced(tier, [e.weight for e in tier]):
            self._expand(entry, asked, found)
        by_latency = route is not None and route.balance is Balance.LATENCY
        if by_latency and len(found.targets) - first > 1 and self._random() >= EXPLORE:
            # The sort keeps the order drawn by weight among those of which nothing is known: they come first.
            found.targets[first:] = sorted(found.targets[first:], key=lambda target: self._latency(target, asked))

    def _latency(self, target: Target, asked: _Asked) -> float:
        history = self._health.watch(target.provider, target.key, target.model)
        return history.latency(stream=asked.stream) or 0.0

    def _pinned(self, provider: str, route: Route | None) -> tuple[Tier, ...]:
        """The route's places for this provider; without any, the provider is asked for the name as it stands."""
        rules = self._table.providers.get(provider)
        if rules is None or not rules.listed:
            known = {name.lower(): name for name, r in self._table.providers.items() if r.listed}
            close = get_close_matches(provider[:64].lower(), known, 1)
            hint = f" Did you mean {known[close[0]]!r}?" if close else ""
            raise ProviderNotFoundError(f"No provider {provider[:64]!r} is configured here.{hint}", param="provider")
        if rules.ignored:
            raise ProviderNotWorkingError(
                f"Provider {provider!r} is in ignored_providers.",
                code="provider_not_working",
                param="provider",
            )
        tiers: list[Tier] = []
        if route is not None:
            tiers = [kept for tier in route.tiers if (kept := tuple(e for e in tier if e.provider == provider))]
        own = Entry(provider=provider, model=None, weight=1, timeouts=rules.timeouts, retries=rules.retries)
        return tuple(tiers) or ((own,),)

    def _expand(self, entry: Entry, asked: _Asked, found: _Found) -> None:
        """One place of the chain becomes one target for each key that may be used."""
        rules = self._table.providers[entry.provider]
        model = _own_name(entry, rules, asked)
        reason = self._excluded(entry, rules, model, asked)
        if reason is not None:
            why, detail = reason
            found.skipped.append(Skip(provider=rules.name, model=model, key=None, reason=why, detail=detail))
            return
        for key in self._keys(rules):
            target = Target(
                provider=rules.name,
                model=model,
                key=key,
                timeouts=entry.timeouts,
                retries=entry.retries,
                proxy=asked.proxy or rules.proxy,
            )
            if not self._holds(entry, target, asked):
                detail = f"when: {entry.when.text}" if entry.when else ""
                found.skipped.append(
                    Skip(provider=rules.name, model=model, key=key, reason=SkipReason.WHEN, detail=detail)
                )
                continue
            cooldown = self._health.cooldown(*target.site)
            if cooldown is None:
                found.targets.append(target)
                continue
            skip = skipped(target, cooldown)
            found.skipped.append(skip)
            found.cooling.append((cooldown.until, skip, target))

    def _holds(self, entry: Entry, target: Target, asked: _Asked) -> bool:
        if entry.when is None:
            return True
        self._by_chance = True
        health = self._health
        history = health.watch(target.provider, target.key, target.model) if entry.when.watches else History()
        facts = TargetFacts(history, model=asked.model, stream=asked.stream, now=health.now(), local=self._local)
        return entry.when.holds(facts)

    def _excluded(self, entry: Entry, rules: ProviderRules, model: str, asked: _Asked) -> tuple[SkipReason, str] | None:
        if rules.ignored:
            return SkipReason.IGNORED, "listed in ignored_providers"
        if not rules.usable:
            hint = f"set {rules.key_env} or " if rules.key_env else ""
            return SkipReason.NO_KEY, f"{hint}give it a key in the file"
        if asked.operation not in rules.operations:
            return SkipReason.LACKS, f"no {asked.operation}"
        able = self._table.capabilities(entry, asked.upstream, model) if asked.needs else None
        if able and not asked.needs <= able:
            return SkipReason.LACKS, "no " + ", ".join(sorted(asked.needs - able))
        return None

    def _able(self, asked: _Asked) -> Iterator[str]:
        """The models here that can do what is asked for."""
        for name, route in self._table.routes.items():
            like = replace(asked, model=name, upstream=name, matched=name)
            for_it = route.operations is None or asked.operation in route.operations
            if for_it and not route.pattern and self._expand_all(route.tiers, route, like).targets:
                yield name

    def _keys(self, rules: ProviderRules) -> Iterator[str | None]:
        if not rules.keys:
            yield None
            return
        ordered: Sequence[Key] = rules.keys
        if len(ordered) > 1:
            ordered = self._balanced(ordered, [key.weight for key in ordered])
        for key in ordered:
            yield key.name

    def _balanced(self, items: Sequence[T], weights: list[int]) -> Sequence[T]:
        """The items in an order drawn without replacement, heavier ones earlier."""
        if len(items) < 2:
            return items
        self._by_chance = True
        left, weights, order = list(items), list(weights), []
        while left:
            point = self._random() * sum(weights)
            index = 0
            while index < len(left) - 1 and point >= weights[index]:
                point -= weights[index]
                index += 1
            order.append(left.pop(index))
            weights.pop(index)
        return order

    def _wait_for_soonest(self, found: _Found) -> None:
        """The target that recovers first, when all are cooling down and that moment is near."""
        if not found.cooling:
            return
        until, skip, target = min(found.cooling, key=lambda cooling: cooling[0])
        wait = max(until - self._health.now(), 0.0)
        if wait <= WAIT_FOR_RECOVERY:
            self._by_chance = True  # the wait is shorter for whoever asks later
            found.skipped.remove(skip)
            found.targets.append(replace(target, wait=wait))

    def _unknown_model(self, model: str) -> str:
        variables = self._table.unserved.get(model)
        if variables:
            return f"The model {model!r} is known, but no provider of it has a key here. Set {' or '.join(variables)}."
        close = get_close_matches(model[:200], list(public_names(self._table)), 3, 0.6)
        hint = f" Did you mean {' or '.join(repr(name) for name in close)}?" if close else ""
        return f"The model {model[:200]!r} does not exist here.{hint} GET /v1/models lists what does."


def _own_name(entry: Entry, rules: ProviderRules, asked: _Asked) -> str:
    """What the provider is asked for: by the entry, where a star stands for what the pattern's does, or by its row."""
    name = entry.model
    if name is None or name == "*":
        public = asked.upstream if name is None else asked.matched
        return rules.aliases.get(public, public)
    return f"{name[:-1]}{asked.matched}" if name.endswith("*") else name
