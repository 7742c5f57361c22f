"""`g4fd drill`: what the users of a file would see while its providers fail, without calling any of them."""

import argparse
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config, add_json
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.planned import add_assume_keys, planned
from g4f.errors import ConfigError
from g4f.exchange.request import Operation
from g4f.gateway.drill.play import Drilled, Played, drill

EXAMPLES = """\
examples:
  g4fd drill --config g4f.yaml
  g4fd drill --config g4f.yaml --model gpt-4o --model fast
  g4fd drill --config g4f.yaml --assume-keys --json     in CI, where no key is set

In place of each provider stands a scripted upstream on loopback; nobody else is contacted. Of each route the first
provider then fails in every way, and last, all but one are down. Each route is asked for what it is for: a chat, or
pictures, speech, embeddings and so on, by `operations`, the catalog, or what its providers do. Chains, retries, time
limits and cooldowns are your file's. Waiting is left out: the seconds are those your users would wait.
exit codes: 0 every route keeps answering, 1 some route has no working fallback, or the file is refused
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, "the file to drill")
    parser.add_argument("--model", "-m", action="append", metavar="NAME", help="only this route; may be repeated")
    add_assume_keys(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Drill a file; returns the exit code."""
    try:
        plan = planned(options.config, assume_keys=options.assume_keys).plan
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    models = options.model or list(plan.table.routes)
    unknown = [name for name in models if plan.table.find(name) is None and name not in plan.table.routes]
    if unknown or not models:
        told = f"no model {unknown[0]!r} is served by this file." if unknown else "this file serves no model."
        print_error(told)
        return exits.NO
    done = drill(plan, models, told=(lambda _: None) if options.json else _print)
    if options.json:
        print_json([_as_dict(drilled) for drilled in done])
    else:
        _print_verdict(done)
    return exits.WELL if all(drilled.keeps_answering for drilled in done) else exits.NO


def _print(drilled: Drilled) -> None:
    asked = [f"asked as {drilled.asked}"] if drilled.model.endswith("*") else []
    asked += [f"asked for {drilled.operation}"] if drilled.operation is not Operation.CHAT else []
    about = f"  ({', '.join(asked)})" if asked else ""
    print(f"{drilled.model}{about}: {' -> '.join(drilled.targets) or 'nothing can be tried'}")
    for skip in drilled.skipped:
        print(f"  left out: {skip.provider}/{skip.model}: {skip.reason} ({skip.detail})")
    if drilled.plays:
        rows = [(f"{drilled.plays[0].provider} is", "your users see", "after", "answered by")]
        rows += [
            (_fault(play), _seen(play), f"{play.seconds:.1f} s", play.answered or "nobody") for play in drilled.plays
        ]
        first, second = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:2])
        for what, seen, after, who in rows:
            print(f"  {what:<{first}}  {seen:<{second}}  {after:>8}  {who}")
    if drilled.targets and not drilled.plays:
        print("  built in: it calls nobody, so that nothing can fail")
    print(flush=True)


def _fault(play: Played) -> str:
    return play.fault.value if play.provider else "all but the last are down"


def _seen(play: Played) -> str:
    if play.broken:
        return f"{play.status}, then an error in the stream"
    if play.answered is not None:
        return str(play.status)
    if play.silent:
        return f"200, then {play.code} in the stream"
    return f"{play.status} {play.code or ''}".strip()


def _print_verdict(done: list[Drilled]) -> None:
    bad = [drilled.model for drilled in done if not drilled.keeps_answering]
    routes = "1 route" if len(done) == 1 else f"{len(done)} routes"
    print(f"{routes}: {len(done) - len(bad)} keep answering", end="")
    print(f", {len(bad)} without a working fallback: {', '.join(bad)}" if bad else "")


def _as_dict(drilled: Drilled) -> dict[str, Any]:
    return {
        "model": drilled.model,
        "asked": drilled.asked,
        "operation": drilled.operation.value,
        "keeps_answering": drilled.keeps_answering,
        "targets": list(drilled.targets),
        "skipped": [
            {"provider": s.provider, "model": s.model, "reason": s.reason.value, "detail": s.detail}
            for s in drilled.skipped
        ],
        "plays": [
            {
                "fault": _fault(play),
                "provider": play.provider,
                "status": play.status,
                "code": play.code,
                "answered_by": play.answered,
                "seconds": round(play.seconds, 1),
                "broken": play.broken,
                "within_stream": play.silent,
            }
            for play in drilled.plays
        ],
    }
