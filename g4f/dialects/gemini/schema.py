"""Gemini's own form of schemas, OpenAPI's of old, as JSON Schema (https://ai.google.dev/api/caching#Schema)."""

import re
from typing import Any

from g4f.dialects.gemini.wire import Json, word

#: How deep a schema is followed.
MAX_DEPTH = 64
_SAME = {
    "description": "description",
    "title": "title",
    "enum": "enum",
    "format": "format",
    "default": "default",
    "example": "example",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "required": "required",
    "minItems": "minItems",
    "maxItems": "maxItems",
    "minLength": "minLength",
    "maxLength": "maxLength",
    "minProperties": "minProperties",
    "maxProperties": "maxProperties",
}
#: An integer as JSON of protobuf writes it, in at most 64 bits.
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def from_gemini(schema: Any, depth: int = 0) -> Json:
    """The JSON Schema of one of Gemini's: types in lower case, `nullable` as a type, counts as numbers."""
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return {"type": "object", "properties": {}} if depth == 0 else {}
    written: Json = {}
    kind = schema.get("type")
    if isinstance(kind, str) and kind.upper() != "TYPE_UNSPECIFIED":
        written["type"] = [kind.lower(), "null"] if schema.get("nullable") is True else kind.lower()
    for name, own in _SAME.items():
        value = word(schema, name)
        if value is not None and not (name == "format" and value == "enum"):
            written[own] = _number(value) if name.startswith(("min", "max")) else value
    properties = schema.get("properties")
    if isinstance(properties, dict):
        written["properties"] = {name: from_gemini(part, depth + 1) for name, part in properties.items()}
    if isinstance(schema.get("items"), dict):
        written["items"] = from_gemini(schema["items"], depth + 1)
    choices = word(schema, "anyOf")
    if isinstance(choices, list):
        written["anyOf"] = [from_gemini(part, depth + 1) for part in choices]
    return written


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else value
