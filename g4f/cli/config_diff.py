"""`g4fd config diff`: what a new file would change, before it does."""

import argparse

from g4f.cli import exits
from g4f.cli.options import add_json
from g4f.cli.output import print_json, print_problems
from g4f.cli.planned import add_assume_keys, planned
from g4f.errors import ConfigError
from g4f.gateway.difference import differences

EXAMPLES = """\
examples:
  g4fd config diff new.yaml --config g4f.yaml
  git show HEAD:g4f.yaml > old.yaml; g4fd config diff g4f.yaml --config old.yaml --assume-keys

It compares what the files mean, not how they are written: a target that moved, a limit that changed. Secrets are
compared and never shown.
exit codes, as diff has them: 0 no difference, 1 some, 2 a file is refused
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("new", metavar="NEW", help="the new file")
    parser.add_argument(
        "--config", "-c", metavar="OLD", help="the file it is compared with (G4F_CONFIG; else ./g4f.yaml)"
    )
    add_assume_keys(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print the differences; returns the exit code."""
    try:
        old = planned(options.config, assume_keys=options.assume_keys).plan
        new = planned(options.new, assume_keys=options.assume_keys).plan
    except ConfigError as error:
        print_problems(error)
        return exits.USAGE
    found = differences(old, new)
    if options.json:
        print_json([{"subject": c.subject, "change": c.text, "restart": c.restart} for c in found])
    else:
        print("\n".join(map(str, found)) or "no difference in meaning")
    return exits.NO if found else exits.WELL
