"""`g4fd catalog`: the models that are known without being configured, searched."""

import argparse
from collections.abc import Iterator
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_json
from g4f.cli.output import print_error, print_json
from g4f.cli.tables import table
from g4f.config.gathered import read_gathered
from g4f.config.load import load_catalog
from g4f.config.schema import Config, Model, Price

EXAMPLES = """\
examples:
  g4fd catalog                     every model: who serves it, its context, its price
  g4fd catalog claude sonnet       those that have both words in their name, family or providers
  g4fd catalog llama --json | jq -r '.models[].name'

Prices are US dollars for a million tokens, in and out, of the first provider that has one; what is not known is "-".
A file serves these models with `catalog: true`, or without a `models:` section.
exit codes: 0 something was found, 1 nothing was
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="what to look for; every word has to be there")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print what was found; returns the exit code."""
    catalog, gathered = load_catalog(), read_gathered()
    words = [word.lower() for word in options.words]
    found = [
        described
        for name, model in (catalog.models or {}).items()
        if _matches((described := _described(name, model, catalog)), words)
    ]
    if options.json:
        print_json({"checked": gathered["checked"], "source": gathered["source"], "models": found})
        return exits.WELL if found else exits.NO
    if not found:
        print_error(f"No model of the catalog has {' and '.join(map(repr, options.words))}.")
        return exits.NO
    print(table(("MODEL", "FAMILY", "CONTEXT", "IN", "OUT", "PROVIDERS"), [_row(described) for described in found]))
    print(f"\n{len(found)} models. Prices and contexts: {gathered['source']}, checked on {gathered['checked']}.")
    return exits.WELL


def _described(name: str, model: Model, catalog: Config) -> dict[str, Any]:
    providers = [entry.provider for tier in model.chain for entry in tier]
    price = next(_prices(name, model, catalog), None)
    return {
        "name": name,
        "aliases": list(model.aliases),
        "family": model.family or None,
        "context": model.context,
        "price": None if price is None else price.model_dump(exclude_none=True),
        "providers": {own: catalog.providers[own].models.get(name, name) for own in providers},
        "operations": sorted(model.operations) if model.operations is not None else ["chat"],
    }


def _prices(name: str, model: Model, catalog: Config) -> Iterator[Price]:
    for tier in model.chain:
        for entry in tier:
            row = catalog.providers[entry.provider]
            price = row.prices.get(entry.model or row.models.get(name, name))
            if price is not None:
                yield price


def _matches(described: dict[str, Any], words: list[str]) -> bool:
    said = (described["name"], *described["aliases"], described["family"] or "")
    text = " ".join((*said, *described["providers"], *described["operations"])).lower()
    return all(word in text for word in words)


def _row(described: dict[str, Any]) -> tuple[str, ...]:
    price = described["price"] or {}
    return (
        described["name"],
        described["family"] or "-",
        str(described["context"] or "-"),
        f"{price['input']:g}" if price else "-",
        f"{price['output']:g}" if price else "-",
        ", ".join(described["providers"]),
    )
