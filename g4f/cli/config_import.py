"""`g4fd config import`: another program's file as a g4f.yaml."""

import argparse
import sys
from pathlib import Path

from g4f.cli import exits
from g4f.cli.output import print_json, print_problems
from g4f.config.importing.convert import convert
from g4f.errors import ConfigError

EXAMPLES = """\
examples:
  g4fd config import litellm-config.yaml > g4f.yaml
  g4fd config import ~/.g4f/cookies/config.yaml > g4f.yaml
  g4fd config import config.yaml --from litellm --json

The new file goes to standard output; to standard error goes, line by line, what has no equivalent. Keys are never
copied: the new file names variables, and the notes say which to set.
exit codes: 0 imported (perhaps with notes), 1 nothing of it can be imported
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a config.yaml of LiteLLM or of g4f")
    parser.add_argument("--from", choices=("litellm", "g4f"), dest="source", help="whose file it is; else it is seen")
    parser.add_argument("--json", action="store_true", help="the file and the notes as JSON")


def execute(options: argparse.Namespace) -> int:
    """Print the new file and the notes; returns the exit code."""
    try:
        found = convert(Path(options.file), options.source)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    if options.json:
        notes = [{"line": n.line, "col": n.col, "path": n.path, "note": n.message} for n in found.notes]
        print_json({"config": found.text, "notes": notes, "variables": list(found.variables)})
        return exits.WELL
    for note in found.notes:
        print(note, file=sys.stderr)
    print(found.text, end="")
    return exits.WELL
