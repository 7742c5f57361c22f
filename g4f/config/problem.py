"""Where something is written, and what is wrong with it.

A message never holds a secret: it may quote names and what stands in the file as a name, never a key, a
password or the value of a variable.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A position in a text file; both counted from 1, columns in characters."""

    line: int
    col: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `line` is 0 where there is no place (the file cannot be read)."""

    file: str
    line: int
    col: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.col}" if self.line else self.file
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class Report:
    """The problems and warnings found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._broken: set[Place] = set()

    def problem(self, place: Place | None, path: str, message: str) -> None:
        """Note something that refuses the file."""
        if place not in self._broken:
            self.problems.append(self._at(place, path, message))

    def broken(self, place: Place, path: str, message: str) -> None:
        """Note that the value at `place` cannot be known: nothing more is said about it."""
        self.problem(place, path, message)
        self._broken.add(place)

    def warning(self, place: Place | None, path: str, message: str) -> None:
        """Note something that the user should look at, but that refuses nothing."""
        self.warnings.append(self._at(place, path, message))

    def in_order(self) -> tuple[Problem, ...]:
        """The problems in the order of the file, each once."""
        return in_order(self.problems)

    def _at(self, place: Place | None, path: str, message: str) -> Problem:
        line, col = (place.line, place.col) if place else (0, 0)
        return Problem(file=self.file, line=line, col=col, path=_one_line(path), message=message)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of their places, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.col)))


def _one_line(path: str) -> str:
    """A path that cannot forge a second line of a log: keys are free text."""
    return "".join(character if character.isprintable() else "?" for character in path[:300])


class Refused(Exception):  # noqa: N818 - internal: the loader turns it into ConfigError
    """Reading cannot go on; the report says why."""
