"""What pydantic refused, in plain words and at its place in the file.

Nothing of pydantic's own messages is passed on: several of its error types repeat the input, which may be a
key. From its context only limits and lists of allowed words are taken, and those are this project's own.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from g4f.config import tree
from g4f.config.fields import REFUSED
from g4f.config.problem import Place, Report
from g4f.config.schema import Config, Provider
from g4f.config.section import Section

#: What other programs call things, and what they are called here.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "api_base": "base_url",
    "api_key": "key",
    "api_keys": "keys",
    "endpoint": "base_url",
    "fallbacks": "chain",
    "host": "listen",
    "model_list": "models",
    "port": "listen",
    "timeout": "timeouts",
    "targets": "chain",
}

_WORDS: Final[Mapping[str, str]] = {
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping (key: value)",
    "frozen_set_type": "must be a list",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "missing": "is missing",
    "model_type": "must be a mapping (key: value)",
    "set_type": "must be a list",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Where an error's location leads. `key` is the place of the key, for an entry of a mapping."""

    node: tree.Node | None
    parent: tree.Node
    key: Place | None
    path: str


def note(error: ValidationError, root: tree.Node, report: Report) -> None:
    """Add what is wrong to the report."""
    for detail in error.errors(include_input=False, include_url=False):
        loc = detail["loc"]
        found = _find(root, loc)
        if detail["type"] == "too_short" and tree.items(found.node):
            continue  # its items were refused, and are reported themselves
        report.problem(_place(detail, found), found.path, _message(detail, found))


def _find(root: tree.Node, loc: tuple[int | str, ...]) -> _Found:
    node: tree.Node | None = root
    parent, key, path = root, None, ""
    for part in loc:
        if part == "[key]" or node is None:
            break
        parent, written = node, path
        if isinstance(part, int):
            items = tree.items(node)
            node = items[part] if part < len(items) else None
            key, path = None, node.path if node else f"{written}[{part}]"
        else:
            entry = tree.entry(node, part)
            node = entry.value if entry else None
            # Of something that is missing, the place is that of what it is missing from.
            key = entry.place if entry else key
            path = entry.path if entry else f"{parent.path}.{part}".lstrip(".")
    return _Found(node=node, parent=parent, key=key, path=path)


def _place(detail: ErrorDetails, found: _Found) -> Place:
    on_key = detail["type"] in ("extra_forbidden", "missing") or detail["loc"][-1:] == ("[key]",)
    of_a_whole_section = detail["type"] == REFUSED and not isinstance(found.node, tree.Scalar)
    if (on_key or of_a_whole_section) and found.key:
        return found.key
    return (found.node or found.parent).place


def _message(detail: ErrorDetails, found: _Found) -> str:
    kind, limits = detail["type"], detail.get("ctx", {})
    if kind == REFUSED:
        return detail["msg"]
    if kind == "extra_forbidden":
        return _unknown(detail["loc"])
    if kind == "missing":
        return "is missing" + _missing_hint(detail["loc"])
    if isinstance(found.node, tree.Scalar) and found.node.value is None:
        return "is empty; write a value, or remove the line"
    if kind == "string_type" and isinstance(found.node, tree.Scalar):
        return "must be text; quote it"
    if kind == "model_type" and _is_target(detail["loc"]):
        return "must be a provider's name, or a mapping with `provider`"
    if kind == "greater_than_equal":
        return f"must be {limits['ge']} or more"
    if kind == "less_than_equal":
        return f"must be {limits['le']} or less"
    if kind == "literal_error":
        return f"must be {limits['expected']}"
    return _WORDS.get(kind, "is not valid here")


def _is_target(loc: tuple[int | str, ...]) -> bool:
    return loc[0] == "models" and loc[2:3] == ("chain",)


def _missing_hint(loc: tuple[int | str, ...]) -> str:
    match loc:
        case (*_, "keys", int(), "key"):
            return "; write `key:` or `file:`"
        case ("models", str(), "chain"):
            return "; name the providers that answer for this model"
        case _:
            return ""


def _unknown(loc: tuple[int | str, ...]) -> str:
    section = _section(loc[:-1])
    names = set(section.model_fields) if section else set()
    if section is Provider:
        names.add("key")
    key = str(loc[-1])
    other = _ELSEWHERE.get(key)
    if other in names:
        return f"unknown key; it is called `{other}` here"
    return f"unknown key{did_you_mean(key, names)}"


def did_you_mean(written: str, names: Iterable[str]) -> str:
    """A suggestion to append to a message; empty when nothing is close."""
    known = {name.lower(): name for name in names}
    close = difflib.get_close_matches(written.lower()[:64], known, n=1)
    return f"; did you mean {known[close[0]]}?" if close else ""


def _section(loc: tuple[int | str, ...]) -> type[Section] | None:
    """The model that describes the mapping at `loc`."""
    annotation: Any = Config
    for part in loc:
        annotation = _inner(annotation, part)
    annotation = _without_none(annotation)
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def _inner(annotation: Any, part: int | str) -> Any:
    annotation = _without_none(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Section):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    if not arguments:
        return None
    return arguments[1] if get_origin(annotation) is dict else arguments[0]


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(inner for inner in get_args(annotation) if inner is not type(None))
    return annotation
