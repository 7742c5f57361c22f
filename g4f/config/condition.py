"""The language of `when`: one expression over the time and what became of a target's attempts.

The grammar is Python's, read by `ast` and never run: of its nodes only comparisons, and/or/not, `in`, arithmetic and
calls of three functions are taken, and each is checked for its type before it is turned into a closure. Own, because
what exists does less or costs more: `simpleeval` finds unknown names and wrong types only when it evaluates, so that
they could not refuse a file, and `cel-python` brings four further packages (among them google-re2, which is compiled).
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from g4f.config import units

LONGEST: Final = 300
#: A day: what is counted is kept that long.
LONGEST_SPAN: Final = 86400.0
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Facts(Protocol):
    """What a condition may ask: local wall time, the asked-for model, and the history of one target."""

    @property
    def hour(self) -> int: ...

    @property
    def minute(self) -> int: ...

    @property
    def weekday(self) -> str: ...

    @property
    def model(self) -> str: ...

    def errors(self, seconds: float) -> float: ...

    def attempts(self, seconds: float) -> float: ...

    def latency(self) -> float: ...


class WrongCondition(ValueError):  # noqa: N818 - it reads as what is wrong, like `Refused`
    """The text is not a condition. `col` is where, counted from 0."""

    def __init__(self, message: str, col: int) -> None:
        super().__init__(message)
        self.col = col


class _Kind(StrEnum):
    NUMBER = "a number"
    TEXT = "text"
    TRUTH = "a comparison"


@dataclass(frozen=True, slots=True)
class _Term:
    kind: _Kind
    read: Callable[[Facts], Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked expression. `watches`: it asks for the history of its target."""

    text: str
    holds: Callable[[Facts], bool]
    watches: bool


def parse(text: str) -> Condition:
    """Read a condition. Raises WrongCondition."""
    if len(text) > LONGEST:
        raise WrongCondition(f"a condition has at most {LONGEST} characters", 0)
    odd = re.search(r"[^ -~]|\\", text)
    if odd:
        raise WrongCondition("a condition is one line of plain ASCII without backslashes", odd.start())
    masked = _PARTS.sub(_mask, text)
    number = _GLUED.search(_PARTS.sub(lambda part: " " * len(part[0]), text))
    if number:
        raise WrongCondition("a number has no letters, and a duration is written as 30s, 5m or 1h", number.start())
    try:
        tree = ast.parse(masked.rstrip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        col = (getattr(error, "offset", None) or 1) - 1
        raise WrongCondition("this is not an expression", min(col, len(text))) from None
    reader = _Reader(text)
    term = reader.term(tree.body, _Kind.TRUTH)
    return Condition(text, term.read, reader.watches)


#: Text in quotes, and durations, which Python cannot read: they are masked as names of the same length.
_PARTS: Final = re.compile(r"""(?P<text>"[^"]*"|'[^']*')|\b(?P<span>(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)\b""")
_GLUED: Final = re.compile(r"\b\d[\d.]*[A-Za-z_]")


def _mask(part: re.Match[str]) -> str:
    return part[0] if part["text"] else "_" * len(part[0])


_NAMES: Final[Mapping[str, _Term]] = {
    "hour": _Term(_Kind.NUMBER, lambda facts: facts.hour),
    "minute": _Term(_Kind.NUMBER, lambda facts: facts.minute),
    "weekday": _Term(_Kind.TEXT, lambda facts: facts.weekday),
    "model": _Term(_Kind.TEXT, lambda facts: facts.model),
}
_COUNTS: Final[Mapping[str, Callable[[Facts, float], float]]] = {
    "errors": lambda facts, seconds: facts.errors(seconds),
    "attempts": lambda facts, seconds: facts.attempts(seconds),
}
_ORDER: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SAME: Final[Mapping[type, Callable[[Any, Any], bool]]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_AMONG: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
_SUMS: Final[Mapping[type, Callable[[Any, Any], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    # Of no attempts none failed: a share of nothing is nothing.
    ast.Div: lambda part, whole: part / whole if whole else 0.0,
}


class _Reader:
    """Turns checked nodes into closures."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.watches = False

    def term(self, node: ast.expr, wanted: _Kind | None = None) -> _Term:
        """The closure of a node. Raises WrongCondition where it is not of the `wanted` kind."""
        match node:
            case ast.BoolOp():
                found = self._both(node)
            case ast.UnaryOp(op=ast.Not()):
                inner = self.term(node.operand, _Kind.TRUTH).read
                found = _Term(_Kind.TRUTH, lambda facts: not inner(facts))
            case ast.Compare():
                found = self._compared(node)
            case ast.BinOp() if type(node.op) in _SUMS:
                found = self._sum(node)
            case ast.Call():
                found = self._called(node)
            case ast.Name():
                found = self._named(node)
            case ast.Constant():
                found = self._constant(node)
            case _:
                raise self._wrong("a condition has no such thing as {}", node)
        if wanted is not None and found.kind is not wanted:
            raise self._wrong(f"{{}} is {found.kind.value}; {wanted.value} is needed here", node)
        return found

    def _both(self, node: ast.BoolOp) -> _Term:
        parts = [self.term(value, _Kind.TRUTH).read for value in node.values]
        joined = all if isinstance(node.op, ast.And) else any
        return _Term(_Kind.TRUTH, lambda facts: joined(part(facts) for part in parts))

    def _compared(self, node: ast.Compare) -> _Term:
        links = []
        left_node, left = node.left, self.term(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self._items(right_node, left) if type(op) in _AMONG else self.term(right_node)
            test = _ORDER.get(type(op)) or _SAME.get(type(op)) or _AMONG.get(type(op))
            if test is None:
                raise self._wrong("{}: compare with < <= > >= == != or in", node)
            if left.kind is not right.kind or (type(op) in _ORDER and left.kind is not _Kind.NUMBER):
                raise self._wrong(f"{{}} compares {left.kind.value} with {right.kind.value}", node)
            self._check_weekday(node, (left, right), (left_node, right_node))
            links.append((left.read, test, right.read))
            left, left_node = right, right_node
        return _Term(_Kind.TRUTH, lambda facts: all(test(a(facts), b(facts)) for a, test, b in links))

    def _items(self, node: ast.expr, item: _Term) -> _Term:
        """What stands behind `in`: a list of values of one kind, which is that of what is looked for."""
        if not isinstance(node, ast.Tuple | ast.List | ast.Set):
            raise self._wrong('{}: a list such as ("sat", "sun") is needed behind `in`', node)
        values = tuple(self._constant(value, item.kind).read(_NOTHING) for value in node.elts)
        return _Term(item.kind, lambda facts: values)

    def _check_weekday(self, node: ast.Compare, terms: tuple[_Term, _Term], sides: tuple[ast.expr, ast.expr]) -> None:
        """A day that does not exist would never come, and nobody would notice."""
        if not any(term is _NAMES["weekday"] for term in terms):
            return
        for side in sides:
            written = [value.value for value in ast.walk(side) if isinstance(value, ast.Constant)]
            if not set(written) <= set(WEEKDAYS):
                raise self._wrong(f"{{}}: the days are {', '.join(WEEKDAYS)}", node)

    def _sum(self, node: ast.BinOp) -> _Term:
        left, right = self.term(node.left, _Kind.NUMBER).read, self.term(node.right, _Kind.NUMBER).read
        add = _SUMS[type(node.op)]
        return _Term(_Kind.NUMBER, lambda facts: add(left(facts), right(facts)))

    def _called(self, node: ast.Call) -> _Term:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("latency", *_COUNTS) or node.keywords:
            raise self._wrong("{} is no function here; there are errors(1h), attempts(1h) and latency()", node.func)
        self.watches = True
        if name == "latency":
            if node.args:
                raise self._wrong("{} takes nothing: latency()", node)
            return _Term(_Kind.NUMBER, lambda facts: facts.latency())
        if len(node.args) != 1:
            raise self._wrong(f"{{}} takes one duration, such as {name}(1h)", node)
        count, seconds = _COUNTS[name], self._span(node.args[0])
        return _Term(_Kind.NUMBER, lambda facts: count(facts, seconds))

    def _span(self, node: ast.expr) -> float:
        try:
            seconds = units.seconds(self._source(node))
        except ValueError:
            raise self._wrong("{} is not a duration; write 5m, 1h or 24h", node) from None
        if seconds > LONGEST_SPAN:
            raise self._wrong("{} is too long; counts are kept for 24h", node)
        return seconds

    def _named(self, node: ast.Name) -> _Term:
        if node.id in _NAMES:
            return _NAMES[node.id]
        if node.id in ("latency", *_COUNTS):
            raise self._wrong("{} is a function: write errors(1h), attempts(1h), latency()", node)
        raise self._wrong(f"{{}} is not known; there are {', '.join(_NAMES)}, errors(), attempts(), latency()", node)

    def _constant(self, node: ast.expr, wanted: _Kind | None = None) -> _Term:
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._wrong("{}: a number or text in quotes is needed here", node)
        kind = _Kind.TEXT if isinstance(value, str) else _Kind.NUMBER
        if wanted is not None and kind is not wanted:
            raise self._wrong(f"{{}} is {kind.value}; {wanted.value} is needed here", node)
        # As a float a number never overflows into an exception.
        read = value if isinstance(value, str) else float(value)
        return _Term(kind, lambda facts: read)

    def _source(self, node: ast.expr) -> str:
        return self._text[node.col_offset : node.end_col_offset]

    def _wrong(self, message: str, node: ast.expr) -> WrongCondition:
        return WrongCondition(message.replace("{}", f"`{self._source(node)[:60]}`", 1), node.col_offset)


_NOTHING: Any = None
