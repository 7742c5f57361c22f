"""`g4fd routes test`: do the routes of a file lead where they should?"""

import argparse
import time
from pathlib import Path

from g4f.cli import exits
from g4f.cli.options import add_config, add_json
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.planned import add_assume_keys, planned
from g4f.config import expected
from g4f.errors import ConfigError
from g4f.gateway.expectations import Expectation, Verdict, check

EXAMPLES = """\
examples:
  g4fd routes test --config g4f.yaml --model fast --expect OpenAI,Ollama/llama3.2
  g4fd routes test --config g4f.yaml --model gpt-6 --expect none
  g4fd routes test --config g4f.yaml --file routes.yaml --assume-keys
  g4fd routes test --config g4f.yaml --model night --expect Ollama --at 2026-12-24T23:30

routes.yaml is a list:
  - {model: fast, expect: [OpenAI, Ollama/llama3.2]}
  - {model: fast, provider: Ollama, expect: [Ollama]}
  - {model: gpt-6, expect: []}

Within a tier, targets are expected in the order of the file. Nobody is contacted.
exit codes: 0 all as expected, 1 not, or a file is refused, 2 wrong usage
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, "the file whose routes are tested")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--model", metavar="NAME", help="the model that is asked for; needs --expect")
    what.add_argument("--file", metavar="FILE", help="a file of expectations")
    parser.add_argument("--expect", metavar="A,B", help="the providers (or Provider/model) in order, or none")
    parser.add_argument("--provider", metavar="NAME", help="as if the request had picked this provider")
    parser.add_argument("--at", metavar="TIME", help="the local time that `when:` sees, such as 2026-12-24T23:30")
    add_assume_keys(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Test the routes; returns the exit code."""
    if options.model and options.expect is None:
        print_error("--model needs --expect, such as --expect OpenAI,Ollama or --expect none.")
        return exits.USAGE
    try:
        at = time.strptime(options.at, "%Y-%m-%dT%H:%M") if options.at else None
    except ValueError:
        print_error(f"--at {options.at!r} is not a time such as 2026-12-24T23:30.")
        return exits.USAGE
    try:
        expectations = _expectations(options)
        verdicts = check(planned(options.config, assume_keys=options.assume_keys).plan, expectations, at=at)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    if options.json:
        print_json([_as_dict(verdict) for verdict in verdicts])
    else:
        print("\n".join(_text(verdict) for verdict in verdicts))
    return exits.WELL if all(verdict.met for verdict in verdicts) else exits.NO


def _expectations(options: argparse.Namespace) -> list[Expectation]:
    if options.file:
        return [
            Expectation(model=entry.model, expect=entry.expect, provider=entry.provider, place=entry.place)
            for entry in expected.read(Path(options.file))
        ]
    names = (
        () if options.expect == "none" else tuple(name.strip() for name in options.expect.split(",") if name.strip())
    )
    return [Expectation(model=options.model, expect=names, provider=options.provider)]


def _text(verdict: Verdict) -> str:
    wanted = verdict.expectation
    name = f"{wanted.model} at {wanted.provider}" if wanted.provider else wanted.model
    if verdict.met:
        return f"ok    {name}: {', '.join(verdict.got) or 'nothing, as expected'}"
    lines = [f"FAIL  {name}" + (f"  ({wanted.place})" if wanted.place else "")]
    lines.append(f"      expected: {', '.join(wanted.expect) or 'nothing'}")
    lines.append(f"      got:      {', '.join(verdict.got) or 'nothing'}")
    if verdict.error:
        lines.append(f"      because:  {verdict.error}")
    lines += [
        f"      skipped:  {skip.provider}/{skip.model}: {skip.reason} ({skip.detail})" for skip in verdict.skipped
    ]
    return "\n".join(lines)


def _as_dict(verdict: Verdict) -> dict[str, object]:
    wanted = verdict.expectation
    return {
        "model": wanted.model,
        "provider": wanted.provider,
        "place": wanted.place,
        "met": verdict.met,
        "expected": list(wanted.expect),
        "got": list(verdict.got),
        "error": verdict.error,
        "skipped": [
            {"provider": s.provider, "model": s.model, "key": s.key, "reason": s.reason.value, "detail": s.detail}
            for s in verdict.skipped
        ],
    }
