"""`file:` in place of `key:`: the key is read from a file of its own, such as a mounted secret.

A path is relative to the directory of the configuration. Line breaks at the end, as editors leave them, are
dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from g4f.config import tree
from g4f.config.problem import Report
from g4f.config.read import Read, Unreadable, read_stable
from g4f.config.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeyFile:
    """A file that was read. Not shown: the content is a secret."""

    path: Path
    content: bytes


def fill_in(root: Node, base: Path, report: Report, opened: Read = read_stable) -> tuple[Node, tuple[KeyFile, ...]]:
    """The same tree with a `key` wherever there was a `file`, and the files that were read."""
    read: list[KeyFile] = []
    replaced: dict[int, Node] = {}
    for keys in _lists(root):
        items = tuple(_filled(item, base, report, read, opened) for item in keys.items)
        if (filled := keys.with_items(items)) is not keys:
            replaced[id(keys)] = filled
    return _swap(root, replaced) if replaced else root, tuple(read)


def _lists(root: Node) -> Iterator[Sequence]:
    """Every list of keys in the file."""
    owners = [tree.child(root, "server"), *(row.value for row in tree.entries(tree.child(root, "providers")))]
    for owner in owners:
        keys = tree.child(owner, "keys")
        if isinstance(keys, Sequence):
            yield keys


def _swap(node: Node, replaced: dict[int, Node]) -> Node:
    if id(node) in replaced:
        return replaced[id(node)]
    if not isinstance(node, Mapping):
        return node
    return node.with_values(lambda entry: _swap(entry.value, replaced))


def _filled(node: Node, base: Path, report: Report, read: list[KeyFile], opened: Read) -> Node:
    file = tree.entry(node, "file")
    if not isinstance(node, Mapping) or file is None or tree.is_null(file.value):
        return node
    if tree.entry(node, "key"):
        report.problem(file.place, file.path, "`key` and `file` say the same thing; keep one of them")
        return node
    key = _key_of(file, base, report, read, opened)
    return replace(node, entries=(*node.entries, replace(file, key="key", value=key)))


def _key_of(file: Entry, base: Path, report: Report, read: list[KeyFile], opened: Read) -> Scalar:
    written = tree.text(file.value)
    nothing = Scalar(place=file.value.place, path=file.path, value=None, written="", variable=True)
    if written is None:
        report.broken(file.value.place, file.path, "must be the path of a file")
        return nothing
    path = base / written
    try:
        content = opened(path, limit=MAX_BYTES)
        value = content.decode("utf-8").rstrip("\r\n")
    except Unreadable as error:
        report.broken(file.value.place, file.path, f"the file {tree.shown(file.value)} {error}")
        return nothing
    except UnicodeDecodeError:
        report.broken(file.value.place, file.path, f"the file {tree.shown(file.value)} is not text")
        return nothing
    read.append(KeyFile(path=path, content=content))
    return replace(nothing, value=value)
