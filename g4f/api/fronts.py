"""Which dialect is spoken at which address: also where the address is wrong and only an error can be told."""

from g4f.dialects.face import Front
from g4f.dialects.registry import front
from g4f.exchange.request import Dialect

_PREFIXES: tuple[tuple[str, Dialect], ...] = ()
"""The beginnings of paths where it is not OpenAI's."""


def front_of(path: str) -> Front:
    """The face that whoever asks for `path` expects."""
    dialect = next((dialect for prefix, dialect in _PREFIXES if path.startswith(prefix)), Dialect.OPENAI)
    return front(dialect)
