"""The commands of `g4fd`, in the order of its help: one row each, and one file each, which is loaded when it is used.

A command's file has `EXAMPLES` (what its help ends with), `add_arguments(parser)` and `execute(options)`, which
returns the exit code. `g4fd --config F` must not pay for the others: nothing here imports them.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol, cast

from g4f.config.aside import aside


class Implementation(Protocol):
    """What a command's file has."""

    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def execute(self, options: argparse.Namespace) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`name` is one word or two, as they are typed; `file` is the module under `g4f.cli`."""

    name: str
    file: str
    help: str

    def load(self) -> Implementation:
        with aside():
            return cast(Implementation, import_module(f"g4f.cli.{self.file}"))

    def parser(self) -> argparse.ArgumentParser:
        """The parser of this command's own words."""
        implementation = self.load()
        parser = argparse.ArgumentParser(
            prog=f"g4fd {self.name}",
            description=_sentence(self.help),
            epilog=implementation.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        implementation.add_arguments(parser)
        return parser


COMMANDS: Final = (
    Command(name="run", file="run", help="serve (the default command)"),
    Command(name="init", file="init", help="write a first g4f.yaml from what is here"),
    Command(name="check", file="check", help="check a file without serving"),
    Command(name="explain", file="explain", help="show the chain a request would walk, and why targets are skipped"),
    Command(name="schema", file="schema", help="print the JSON Schema of g4f.yaml, for editors"),
    Command(name="status", file="status", help="show how a running daemon does, live"),
    Command(name="config show", file="config_show", help="show every value in effect, and where it comes from"),
    Command(name="config diff", file="config_diff", help="say what a new file would change"),
    Command(name="config import", file="config_import", help="turn a config.yaml of LiteLLM or g4f into a g4f.yaml"),
    Command(name="routes test", file="routes_test", help="check that the routes of a file lead where they should"),
    Command(name="drill", file="drill", help="say what your users would see while your providers fail"),
    Command(name="catalog check", file="catalog_check", help="look for names of the catalog that lead nowhere"),
    Command(name="catalog", file="catalog", help="search the models that are known without being configured"),
    Command(name="provider list", file="provider_list", help="list the providers, and which can be used here"),
    Command(name="provider test", file="provider_test", help="show what a provider can do, and that nothing is lost"),
    Command(name="keys new", file="keys_new", help="make a key for a caller, and the line of the file that admits it"),
    Command(name="reload", file="reload", help="let the daemon read its file again, all at once or on trial"),
    Command(name="drain", file="drain", help="let the daemon end in good order"),
    Command(name="usage", file="usage", help="show who used what, and what it cost"),
    Command(name="completion", file="completion", help="print what a shell needs to complete g4fd"),
    Command(name="manual", file="manual", help="print the manual page"),
    Command(name="install-service", file="install_service", help="write systemd units, and say what to do with them"),
)
DEFAULT: Final = COMMANDS[0]


def find(words: Sequence[str]) -> tuple[Command, Sequence[str]] | None:
    """The command that a command line begins with, and the words after it; None where it is no command.

    A line that begins with an option, or is empty, belongs to the default command.
    """
    if not words or words[0].startswith("-"):
        return DEFAULT, words
    for count in (2, 1):
        name = " ".join(words[:count])
        for command in COMMANDS:
            if command.name == name:
                return command, words[count:]
    return None


def suggestion(words: Sequence[str]) -> str:
    """What somebody may have meant whose words are no command; one line, for the terminal."""
    family = [command.name for command in COMMANDS if command.name.startswith(f"{words[0]} ")]
    if family:
        return f"say which: {', '.join(f'g4fd {name}' for name in family)}"
    from difflib import get_close_matches

    close = get_close_matches(" ".join(words[:2]), [command.name for command in COMMANDS], 1)
    close = close or get_close_matches(words[0], [command.name for command in COMMANDS], 1)
    return f"did you mean g4fd {close[0]}?" if close else "g4fd --help lists the commands"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
