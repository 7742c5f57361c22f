"""JSON Schema in short: the pieces that the shapes of requests and answers are made of."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


def ref(name: str) -> Schema:
    """A reference to a shape of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object that has what is required, may have the rest, and anything else."""
    return {"type": "object", "properties": {**required, **optional}, "required": [*required]}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def one_of(*shapes: Schema) -> Schema:
    return {"anyOf": [*shapes]}


def or_null(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "null"}]}
