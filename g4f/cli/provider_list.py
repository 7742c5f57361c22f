"""`g4fd provider list`: the providers that are known, and which of them can be used here."""

import argparse
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config, add_json
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.rows import rows
from g4f.cli.tables import table
from g4f.config.schema import Provider
from g4f.errors import ConfigError

EXAMPLES = """\
examples:
  g4fd provider list               every provider of the catalog, and of ./g4f.yaml
  g4fd provider list vision        those that have the word: a name, a dialect, a capability, an operation
  g4fd provider list --usable      those that have a key here, or need none
  g4fd provider list --json | jq -r '.[] | select(.usable).name'

exit codes: 0 something was found, 1 nothing was, or the file is refused
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="what to look for; every word has to be there")
    parser.add_argument("--usable", action="store_true", help="only those that have a key here, or need none")
    add_config(parser, "a file that changes or adds providers")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print the providers; returns the exit code."""
    try:
        known, config = rows(options.config)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    ignored = frozenset(config.ignored_providers)
    all_of_them = (_described(name, row, ignored=name in ignored) for name, row in known.items())
    words = [word.lower() for word in options.words]
    found = [
        described
        for described in all_of_them
        if (described["usable"] or not options.usable) and all(word in _text(described) for word in words)
    ]
    if options.json:
        print_json(found)
    elif found:
        print(table(("PROVIDER", "SPEAKS", "USABLE", "CAN", "BESIDE CHATS"), [_cells(each) for each in found]))
    else:
        print_error("no provider is like that; g4fd provider list shows them all.")
    return exits.WELL if found else exits.NO


def _described(name: str, row: Provider, *, ignored: bool) -> dict[str, Any]:
    return {
        "name": name,
        "description": row.description,
        "dialect": row.dialect or (None if row.adapter else "openai"),
        "adapter": row.adapter,
        "base_url": row.base_url,
        "docs": row.docs,
        "key_env": row.key_env,
        "keyless": row.keyless,
        "ignored": ignored,
        "usable": (bool(row.keys) or row.keyless) and not ignored,
        "capabilities": sorted(row.capabilities),
        "operations": sorted(row.operations or ()),
    }


def _text(described: dict[str, Any]) -> str:
    words = [*described["capabilities"], *described["operations"]]
    words += [str(described[key] or "") for key in ("name", "description", "dialect", "adapter")]
    return " ".join(words).lower()


def _cells(described: dict[str, Any]) -> tuple[str, ...]:
    usable = "yes" if described["usable"] else f"set {described['key_env']}" if described["key_env"] else "no key"
    return (
        described["name"],
        described["dialect"] or f"({described['adapter']})",
        "ignored" if described["ignored"] else usable,
        " ".join(described["capabilities"]) or "-",
        " ".join(word for word in described["operations"] if word != "chat") or "-",
    )
