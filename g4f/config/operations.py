"""What a provider or a model can be asked for, as the file says it."""

from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from g4f.config.fields import refused
from g4f.exchange.request import Operation

#: Counting the tokens of a chat is part of the chat.
_OPERATIONS: Final = tuple(operation for operation in Operation if operation is not Operation.COUNT_TOKENS)


def _operations(value: Any) -> frozenset[Operation]:
    if isinstance(value, frozenset):
        return value
    words = value if isinstance(value, tuple | list) else None
    if not words or not all(isinstance(word, str) for word in words):
        raise refused("write a list of operations, such as [chat, embeddings]")
    try:
        return frozenset(_OPERATIONS[_OPERATIONS.index(Operation(word))] for word in words)
    except ValueError:
        wrong = next(word for word in words if word not in _OPERATIONS)
        close = get_close_matches(str(wrong)[:64], [str(o) for o in _OPERATIONS], 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise refused(f"an operation is one of {', '.join(_OPERATIONS)}{hint}") from None


Operations = Annotated[
    frozenset[Operation],
    PlainValidator(_operations),
    WithJsonSchema(
        {"type": "array", "items": {"type": "string", "enum": [str(o) for o in _OPERATIONS]}, "minItems": 1}
    ),
]
