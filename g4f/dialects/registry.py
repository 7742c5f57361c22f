"""The faces of each dialect, imported when first asked for: a program that meets one dialect loads one."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import cast

from g4f.dialects.face import Front, Upstream
from g4f.exchange.request import Dialect, Operation

_PACKAGES = {
    Dialect.OPENAI: "g4f.dialects.openai",
    Dialect.OPENAI_RESPONSES: "g4f.dialects.responses",
    Dialect.ANTHROPIC: "g4f.dialects.anthropic",
    Dialect.OLLAMA: "g4f.dialects.ollama",
    Dialect.GEMINI: "g4f.dialects.gemini",
    Dialect.COHERE: "g4f.dialects.cohere",
}
"""Each package has a module `face` with `FRONT`, `UPSTREAM`, or both."""

_OPERATIONS: Mapping[Dialect, frozenset[Operation]] = {
    Dialect.OPENAI: frozenset(Operation) - {Operation.COUNT_TOKENS},
    Dialect.ANTHROPIC: frozenset({Operation.CHAT, Operation.COUNT_TOKENS}),
    Dialect.OLLAMA: frozenset({Operation.CHAT, Operation.EMBEDDINGS}),
    Dialect.GEMINI: frozenset({Operation.CHAT, Operation.COUNT_TOKENS, Operation.EMBEDDINGS}),
    Dialect.COHERE: frozenset({Operation.CHAT, Operation.EMBEDDINGS, Operation.RERANK}),
}
"""What an upstream's face has words for, where that is more than the chat. It is known without loading the face."""


def operations(dialect: Dialect, written: frozenset[Operation] | None) -> frozenset[Operation]:
    """What a provider of a dialect can be asked for; `written` is the file's word on it. What counts the tokens of a
    chat is no operation of its own to the file."""
    words = _OPERATIONS.get(dialect, _CHAT)
    if written is None:
        return words
    return words & (written | {Operation.COUNT_TOKENS} if Operation.CHAT in written else written)


_CHAT = frozenset({Operation.CHAT})


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
