"""`g4fd keys new`: a key for a caller, and the line of the file that lets it in without holding it."""

import argparse
import secrets
from typing import Final

from g4f.cli import exits
from g4f.cli.options import add_json
from g4f.cli.output import print_error, print_json
from g4f.config.digests import PREFIX, digest
from g4f.config.names import is_name

EXAMPLES = """\
examples:
  g4fd keys new --name laptop
  g4fd keys new --name ci --json | jq -r .key

The key is shown once and kept nowhere: the file holds its SHA-256, from which it cannot be found again.
exit codes: 0 made, 1 the name is none
"""

#: Bytes of randomness: 256 bits, which nobody guesses and whose digest needs no salt.
RANDOM: Final = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="caller", help="what the key is called in the file and in logs (caller)")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print a new key; returns the exit code."""
    if not is_name(options.name):
        print_error(f"--name {options.name!r}: a name has 1 to 64 letters, digits, dots, dashes or underscores.")
        return exits.NO
    key = f"g4f-{secrets.token_urlsafe(RANDOM)}"
    written = f"{PREFIX}{digest(key).hex()}"
    line = f'- {{name: "{options.name}", key: "{written}"}}'
    if options.json:
        print_json({"name": options.name, "key": key, "digest": written, "line": line})
        return exits.WELL
    print(f"The key, for the caller (it is shown only now):\n  {key}\n")
    print(f"For `server.keys` of the file:\n  {line}")
    return exits.WELL
