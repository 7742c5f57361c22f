"""`g4fd schema`: the JSON Schema of g4f.yaml, for editors."""

import argparse
import json

from g4f.cli import exits
from g4f.config.jsonschema import json_schema

EXAMPLES = """\
examples:
  g4fd schema > g4f.schema.json
Editors that know the YAML language server take it from the first line of a file:
  # yaml-language-server: $schema=./g4f.schema.json
"""


def add_arguments(_: argparse.ArgumentParser) -> None:
    """It has none."""


def execute(_: argparse.Namespace) -> int:
    """Print the schema; returns the exit code."""
    print(json.dumps(json_schema(), indent=2))
    return exits.WELL
