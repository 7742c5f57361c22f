"""A guard of the hot path that no clock can fool: how many calls and instructions a request takes.

Counted in the thread of the event loop, for fixed workloads in lock-step: calls of Python and C functions
(sys.setprofile) and executed bytecode instructions (sys.settrace), for a request and for each chunk of a stream. They
are compared with what `bench/budget.json` has for this version of Python. `python -m bench.check --update` records.
"""

import argparse
import gc
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop

from bench.fixture import SteppingClient, daemon, in_thread
from bench.workload import Kind, Layout, Scenario

BUDGET = Path(__file__).with_name("budget.json")
#: How far above the budget a figure may lie: more than its noise, less than a feature that nobody meant to pay for.
TOLERANCE = 0.02
_WARM_UP = 5
_REQUESTS = 10

WORKLOADS = (
    Scenario(name="whole-1kb", title="1 KB request", kind=Kind.WHOLE, concurrency=1),
    Scenario(name="whole-100kb", title="100 KB request", kind=Kind.WHOLE, concurrency=1, request_bytes=100_000),
    Scenario(name="chain", title="3 of 20 cooling", kind=Kind.WHOLE, concurrency=1, layout=Layout.CHAIN),
    Scenario(name="stream-0", title="stream of 1 chunk", kind=Kind.STREAM, concurrency=1, chunks=1),
    Scenario(name="stream-100", title="stream of 101 chunks", kind=Kind.STREAM, concurrency=1, chunks=101),
)


@dataclass(slots=True)
class Counter:
    """Counts what the current thread does between `begin` and `end`, which are called in it."""

    calls: int = 0
    instructions: int = 0

    def count_calls(self) -> None:
        def seen(frame: FrameType, event: str, arg: Any) -> None:
            if event in ("call", "c_call"):
                self.calls += 1

        sys.setprofile(seen)

    def count_instructions(self) -> None:
        def seen(frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
            if event == "call":
                frame.f_trace_opcodes = True
                frame.f_trace_lines = False
            elif event == "opcode":
                self.instructions += 1
            return seen

        sys.settrace(seen)

    @staticmethod
    def stop() -> None:
        sys.setprofile(None)
        sys.settrace(None)


async def measure(workload: Scenario, directory: Path) -> dict[str, float]:
    """Calls and instructions for one request of a workload."""
    counter = Counter()
    async with daemon(directory, workload.layout) as (port, upstream):
        client = SteppingClient(port, upstream, workload)
        for begin in (counter.count_calls, counter.count_instructions):
            await in_thread(lambda: client.ask(_WARM_UP))
            gc.collect()
            gc.disable()
            try:
                begin()
                await in_thread(lambda: client.ask(_REQUESTS))
            finally:
                counter.stop()
                gc.enable()
        client.close()
    return {"calls": counter.calls / _REQUESTS, "instructions": counter.instructions / _REQUESTS}


def measure_all() -> dict[str, dict[str, float]]:
    """All workloads, and what one chunk costs: the difference of two streams of different lengths."""
    with tempfile.TemporaryDirectory(prefix="g4f-bench-") as directory:
        found = {one.name: uvloop.run(measure(one, Path(directory))) for one in WORKLOADS}
    short, long = found.pop("stream-0"), found.pop("stream-100")
    found["stream"] = short
    found["chunk"] = {unit: round((long[unit] - short[unit]) / 100, 2) for unit in long}
    return found


def compare(found: dict[str, dict[str, float]], budget: dict[str, dict[str, float]]) -> bool:
    """Print the figures beside their budget; whether all are within it."""
    good = True
    print(f"{'':<14}{'':<14}{'now':>12}{'budget':>12}{'change':>9}")
    for name, figures in found.items():
        for unit, now in figures.items():
            allowed = budget.get(name, {}).get(unit)
            change = now / allowed - 1 if allowed else 0.0
            over = change > TOLERANCE
            good = good and not over
            told = f"{allowed:12,.1f}{change:+9.1%}" if allowed else f"{'-':>12}"
            print(f"{name:<14}{unit:<14}{now:12,.1f}{told}{'  over budget' if over else ''}")
    return good


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 1 where a figure is over its budget."""
    parser = argparse.ArgumentParser(prog="python -m bench.check", description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="record what is counted now as the budget")
    options = parser.parse_args(argv)
    version = ".".join(platform.python_version_tuple()[:2])
    budgets = json.loads(BUDGET.read_text()) if BUDGET.exists() else {}
    found = measure_all()
    good = compare(found, budgets.get(version, {}))
    if options.update:
        budgets[version] = found
        BUDGET.write_text(json.dumps(budgets, indent=1, sort_keys=True) + "\n")
        return 0
    if version not in budgets:
        print(f"there is no budget for Python {version} yet: python -m bench.check --update records one")
    if not good:
        print(f"more than {TOLERANCE:.0%} over budget: make it cheaper, or say why not and run with --update")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
