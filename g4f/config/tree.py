"""What a YAML file says, with the place and the key path of every part.

The nodes are what is left of YAML: text, numbers, true/false and nothing, lists and mappings with text keys.
They are never changed; a step that rewrites the file (variables, short forms) builds new nodes that keep the
place and the path of the old ones, so that every later message points at what the user wrote. A file has tens of
thousands of them, and freezing them would triple what making one costs.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from g4f.config.problem import Place


@dataclass(slots=True, kw_only=True)
class Scalar:
    """A single value. `written` is its text as it stands in the file, before variables were put in; `begins` is where
    it does so character by character, and None where it does not (escapes, several lines)."""

    place: Place
    path: str
    value: str | int | float | bool | None
    written: str
    variable: bool = False
    begins: Place | None = None


@dataclass(slots=True, kw_only=True)
class Sequence:
    place: Place
    path: str
    items: tuple["Node", ...] = ()

    def with_items(self, items: tuple["Node", ...]) -> "Sequence":
        """The same list with other items; itself where they are those it has."""
        if len(items) == len(self.items) and all(map(operator.is_, items, self.items)):
            return self
        return Sequence(place=self.place, path=self.path, items=items)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One `key: value`; `place` is the key's."""

    key: str
    place: Place
    path: str
    value: "Node"

    def holding(self, value: "Node") -> "Entry":
        """The same entry with another value; itself where that is the one it has."""
        return self if value is self.value else Entry(key=self.key, place=self.place, path=self.path, value=value)


@dataclass(slots=True, kw_only=True)
class Mapping:
    place: Place
    path: str
    entries: tuple[Entry, ...] = ()

    def with_values(self, change: Callable[[Entry], "Node"]) -> "Mapping":
        """The same mapping with what `change` makes of each entry's value; itself where it changes nothing."""
        entries = tuple([entry.holding(change(entry)) for entry in self.entries])
        if all(map(operator.is_, entries, self.entries)):
            return self
        return Mapping(place=self.place, path=self.path, entries=entries)


Node = Scalar | Sequence | Mapping


class Substituted(str):
    """Text that came out of a variable: YAML gave it no type, so a field of numbers may read it as one."""

    __slots__ = ()


def entry(node: "Node | None", key: str) -> Entry | None:
    """The entry of that key, if `node` is a mapping that has one."""
    if isinstance(node, Mapping):
        for found in node.entries:
            if found.key == key:
                return found
    return None


def child(node: "Node | None", *keys: str) -> "Node | None":
    """The value under a chain of keys, or None where the way ends."""
    for key in keys:
        found = entry(node, key)
        node = found.value if found else None
    return node


def entries(node: "Node | None") -> tuple[Entry, ...]:
    """The entries of a mapping; none of anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def items(node: "Node | None") -> tuple["Node", ...]:
    """The items of a list; none of anything else."""
    return node.items if isinstance(node, Sequence) else ()


def text(node: "Node | None") -> str | None:
    """The text of a scalar that is text; None of anything else."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def is_null(node: "Node | None") -> bool:
    """Whether there is nothing: no node, or an empty value."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def shown(node: "Node") -> str:
    """A scalar as a message may quote it: as written in the file, so that no variable's value is told."""
    written = node.written if isinstance(node, Scalar) else ""
    return repr(written if len(written) <= 80 else written[:80] + "...")


def plain(node: "Node") -> Any:
    """The node as dicts, tuples and scalars, without places."""
    match node:
        case Mapping():
            return {found.key: plain(found.value) for found in node.entries}
        case Sequence():
            return tuple(plain(item) for item in node.items)
        case Scalar(value=str() as value, variable=True):
            return Substituted(value)
        case Scalar():
            return node.value


def places(root: "Node") -> dict[str, Place]:
    """Every key path below `root` and its place: of an entry the key's, of a list's item its own.

    A path is given as the tree has it (`models.x.chain[0][1].provider`) and, where the file writes a short
    form, also as the file has it (`models.x.chain[0]`).
    """
    found: dict[str, Place] = {}
    _note_places(root, "", found)
    return found


def _note_places(node: "Node", path: str, found: dict[str, Place]) -> None:
    if isinstance(node, Mapping):
        for entry in node.entries:
            here = f"{path}.{entry.key}" if path else entry.key
            found[here] = found[entry.path] = entry.place
            if not isinstance(entry.value, Scalar):
                _note_places(entry.value, here, found)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            here = f"{path}[{index}]"
            found[here] = found[item.path] = item.place
            if not isinstance(item, Scalar):
                _note_places(item, here, found)
