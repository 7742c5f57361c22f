"""What an operator expects of the routes, checked with the code that serves them.

The dice are fixed and the clock may be given, so that the same file gives the same verdict every time: within a tier
the targets come in the order of the file.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from g4f.errors import G4FError
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import Plan
from g4f.router.resolution import Skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """That a request for `model` would try these targets in this order: `Provider`, or `Provider/model` where its name
    for the model matters too. None at all: that nothing could be tried. `place` is where that is written."""

    model: str
    expect: tuple[str, ...]
    provider: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of an expectation. `got` are the targets in order, as `Provider/model`, one for all keys."""

    expectation: Expectation
    got: tuple[str, ...]
    met: bool
    skipped: tuple[Skip, ...] = ()
    error: str | None = None


def check(plan: Plan, expectations: Sequence[Expectation], *, at: time.struct_time | None = None) -> list[Verdict]:
    """The verdict on each expectation. `at` is the local time that `when:` conditions see; else it is now."""
    gateway = Gateway(plan, dice=lambda: 0.0, local=lambda: at or time.localtime())
    return [_verdict(gateway, expectation) for expectation in expectations]


def _verdict(gateway: Gateway, expectation: Expectation) -> Verdict:
    try:
        found = gateway.resolve(expectation.model, provider=expectation.provider)
    except G4FError as error:
        # To be served by nobody is an expectation like any other.
        return Verdict(expectation=expectation, got=(), error=error.message, met=not expectation.expect)
    got = tuple(dict.fromkeys(f"{target.provider}/{target.model}" for target in found.targets))
    return Verdict(expectation=expectation, got=got, skipped=found.skipped, met=_meets(got, expectation.expect))


def _meets(got: Sequence[str], expect: Sequence[str]) -> bool:
    def same(target: str, wanted: str) -> bool:
        return target == wanted if "/" in wanted else target.partition("/")[0] == wanted

    return len(got) == len(expect) and all(map(same, got, expect))
