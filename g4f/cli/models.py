"""`g4f models`: what can be asked for."""

import argparse

from g4f.cli import exits
from g4f.cli.asking import add_options, run

EXAMPLES = """\
examples:
  g4f models
  g4f models --config g4f.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_options(parser)


def execute(options: argparse.Namespace) -> int:
    """Print the names, one on a line."""
    from g4f.client import Client

    def show(client: Client) -> int:
        print("\n".join(client.models.get_all()))
        return exits.WELL

    return run(options, show)
