"""The faces of each dialect, imported when first asked for: a program that meets one dialect loads one."""

from functools import cache
from importlib import import_module
from typing import cast

from g4f.dialects.face import Front, Upstream
from g4f.exchange.request import Dialect

_PACKAGES = {
    Dialect.OPENAI: "g4f.dialects.openai",
    Dialect.OPENAI_RESPONSES: "g4f.dialects.responses",
    Dialect.ANTHROPIC: "g4f.dialects.anthropic",
    Dialect.OLLAMA: "g4f.dialects.ollama",
}
"""Each package has a module `face` with `FRONT`, `UPSTREAM`, or both."""


@cache
def front(dialect: Dialect) -> Front:
    """The face that clients of a dialect see. Raises LookupError where nobody speaks it to us."""
    return cast(Front, _face(dialect, "FRONT"))


@cache
def upstream(dialect: Dialect) -> Upstream:
    """The face that upstreams of a dialect see. Raises LookupError where we speak it to nobody."""
    return cast(Upstream, _face(dialect, "UPSTREAM"))


def _face(dialect: Dialect, side: str) -> object:
    package = _PACKAGES.get(dialect)
    face: object = getattr(import_module(f"{package}.face"), side, None) if package else None
    if face is None:
        raise LookupError(f"the dialect {dialect} has no {side.lower()}")
    return face
