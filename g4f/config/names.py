"""What things in g4f.yaml may be called, as patterns for its schema and as questions."""

import re
from typing import Final

NAME_PATTERN: Final = r"^[A-Za-z0-9._-]{1,64}$"
OWN_PATTERN: Final = r"^(?=.{1,200}$)([A-Za-z0-9._:@/+-]+\*?|\*)$"
_WORDS: Final = r"[A-Za-z0-9._:@/+()-]+( [A-Za-z0-9._:@/+()-]+)*"
EXACT_PATTERN: Final = rf"^(?=.{{1,200}}$){_WORDS}$"
MODEL_PATTERN: Final = rf"^(?=.{{1,200}}$)({_WORDS}\*?|\*)$"

_NAME: Final = re.compile(NAME_PATTERN.replace("$", r"\Z"))
_MODEL: Final = re.compile(MODEL_PATTERN.replace("$", r"\Z"))
_OWN: Final = re.compile(OWN_PATTERN.replace("$", r"\Z"))


def is_name(text: str) -> bool:
    """Whether a provider, key or proxy may be called so."""
    return _NAME.match(text) is not None


def is_model_name(text: str) -> bool:
    """Whether a model may be called so; a star at the end makes it a pattern."""
    return _MODEL.fullmatch(text) is not None


def is_exact_name(text: str) -> bool:
    """Whether one model may be called so, or an alias of it."""
    return is_model_name(text) and "*" not in text


def is_upstream_model(text: str) -> bool:
    """Whether a provider's own name for a model may be this."""
    return is_own_name(text) and "*" not in text


def is_own_name(text: str) -> bool:
    """Whether a place of a chain may call a provider's model so; in a pattern's chain its star stands for the rest."""
    return _OWN.fullmatch(text) is not None
