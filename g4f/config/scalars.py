"""Which plain (unquoted) YAML scalars are taken at face value, and which are refused.

YAML 1.1 reads `no` as false, `1:30` as 90, `014` as 12, `2024-01-01` as a date; YAML 1.2 reads them
otherwise. Whatever the two could disagree about is refused with "quote it" (https://yaml.org/type/, the 1.1
types; the resolver is PyYAML's own, so nothing that it would convert slips through).
"""

import re
from typing import Final

import yaml

#: More digits than any field has use for; `int()` itself refuses more than 4300.
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_RESOLVER: Final = yaml.resolver.Resolver()
#: What the resolver looks at begins with one of these; empty text is nothing.
_DOUBTFUL: Final = frozenset(_RESOLVER.yaml_implicit_resolvers)
_TAG: Final = "tag:yaml.org,2002:"
_NUMBER: Final = "YAML may read this as another number; write plain digits, or quote it"
_REFUSALS: Final = {
    "bool": "YAML reads this as a truth value; write true or false, or quote it",
    "int": _NUMBER,
    "float": _NUMBER,
    "null": "YAML reads this as nothing; quote it",
    "timestamp": "YAML reads this as a date; quote it",
}


class Ambiguous(ValueError):  # noqa: N818 - it names what the scalar is
    """The scalar would be read as something else than its text; the message says as what."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar. Raises Ambiguous for what YAML 1.1 turns into something unexpected."""
    if text[:1] not in _DOUBTFUL:
        return text  # nothing that begins like this is anything but text
    tag = str(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False))).removeprefix(_TAG)  # type: ignore[no-untyped-call]
    match tag:
        case "str":
            return text
        case "null" if text in ("", "~", "null"):
            return None
        case "bool" if text in ("true", "false"):
            return text == "true"
        case "int" if _WHOLE.fullmatch(text):
            return int(text)
        case "float" if _FRACTION.fullmatch(text):
            return float(text)
        case _:
            raise Ambiguous(_REFUSALS.get(tag, "YAML gives this a special meaning; quote it"))


def resolve_key(text: str) -> str:
    """A plain mapping key, which has to be text. Raises Ambiguous otherwise."""
    if text == "<<":
        raise Ambiguous("merge keys (<<) are not supported; write the keys out")
    if not isinstance(resolve(text), str):
        raise Ambiguous("YAML reads this key as something else than text; quote it")
    return text
