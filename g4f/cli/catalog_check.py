"""`g4fd catalog check`: names of the catalog that lead nowhere."""

import argparse
from collections import Counter
from collections.abc import Iterator

from g4f.cli import exits
from g4f.cli.options import add_json
from g4f.cli.output import print_json
from g4f.config.gathered import read_gathered
from g4f.config.load import load_catalog
from g4f.config.schema import Config, Model

EXAMPLES = """\
examples:
  g4fd catalog check             for those who change the catalog
  g4fd catalog check --json

exit codes: 0 every name leads somewhere, 1 some do not
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print what is wrong; returns the exit code."""
    catalog = load_catalog()
    problems = list(_problems(catalog))
    if options.json:
        print_json({"models": len(catalog.models or {}), "providers": len(catalog.providers), "problems": problems})
    else:
        for problem in problems:
            print(problem)
        print(f"{len(catalog.models or {})} models, {len(catalog.providers)} providers, {len(problems)} problems")
    return exits.NO if problems else exits.WELL


def _problems(catalog: Config) -> Iterator[str]:
    models = catalog.models or {}
    names = Counter([*models, *(alias for model in models.values() for alias in model.aliases)])
    for name, model in models.items():
        yield from (f"model {name}: there is no provider {own}" for own in _providers(model) - catalog.providers.keys())
        yield from (f"model {name}: the alias {alias} has two meanings" for alias in model.aliases if names[alias] > 1)
    for own, row in catalog.providers.items():
        yield from (f"provider {own}: there is no model {name}" for name in row.models if name not in names)
    for part in ("names", "prices"):
        gathered = read_gathered()[part]
        yield from (f"gathered {part}: there is no provider {own}" for own in gathered if own not in catalog.providers)


def _providers(model: Model) -> set[str]:
    return {entry.provider for tier in model.chain for entry in tier}
