"""`g4fd check`: say whether a file would be accepted, and if not, every reason with its place."""

import sys

import orjson

from g4f.cli.place import config_path, print_problems
from g4f.config.load import Loaded, load
from g4f.config.settings import environment, from_environment
from g4f.errors import ConfigError
from g4f.gateway.snapshot import plan


def check(file: str | None, *, as_json: bool) -> int:
    """Check a file: 0 if a daemon would serve by it, 1 if not."""
    variables = environment()
    try:
        settings = from_environment()
        loaded = load(config_path(file, settings), environ=variables, settings=settings)
        table = plan(loaded, variables, settings).table
    except ConfigError as error:
        if as_json:
            _print_json(False, [str(problem) for problem in error.problems], [])
        else:
            print_problems(error)
        return 1
    if as_json:
        _print_json(True, [], [str(warning) for warning in loaded.warnings])
    else:
        _print_result(loaded, len(table.routes), len(table.aliases))
    return 0


def _print_result(loaded: Loaded, models: int, aliases: int) -> None:
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"{loaded.path}: ok, {models} models and {aliases} aliases")


def _print_json(ok: bool, problems: list[str], warnings: list[str]) -> None:
    result = {"ok": ok, "problems": problems, "warnings": warnings}
    sys.stdout.write(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode() + "\n")
