"""A YAML file of another program, as that program reads it: YAML 1.1 with anchors and merge keys.

Strictness would be of no use here, since the file is not ours; only what could harm the reader is refused. The nodes
keep their places, for the notes.
"""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from g4f.config.problem import Place, Refused, Report
from g4f.config.tree import Entry, Mapping, Node, Scalar, Sequence

#: Nodes after aliases were followed: a few bytes of YAML can stand for billions.
MAX_NODES: Final = 50_000
_MERGE: Final = "tag:yaml.org,2002:merge"


def read(content: str, report: Report) -> Node:
    """The root of the file. Raises Refused, with the reason in the report."""
    loader = yaml.SafeLoader(content)
    try:
        root = loader.get_single_node()
        return _Copy(loader, report).node(root, "") if root else _nothing("")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        report.problem(place, "", f"YAML syntax: {error.problem or error.context}")
    except (yaml.YAMLError, ValueError, RecursionError):
        report.problem(Place(1, 1), "", "this is not YAML that can be read")
    finally:
        loader.dispose()
    raise Refused


class _Copy:
    """Turns PyYAML's nodes into the tree that the rest of the program knows."""

    def __init__(self, loader: yaml.SafeLoader, report: Report) -> None:
        self._loader = loader
        self._report = report
        self._left = MAX_NODES

    def node(self, node: yaml.Node, path: str) -> Node:
        self._left -= 1
        place = _place(node)
        if self._left < 0:
            self._report.problem(place, path, f"more than {MAX_NODES:,} values, counting what aliases stand for")
            raise Refused
        if isinstance(node, yaml.MappingNode):
            entries = {entry.key: entry for entry in self._entries(node, path)}
            return Mapping(place=place, path=path, entries=tuple(entries.values()))
        if isinstance(node, yaml.SequenceNode):
            items = (self.node(item, f"{path}[{index}]") for index, item in enumerate(node.value))
            return Sequence(place=place, path=path, items=tuple(items))
        return Scalar(place=place, path=path, value=self._value(node), written=str(node.value))

    def _entries(self, node: yaml.MappingNode, path: str) -> Iterator[Entry]:
        """Merged entries first, so that the mapping's own come over them."""
        for key, value in node.value:
            if key.tag == _MERGE:
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(merged, yaml.MappingNode):
                        yield from self._entries(merged, path)
        for key, value in node.value:
            if key.tag != _MERGE:
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
                here = f"{path}.{name}" if path else name
                yield Entry(key=name, place=_place(key), path=here, value=self.node(value, here))

    def _value(self, node: yaml.Node) -> str | int | float | bool | None:
        try:
            value: Any = self._loader.construct_object(node)
        except yaml.YAMLError:  # a tag that only the other program knows
            return str(node.value)
        return value if value is None or isinstance(value, str | int | float | bool) else str(node.value)


def _place(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _nothing(path: str) -> Scalar:
    return Scalar(place=Place(1, 1), path=path, value=None, written="")
