"""`g4fd drain`: let a running daemon end in good order."""

import argparse

from g4f.cli import exits
from g4f.cli.options import add_config, add_key
from g4f.cli.output import print_error, print_problems
from g4f.cli.reaching import add_url, admin_url
from g4f.cli.remote import ask
from g4f.errors import ConfigError, G4FError

EXAMPLES = """\
examples:
  g4fd drain
  g4fd drain --url http://127.0.0.1:1338

It is what SIGTERM does: readiness fails, answers that run may end (server.drain_timeout), and the daemon leaves.
exit codes: 0 it began, 1 the file is refused, 2 the daemon cannot be asked
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_url(parser)
    add_config(parser, "the file that says where the daemon is")
    add_key(parser)


def execute(options: argparse.Namespace) -> int:
    """Begin to drain; returns the exit code."""
    try:
        ask(admin_url(options), "/admin/drain", key=options.key, method="POST", body={})
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except G4FError as error:
        print_error(error.message)
        return exits.USAGE
    print("draining")
    return exits.WELL
