"""`g4f`: the commands for people at a terminal. `g4f "question"` is `g4f client` without a memory.

A command's file has `EXAMPLES`, `add_arguments(parser)` and `execute(options)`, as those of `g4fd` have.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from g4f.cli import exits
from g4f.cli.plugins import without_plugins
from g4f.version import __version__

#: What is typed, the module under `g4f.cli`, and what it is for.
COMMANDS: Final = (
    ("client", "client", "ask a question, with files, and go on with the conversation"),
    ("chat", "chat", "talk to a model until you have had enough"),
    ("models", "models", "list the models that can be asked for"),
)

#: Commands that g4f had and this has not, and what there is in their place. They are hardly questions.
_EARLIER: Final = {
    "auth": "a provider's key is an environment variable: g4fd provider list",
    "gui": "g4f api --gui serves a page to chat on",
    "mcp": "nothing here speaks MCP",
    "pa": "providers of your own are classes: docs/providers.md",
    "systray": "g4f api serves, and g4fd install-service keeps it running",
    "tray": "g4f api serves, and g4fd install-service keeps it running",
    "version": "g4f --version prints it",
}

_EPILOG = """\
examples:
  g4f "Why is the sky blue?" --model gpt-4o --stream
  git diff | g4f "Write a commit message" -
  g4f client photo.jpg "What is this?"
  g4f chat --model fast

`g4f COMMAND --help` has more. The daemon is another command: g4fd --help
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    without_plugins()
    try:
        return _main(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        return exits.INTERRUPTED


def _main(given: list[str]) -> int:
    if given[:1] == ["api"]:
        from g4f.cli.api import main as serve

        return serve(given[1:])
    if given[:1] and given[0] in _EARLIER and all(word.startswith("-") for word in given[1:2]):
        instead = f"{_EARLIER[given[0]]}. As a question: g4f client {given[0]}"
        print(f"g4f: there is no command {given[0]!r}: {instead}", file=sys.stderr)
        return exits.USAGE
    named = next((row for row in COMMANDS if given[:1] == [row[0]]), None)
    if named is None:
        return _run("ask", _parser(), given)
    parser = argparse.ArgumentParser(
        prog=f"g4f {named[0]}",
        description=named[2][0].upper() + named[2][1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return _run(named[1], parser, given[1:])


def _run(file: str, parser: argparse.ArgumentParser, given: Sequence[str]) -> int:
    command = import_module(f"g4f.cli.{file}")
    parser.epilog = parser.epilog or command.EXAMPLES
    command.add_arguments(parser)
    code: int = command.execute(parser.parse_args(given))
    return code


def _parser() -> argparse.ArgumentParser:
    rows = [*((name, purpose) for name, _, purpose in COMMANDS), ("api", "serve, with options in place of a file")]
    listed = "\n".join(f"  {name:<8} {purpose}" for name, purpose in rows)
    parser = argparse.ArgumentParser(
        prog="g4f",
        usage='g4f "question" [options]\n       g4f COMMAND [options]',
        description=f"Ask a model from the terminal.\n\ncommands:\n{listed}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", "-V", action="version", version=f"g4f {__version__}")
    return parser
