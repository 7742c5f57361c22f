"""A chat request, whatever dialect it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """A wire format that clients or upstreams speak. The values are the names used in g4f.yaml."""

    OPENAI = "openai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One chat request.

    `payload` is the body in the vocabulary of OpenAI's chat completions (the hub that every dialect decodes into),
    without the fields that only choose a route (`provider`, `proxy`, ...). Fields this project does not know are
    kept: an upstream of the same dialect gets them untouched. Nobody changes it: adapters copy what they alter.
    """

    id: str
    model: str
    payload: Mapping[str, Any]
    stream: bool = False
    dialect: Dialect = Dialect.OPENAI
    provider: str | None = None
    proxy: str | None = None
    needs: frozenset[str] = field(default=frozenset())
