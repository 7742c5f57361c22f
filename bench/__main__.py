"""`python -m bench`: one command that sets up, measures, prints the tables and writes them down."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.candidates.candidate import CACHE, ROOT
from bench.candidates.libraries import LIBRARIES
from bench.lineup import CANDIDATES
from bench.plot import svg
from bench.report import markdown
from bench.run import Options, run
from bench.workload import SCENARIOS

RESULTS = ROOT / "bench" / "results"

_EXAMPLES = """\
examples:
  python -m bench                              the whole of it; half an hour
  python -m bench --quick                      one short round of the main scenarios; some minutes
  python -m bench --only g4f,nginx --rounds 5  direct always takes part
  python -m bench --scenarios 1kb-64,paced-50
  python -m bench --list                       the names of scenarios and candidates
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    options = _parser().parse_args(argv)
    if options.list:
        _list()
        return 0
    # What was started is ended on the way out, also when a supervisor ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        plan = _plan(options)
        CACHE.mkdir(parents=True, exist_ok=True)
        results = run(plan).as_dict()
    except (ValueError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    table = markdown(results)
    print(table)
    _write(options.out, results, table)
    return 0


def _plan(options: argparse.Namespace) -> Options:
    names = {one.name for one in CANDIDATES} | {one.name for one in LIBRARIES}
    wanted = _chosen(options.only, names) | {"direct"}
    asked_for = _chosen(options.scenarios, {one.name for one in SCENARIOS})
    quick = options.quick and not options.scenarios
    return Options(
        rounds=options.rounds or (1 if options.quick else 5),
        seconds=options.seconds or (0.7 if options.quick else 4.0),
        scenarios=[one for one in SCENARIOS if one.name in asked_for and (one.quick or not quick)],
        candidates=[one for one in CANDIDATES if one.name in wanted],
        libraries=[one for one in LIBRARIES if one.name in wanted],
    )


def _chosen(text: str | None, names: set[str]) -> set[str]:
    if text is None:
        return names
    chosen = set(text.split(","))
    if unknown := chosen - names:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(sorted(names))}")
    return chosen


def _list() -> None:
    for scenario in SCENARIOS:
        print(f"{scenario.name:<18}{scenario.title}{'' if scenario.quick else '  (not in --quick)'}")
    print("candidates: " + ", ".join(one.name for one in CANDIDATES))


def _write(out: Path, results: dict[str, object], table: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    machine = results["machine"]
    assert isinstance(machine, dict)
    stamp = machine["taken"].replace(":", "").replace("-", "")
    for name in (stamp, "latest"):
        (out / f"{name}.json").write_text(json.dumps(results, indent=1))
        (out / f"{name}.md").write_text(table)
        (out / f"{name}.svg").write_text(svg(results))
    print(f"written: {out / 'latest'}.json, .md and .svg", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure g4f and its peers between a mock upstream and a load generator, on loopback.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="one short round: shows that all works, proves little")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often everything is measured (5; quick: 1)")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of one measurement (4; quick: 0.7)")
    parser.add_argument("--only", metavar="NAMES", help="these candidates, by commas")
    parser.add_argument("--scenarios", metavar="NAMES", help="these scenarios, by commas")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="DIR", help="where results go (bench/results)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
