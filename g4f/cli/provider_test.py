"""`g4fd provider test`: whether a provider's adapter keeps what the provider says, and what the provider can do."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.cli import exits
from g4f.cli.cards import as_dict, print_card, print_checked, print_findings
from g4f.cli.options import add_config, add_json
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.rows import row_of, rows
from g4f.config.schema import Provider
from g4f.errors import ConfigError, G4FError

if TYPE_CHECKING:
    from g4f.conformance.recording import Recording

EXAMPLES = """\
examples:
  g4fd provider test Anthropic                          by what its API's documentation shows
  g4fd provider test OpenAI --cassettes traffic/        and by recorded traffic, one JSON file for each exchange
  g4fd provider test --cassettes traffic/               every recording, at the provider it was recorded from
  g4fd provider test Groq --live --model llama-3.1-8b-instant    ask the provider itself, with your key
  g4fd provider test Lab --live --yes --json --config g4f.yaml

A recording is played to the provider's adapter on loopback, split at its every byte and broken off at its every line.
Of a longer one only some bytes; --thorough takes them all, and its time. A file is {provider, source, request: {method,
url, body}, response: {status, headers, body}}. --live asks about nine tiny questions, after saying what they may cost.
exit codes: 0 all rules hold, 1 one does not, or there is no such provider or recording, 2 it cannot be asked live
"""
#: Where recordings lie beside a checkout.
BESIDE = Path("shared", "cassettes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="a provider; without one, all recordings are played")
    parser.add_argument("--cassettes", metavar="DIR", type=Path, help="recorded traffic, *.json, in any depth")
    parser.add_argument("--thorough", action="store_true", help="every cut of every recording, whatever it takes")
    parser.add_argument("--live", action="store_true", help="ask the provider itself, with the key that is set here")
    parser.add_argument("--model", metavar="NAME", help="the provider's name of the model for --live")
    parser.add_argument("--yes", "-y", action="store_true", help="do not ask before --live spends anything")
    add_config(parser, "a file that changes or adds providers")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Test one provider, or all recordings; returns the exit code."""
    try:
        if options.live:
            return _live(options)
        return _replay(options)
    except ConfigError as error:
        print_problems(error)
    except G4FError as error:
        print_error(error.message)
    return exits.NO


def _replay(options: argparse.Namespace) -> int:
    from g4f.conformance.belonging import own
    from g4f.conformance.card import card
    from g4f.conformance.checks import THOROUGH, Effort
    from g4f.conformance.run import play, play_all

    known, _ = rows(options.config)
    row = row_of(options.name, known) if options.name else None
    effort = THOROUGH if options.thorough else Effort()
    found = _recordings(options.cassettes)
    progress = not options.json and sys.stderr.isatty()
    if row is None:
        played = play_all(known, found, effort, lambda checked: None if options.json else print_checked(checked))
        done = [one.checked for one in played]
        if options.json:
            print_json([{"provider": one.provider, **as_dict(one.checked)} for one in played])
    else:
        about = own(options.name, row, found)
        if not about:
            print_error(f"nothing is recorded of {options.name}: name a directory with --cassettes, or ask it: --live.")
            return exits.NO
        done = play(options.name, row, about, effort, lambda checked: _dot() if progress else None)
        lines = card(row, done)
        if options.json:
            print_json(_report(options.name, row, lines, done))
        else:
            print_card(options.name, row, lines)
    if not options.json:
        print_findings(done)
    return exits.NO if any(checked.findings for checked in done) else exits.WELL


def _recordings(folder: Path | None) -> "list[Recording]":
    """The project's own, and those of a directory: the one that is named, or the one beside a checkout."""
    from g4f.conformance.recording import golden, recordings

    if folder is None:
        beside = (parent / BESIDE for parent in Path(__file__).resolve().parents)
        folder = next((found for found in beside if found.is_dir()), None)
    return [*(recordings(folder) if folder is not None else []), *golden()]


def _live(options: argparse.Namespace) -> int:
    from g4f.conformance.live import Hopeless, ask, models_of

    known, config = rows(options.config)
    if not options.name:
        print_error("--live asks one provider: say which; g4fd provider list --usable names those with a key here.")
        return exits.USAGE
    row = row_of(options.name, known)
    if not row.keys and not row.keyless:
        where = f"set {row.key_env}, or give" if row.key_env else "give"
        print_error(f"{options.name} has no key here: {where} it one in a file (--config).")
        return exits.USAGE
    model = options.model or next(models_of(options.name, row, config), None)
    if model is None:
        print_error(f"no model of {options.name} is known: name one with --model.")
        return exits.USAGE
    if not options.yes and not _agreed(options.name, row, model):
        return exits.USAGE
    try:
        lines = asyncio.run(ask(options.name, row, config, model))
    except Hopeless as hopeless:
        print_error(f"{options.name} cannot be asked: {hopeless}")
        return exits.USAGE
    if options.json:
        print_json({**_report(options.name, row, lines, []), "model": model})
    else:
        print_card(options.name, row, lines, model=model)
    return exits.WELL


def _agreed(name: str, row: Provider, model: str) -> bool:
    from g4f.conformance.live import cost

    count, usd = cost(row, model)
    price = "its price is not known" if usd is None else f"at most about ${usd:.4f}"
    told = f"This asks {name} up to {count} tiny questions of {model}: {price}."
    if not sys.stdin.isatty():
        print_error(f"{told} There is no terminal to agree on; --yes does.")
        return False
    return input(f"{told} Go on? [y/N] ").strip().lower() in ("y", "yes")


def _report(name: str, row: Provider, lines: Sequence[Any], done: Sequence[Any]) -> dict[str, Any]:
    from g4f.conformance import card

    return {
        "provider": name,
        "dialect": row.dialect,
        "adapter": row.adapter,
        "holds": not any(checked.findings for checked in done),
        "card": card.as_dict(lines),
        "recordings": [as_dict(checked) for checked in done],
    }


def _dot() -> None:
    print(".", end="", file=sys.stderr, flush=True)
