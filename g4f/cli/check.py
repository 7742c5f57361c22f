"""`g4fd check`: say whether a file would be accepted, and if not, every reason with its place."""

import argparse
import sys

from g4f.cli import exits
from g4f.cli.output import print_json, print_problems
from g4f.cli.planned import add_assume_keys, planned
from g4f.config.load import Loaded
from g4f.errors import ConfigError

EXAMPLES = """\
examples:
  g4fd check g4f.yaml
  g4fd check g4f.yaml --json
  g4fd check g4f.yaml --assume-keys    in CI, where the variables that it names are not set

exit codes: 0 a daemon would serve by it, 1 not
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the file (G4F_CONFIG; else ./g4f.yaml)")
    add_assume_keys(parser)
    parser.add_argument("--json", action="store_true", help="problems as JSON, for editors and CI")


def execute(options: argparse.Namespace) -> int:
    """Check a file: 0 if a daemon would serve by it, 1 if not."""
    try:
        found = planned(options.file, assume_keys=options.assume_keys)
    except ConfigError as error:
        if options.json:
            _print_json(False, [str(problem) for problem in error.problems], [])
        else:
            print_problems(error)
        return exits.NO
    if options.json:
        _print_json(True, [], [str(warning) for warning in found.loaded.warnings])
    else:
        _print_result(found.loaded, len(found.plan.table.routes), len(found.plan.table.aliases))
    return exits.WELL


def _print_result(loaded: Loaded, models: int, aliases: int) -> None:
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{loaded.path}: ok, {_count(models, 'model', 'models')} and {_count(aliases, 'alias', 'aliases')}")


def _print_json(ok: bool, problems: list[str], warnings: list[str]) -> None:
    print_json({"ok": ok, "problems": problems, "warnings": warnings})


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
