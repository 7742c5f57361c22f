"""`g4fd config show`: every value that is in effect, and with --origin where it comes from."""

import argparse
import sys

from g4f.cli import exits
from g4f.cli.options import add_config, add_json
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.planned import add_assume_keys, planned
from g4f.config.settings import from_environment
from g4f.errors import ConfigError
from g4f.gateway.effective import Setting, effective

EXAMPLES = """\
examples:
  g4fd config show --origin --config g4f.yaml
  g4fd config show --origin server defaults.timeouts
  g4fd config show models.gpt-4o --json

An origin is the file's line, a variable of the environment, the catalog of known providers, or a default. Secrets are
never shown: keys appear by their names.
exit codes: 0 shown, 1 the file is refused, or nothing begins with PREFIX
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", nargs="*", metavar="PREFIX", help="only what is below, such as server or models.fast")
    add_config(parser, "the file")
    parser.add_argument("--origin", action="store_true", help="say where each value comes from")
    add_assume_keys(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print the settings; returns the exit code."""
    try:
        found = planned(options.config, assume_keys=options.assume_keys)
        settings = effective(found.loaded, found.plan, from_environment())
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    shown = [setting for setting in settings if _asked_for(setting.path, options.prefix)]
    if not shown:
        print_error(f"nothing begins with {' or '.join(options.prefix)}.")
        return exits.NO
    if options.json:
        print_json([{"path": s.path, "value": s.value, "origin": s.origin} for s in shown])
        return exits.WELL
    for setting in shown:
        sys.stdout.write(_line(setting, shown, origin=options.origin) + "\n")
    return exits.WELL


def _asked_for(path: str, prefixes: list[str]) -> bool:
    return not prefixes or any(path == p or path.startswith((f"{p}.", f"{p}[")) for p in prefixes)


def _line(setting: Setting, shown: list[Setting], *, origin: bool) -> str:
    text = f"{setting.path} = {setting.value}"
    if not origin:
        return text
    width = min(max(len(s.path) + len(s.value) + 3 for s in shown), 72)
    return f"{text:<{width}}  # {setting.origin}"
