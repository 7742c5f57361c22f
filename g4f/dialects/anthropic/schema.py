"""JSON schemas as Anthropic's structured outputs take them.

Every object is closed, and what bounds a value (`minimum`, `maxLength`, ...) is no constraint but a hint, in the
description. Source: https://docs.claude.com/en/docs/build-with-claude/structured-outputs, "JSON Schema limitations".
"""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.hub import Json

#: The tool whose arguments are the answer where a model cannot keep its text to a schema.
ANSWER_TOOL = "json_answer"

_KEPT = frozenset(
    {"$ref", "allOf", "anyOf", "const", "default", "description", "enum", "items", "properties", "required", "title"}
    | {"type", "$defs", "definitions"}
)
_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"},
)
_LISTS_OF_SCHEMAS = frozenset({"anyOf", "allOf"})
_MAPS_OF_SCHEMAS = frozenset({"properties", "$defs", "definitions"})


#: How deep a schema is followed; what is below is sent as it is.
MAX_DEPTH = 64


def fitting(schema: Mapping[str, Any], depth: int = 0) -> Json:
    """The schema without what Anthropic refuses."""
    inside = depth + 1
    fit: Json = {}
    hints = []
    for key, value in schema.items():
        if key == "oneOf":
            fit["anyOf"] = _each(value, inside)
        elif key in _LISTS_OF_SCHEMAS:
            fit[key] = _each(value, inside)
        elif key in _MAPS_OF_SCHEMAS and isinstance(value, dict):
            fit[key] = {name: _one(inner, inside) for name, inner in value.items()}
        elif key == "items":
            fit[key] = _one(value, inside)
        elif _is_kept(key, value):
            fit[key] = value
        elif key not in ("additionalProperties", "$schema", "$id"):
            hints.append(f"{key}: {value}")
    if schema.get("type") == "object" or "properties" in schema:
        fit["additionalProperties"] = False
    if hints:
        said = f"{fit['description']} " if fit.get("description") else ""
        fit["description"] = f"{said}({', '.join(hints)})"
    return fit


def _is_kept(key: str, value: Any) -> bool:
    if key == "format":
        return isinstance(value, str) and value in _FORMATS
    return key in _KEPT or (key == "minItems" and value in (0, 1))


def _one(schema: Any, depth: int) -> Any:
    return fitting(schema, depth) if isinstance(schema, dict) and depth <= MAX_DEPTH else schema


def _each(schemas: Any, depth: int) -> Any:
    return [_one(schema, depth) for schema in schemas] if isinstance(schemas, list) else schemas


def answer_tool(schema: Mapping[str, Any] | None) -> Json:
    """The tool that a model answers with."""
    return {
        "name": ANSWER_TOOL,
        "description": "Give the answer to the user, as JSON.",
        "input_schema": {"type": "object", **schema} if schema else {"type": "object", "additionalProperties": True},
    }
