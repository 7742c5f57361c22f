"""Which dialect is spoken at which address: also where the address is wrong and only an error can be told."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from g4f.dialects.face import Front
from g4f.dialects.registry import front
from g4f.exchange.request import Dialect

_PREFIXES: tuple[tuple[str, Dialect], ...] = (
    ("/v1/messages", Dialect.ANTHROPIC),
    ("/v1beta/", Dialect.GEMINI),
)
"""The beginnings of paths where it is not OpenAI's."""

#: Ollama's calls, also those that are not served here. `/api/{provider}/...` is OpenAI's.
_OLLAMA = frozenset(
    f"/api/{call}"
    for call in (
        "chat", "generate", "tags", "show", "version", "ps", "embed", "embeddings", "pull", "push", "create", "copy",
        "delete",
    )
)  # fmt: skip

#: What Anthropic's SDKs, and Google's, send with every request.
ANTHROPIC_VERSION = "anthropic-version"
GOOGLE_CLIENT = "x-goog-api-client"
#: A method of Google's at the end of a path. Names of models have colons, too.
_GOOGLE_CALL = re.compile(r":(?:(?:g|streamG)enerateContent|countTokens|(?:e|batchE)mbedContents?|predict)$").search

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def front_of(path: str, headers: Mapping[str, str] = _NO_HEADERS) -> Front:
    """The face that whoever asks for `path` expects."""
    if path in _OLLAMA:
        return front(Dialect.OLLAMA)
    if ANTHROPIC_VERSION in headers:
        return front(Dialect.ANTHROPIC)
    if GOOGLE_CLIENT in headers or (path.startswith("/v1/models/") and _GOOGLE_CALL(path)):
        return front(Dialect.GEMINI)
    return front(next((dialect for prefix, dialect in _PREFIXES if path.startswith(prefix)), Dialect.OPENAI))
