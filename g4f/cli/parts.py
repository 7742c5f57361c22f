"""The parts of a command's parser: what the manual describes and the shells complete."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from g4f.cli.commands import Command

_FILES: Final = frozenset({"FILE", "NEW", "OLD", "PATH", "DIR"})


class Takes(Enum):
    """What comes after an option, or in the place of an argument."""

    NOTHING = auto()
    FILE = auto()
    CHOICE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """An option (`words` begin with dashes) or an argument. `value` is what its value is called."""

    words: tuple[str, ...]
    value: str
    help: str
    takes: Takes
    choices: tuple[str, ...] = ()

    @property
    def is_option(self) -> bool:
        return self.words[0].startswith("-")


def parts(command: Command) -> Iterator[Part]:
    """The arguments and options of a command, in the order of its help."""
    for action in command.parser()._actions:  # noqa: SLF001 - argparse has no other way to list them
        if action.help is not argparse.SUPPRESS:
            yield _part(action)


def _part(action: argparse.Action) -> Part:
    choices = tuple(map(str, action.choices or ()))
    value = str(action.metavar or ("{" + ",".join(choices) + "}" if choices else action.dest.upper()))
    if action.nargs == 0:
        takes, value = Takes.NOTHING, ""
    elif choices:
        takes = Takes.CHOICE
    else:
        takes = Takes.FILE if value in _FILES else Takes.TEXT
    words = tuple(action.option_strings) or (value,)
    return Part(words, value, action.help or "", takes, choices)
