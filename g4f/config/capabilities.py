"""What a provider or a model can do, as the file says it."""

from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from g4f.config.fields import refused
from g4f.exchange.capability import Capability

_WORDS: Final = tuple(capability.value for capability in Capability)


def _capabilities(value: Any) -> frozenset[str]:
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, tuple | list) or not all(isinstance(word, str) for word in value):
        raise refused("write a list of capabilities, such as [stream, tools, vision]")
    for word in value:
        if word not in _WORDS:
            close = get_close_matches(word[:64], _WORDS, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise refused(f"a capability is one of {', '.join(_WORDS)}{hint}")
    return frozenset(value)


Capabilities = Annotated[
    frozenset[str],
    PlainValidator(_capabilities),
    WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(_WORDS)}}),
]
