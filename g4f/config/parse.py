"""YAML text to nodes, in one pass over the parser's events.

Never compose or recurse: libyaml's composer overflows the stack on some 50,000 nested brackets, and a bad
file must not take a running daemon down. Depth, number of nodes, anchors, aliases, tags, merge keys and
duplicate keys are checked on the way. All problems are collected; only a syntax error or a limit ends it.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from g4f.config.problem import Place, Refused, Report
from g4f.config.scalars import Ambiguous, resolve, resolve_key
from g4f.config.tree import Entry, Mapping, Node, Scalar, Sequence

MAX_DEPTH: Final = 32
MAX_NODES: Final = 100_000

#: What is not of YAML's c-printable (YAML 1.1, section 5.1), and the byte order mark: it upsets the parser. Named the
#: other way round, by what is allowed, it would take ten times as long to compile.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

#: Stands for a key that is not text; no file can hold this character.
_NOT_TEXT: Final = "\0"


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    place: Place
    path: str
    mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, Place] = field(default_factory=dict)
    key: tuple[str, Place] | None = None

    def closed(self) -> Node:
        if self.mapping:
            return Mapping(place=self.place, path=self.path, entries=tuple(self.entries))
        return Sequence(place=self.place, path=self.path, items=tuple(self.items))

    def path_of_next(self) -> str:
        if not self.mapping:
            return f"{self.path}[{len(self.items)}]"
        name = self.key[0].replace(_NOT_TEXT, "?") if self.key else ""
        return f"{self.path}.{name}" if self.path else name


class _Builder:
    """Takes events in order and keeps the one document they make."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.root: Node | None = None
        self._stack: list[_Open] = []
        self._documents = 0
        self._nodes = 0
        self._skipped = 0  # depth inside a collection that stands where a key should be

    def take(self, event: yaml.Event) -> None:
        # In the order in which there are most of them.
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.AliasEvent():
                message = 'aliases (*name) are not supported; write it out, and quote a star: "*"'
                self.report.broken(_place(event), self._path(), message)
                self._value(Scalar(place=_place(event), path=self._path(), value=None, written=""))
            case yaml.DocumentStartEvent():
                self._document(event)
            case _:
                pass

    def _document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document starts here; one file is one document")
            raise Refused

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._count(event)
        self._plainness(event)
        is_plain = event.implicit[0]
        if self._awaits_key():
            self._key(event.value, _place(event), is_plain=is_plain)
            return
        self._value(self._resolved(event, is_plain=is_plain))

    def _resolved(self, event: yaml.ScalarEvent, *, is_plain: bool) -> Scalar:
        value: str | int | float | bool | None = event.value
        if is_plain:
            try:
                value = resolve(event.value)
            except Ambiguous as wrong:
                self.report.broken(_place(event), self._path(), str(wrong))
        return Scalar(place=_place(event), path=self._path(), value=value, written=event.value, begins=_begins(event))

    def _key(self, key: str, place: Place, *, is_plain: bool) -> None:
        top = self._stack[-1]
        path = f"{top.path}.{key}" if top.path else key
        if is_plain:
            try:
                resolve_key(key)
            except Ambiguous as wrong:
                self.report.broken(place, path, str(wrong))
        first = top.seen.setdefault(key, place)
        if first is not place:
            self.report.problem(place, path, f"duplicate key, first written at {first.line}:{first.col}")
        top.key = (key, place)

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._count(event)
        self._plainness(event)
        if self._skipped or self._awaits_key():
            if not self._skipped:
                self._refuse(event, "a key has to be text")
            self._skipped += 1
        if len(self._stack) + self._skipped >= MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} levels deep")
            raise Refused
        if not self._skipped:
            mapping = isinstance(event, yaml.MappingStartEvent)
            self._stack.append(_Open(place=_place(event), path=self._path(), mapping=mapping))

    def _end(self) -> None:
        if self._skipped:
            self._skipped -= 1
            if not self._skipped:
                self._stack[-1].key = (_NOT_TEXT, self._stack[-1].place)
            return
        self._value(self._stack.pop().closed())

    def _value(self, node: Node) -> None:
        if self._skipped:
            return
        if not self._stack:
            self.root = node
            return
        top = self._stack[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None:
            top.key = (_NOT_TEXT, node.place)
        else:
            key, place = top.key
            # The first of two equal keys stays: its places are the ones that the messages name.
            if key != _NOT_TEXT and top.seen.get(key) is place:
                top.entries.append(Entry(key=key, place=place, path=node.path, value=node))
            top.key = None

    def _awaits_key(self) -> bool:
        return not self._skipped and bool(self._stack) and self._stack[-1].mapping and self._stack[-1].key is None

    def _path(self) -> str:
        return self._stack[-1].path_of_next() if self._stack else ""

    def _count(self, event: yaml.Event) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES:,} values in one file")
            raise Refused

    def _plainness(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, "anchors (&name) are not supported; write it out")
        if event.tag is not None:
            message = "tags (!name) are not supported; remove it, or quote the text"
            self.report.broken(_place(event), self._path(), message)

    def _refuse(self, event: yaml.Event, message: str) -> None:
        self.report.problem(_place(event), self._path(), message)


def parse(content: str, report: Report) -> Node | None:
    """The document's root; None when there is none, or when a syntax error or a limit ended the pass.

    Everything that is wrong is in `report`.
    """
    bad = _UNPRINTABLE.search(content)
    if bad is not None:
        report.problem(_place_at(content, bad.start()), "", f"character U+{ord(bad.group()):04X} is not allowed")
        return None
    builder = _Builder(report)
    try:
        events = yaml.CSafeLoader(content)
        while (event := events.get_event()) is not None:
            builder.take(event)
    except Refused:
        return None
    except yaml.MarkedYAMLError as error:
        report.problem(_mark_of(error), "", f"YAML syntax: {error.problem}{_hint(content, error)}")
        return None
    except yaml.YAMLError:
        report.problem(Place(1, 1), "", "this is not YAML")
        return None
    return builder.root


def _begins(event: yaml.ScalarEvent) -> Place | None:
    """Where the text stands as it is, quotes left out."""
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return None
    quotes = 1 if event.style in ("'", '"') else 0
    if start.line != end.line or end.column - start.column != len(event.value) + 2 * quotes:
        return None
    return Place(start.line + 1, start.column + 1 + quotes)


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _place_at(content: str, index: int) -> Place:
    before = content[:index]
    return Place(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _mark_of(error: yaml.MarkedYAMLError) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _hint(content: str, error: yaml.MarkedYAMLError) -> str:
    """What most often causes this error, where the line shows it."""
    place = _mark_of(error)
    lines = content.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    at = line[place.col - 1 : place.col]
    before = line[: place.col - 1]
    if at == "\t" or "\t" in before[: len(before) - len(before.lstrip())]:
        return "; a tab cannot indent, use spaces"
    if before.endswith("$") and at == "{":
        return '; inside { } and [ ] a variable has to be quoted: "${NAME}"'
    if error.context == "while scanning an alias":
        return '; a star has to be quoted: "*"'
    if at in ("@", "`", "%"):
        return "; a value that starts with this character has to be quoted"
    return ""
