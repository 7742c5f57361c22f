"""Whether a JSON value has the shape that a JSON Schema says, as far as structured outputs use that language.

Source of the part that is known: https://platform.openai.com/docs/guides/structured-outputs (supported schemas). Any
other keyword is not looked at, so that a value is never refused for what is not understood.
"""

from collections.abc import Mapping
from typing import Any

#: Schemas that refer to themselves end where the value does; anything deeper than this is nobody's answer.
MOST_DEPTH = 64
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


def mismatch(value: Any, schema: Mapping[str, Any]) -> str | None:
    """What of a value is not as its schema says, with its place (`$.city`); None where all is."""
    return _mismatch(value, schema, schema, "$", 0)


def _mismatch(value: Any, schema: Any, root: Mapping[str, Any], place: str, depth: int) -> str | None:
    if depth > MOST_DEPTH:
        return f"{place} is too deep"
    schema = _followed(schema, root)
    if schema is False:
        return f"{place} must not be there"
    if not isinstance(schema, Mapping):
        return None
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list):
        tried = [_mismatch(value, option, root, place, depth + 1) for option in options]
        if None not in tried:
            return tried[0]
    for part in schema.get("allOf") or ():
        wrong = _mismatch(value, part, root, place, depth + 1)
        if wrong is not None:
            return wrong
    return _of_itself(value, schema, place) or _within(value, schema, root, place, depth)


def _followed(schema: Any, root: Mapping[str, Any]) -> Any:
    """The schema that a reference within the document leads to; what leads nowhere says nothing."""
    for _ in range(MOST_DEPTH):
        if not isinstance(schema, Mapping) or not isinstance(schema.get("$ref"), str):
            return schema
        target: Any = root
        for name in schema["$ref"].removeprefix("#").split("/")[1:]:
            target = target.get(name) if isinstance(target, Mapping) else None
        schema = target
    return None


def _of_itself(value: Any, schema: Mapping[str, Any], place: str) -> str | None:
    wanted = schema.get("type")
    names = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []
    if names and not any(_is(value, name) for name in names):
        return f"{place} is not {' or '.join(map(str, names))}"
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        return f"{place} is none of its values"
    if "const" in schema and value != schema["const"]:
        return f"{place} is not its only value"
    return None


def _is(value: Any, name: Any) -> bool:
    kinds = _TYPES.get(name) if isinstance(name, str) else None
    if kinds is None:
        return True
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds) or (name == "integer" and isinstance(value, float) and value.is_integer())


def _within(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str, depth: int) -> str | None:
    if isinstance(value, list):
        items = ((item, schema.get("items", True), f"{place}[{number}]") for number, item in enumerate(value))
    elif isinstance(value, dict):
        for name in schema.get("required") or ():
            if name not in value:
                return f"{place}.{name} is missing"
        known = schema.get("properties") or {}
        other = schema.get("additionalProperties", True)
        items = ((item, known.get(name, other), f"{place}.{name}") for name, item in value.items())
    else:
        return None
    for item, shape, where in items:
        wrong = _mismatch(item, shape, root, where, depth + 1)
        if wrong is not None:
            return wrong
    return None
