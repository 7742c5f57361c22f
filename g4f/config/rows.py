"""A configuration as rows: every value with its path, in words that may be shown. Secrets are shown as `(secret)`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from g4f.config import fields, units
from g4f.config.proxies import without_credentials
from g4f.config.section import Section

SECRET: Final = "(secret)"  # noqa: S105 - what is shown in place of one


@dataclass(frozen=True, slots=True)
class Row:
    """One value. `value` is for comparing, never for showing."""

    path: str
    text: str
    value: Any = field(repr=False)


def rows(section: Section, path: str = "", *, by_name: bool = False) -> Iterator[Row]:
    """Every value of a section, below `path`. The items of a list are counted (`keys[0]`), or called by their names
    (`keys.main`) where they have one and `by_name` is set."""
    for name, info in type(section).model_fields.items():
        here = f"{path}.{name}" if path else name
        kind = fields.Kind.of(info.annotation, info.metadata)
        yield from _rows(here, getattr(section, name), kind, by_name)


def _rows(path: str, value: Any, kind: fields.Kind, by_name: bool) -> Iterator[Row]:
    if isinstance(value, Section):
        yield from rows(value, path, by_name=by_name)
    elif isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _rows(f"{path}.{key}", item, kind, by_name)
    elif isinstance(value, tuple) and value and isinstance(value[0], Section | tuple):
        for index, item in enumerate(value):
            name = getattr(item, "name", None) if by_name else None
            yield from _rows(f"{path}.{name}" if name else f"{path}[{index}]", item, kind, by_name)
    else:
        yield Row(path, shown(value, kind), value)


def shown(value: Any, kind: fields.Kind = fields.Kind.PLAIN) -> str:
    """A value as the file would have it, without secrets."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case SecretStr() if kind is fields.Kind.PROXY:
            return without_credentials(value.get_secret_value())
        case SecretStr():
            return SECRET
        case str() if kind is fields.Kind.PROXY:
            return without_credentials(value)
        case float() if kind is fields.Kind.DURATION:
            return units.shown_duration(value)
        case int() if kind is fields.Kind.SIZE:
            return units.shown_size(value)
        case tuple() | list():
            return f"[{', '.join(shown(item) for item in value)}]"
        case frozenset():
            return f"[{', '.join(sorted(shown(item) for item in value))}]"
        case dict():
            return "{}" if not value else ", ".join(value)
        case _:
            return str(value)
