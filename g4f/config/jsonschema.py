"""The JSON Schema of g4f.yaml: what an editor completes, explains and underlines.

Generated from the models that the loader uses, plus the short forms that it expands. Looser than the loader
where JSON Schema has no words for a rule (references, duplicates); stricter only where a variable stands for a
name, which editors could not check.
"""

from typing import Any, Final

from g4f.config.fields import VARIABLE_PATTERN
from g4f.config.schema import Config

ID: Final = "urn:g4f:g4f.yaml"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_Schema = dict[str, Any]


def json_schema() -> _Schema:
    """A new JSON Schema (draft 2020-12) for a whole g4f.yaml."""
    generated = Config.model_json_schema(mode="validation")
    sections: dict[str, _Schema] = generated.pop("$defs")
    sections["Config"] = generated
    for section in sections.values():
        _tidy(section)
    _short_keys(sections["Provider"], sections["ProviderKey"])
    _short_keys(sections["Server"], sections["InboundKey"])
    _short_chain(sections["Model"]["properties"])
    sections["Provider"]["properties"]["key"] = {
        "type": "string",
        "minLength": 1,
        "description": "The only key, in place of `keys`; usually a variable: ${OPENAI_API_KEY}.",
    }
    sections["Provider"]["not"] = {"required": ["key", "keys"]}
    root = sections.pop("Config")
    root["properties"]["models"]["minProperties"] = 1
    return {"$schema": DIALECT, "$id": ID, **root, "title": "g4f.yaml", "$defs": dict(sorted(sections.items()))}


def _tidy(section: _Schema) -> None:
    """Leave out what only programs need, and allow what a person may leave empty."""
    section.pop("title", None)
    required = section.get("required", ())
    for name, field in section.get("properties", {}).items():
        field.pop("title", None)
        field.pop("default", None)
        choices = [choice for choice in field.pop("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) == 1:
            field.update(choices[0])
        _names_of_entries(field)
        if name not in required and name != "models":
            section["properties"][name] = _or_null(_or_variable(field))


def _names_of_entries(field: _Schema) -> None:
    """Keys of a mapping are limited by `propertyNames`, which editors explain better than patterns."""
    patterns = field.pop("patternProperties", None)
    if patterns:
        (pattern, values) = next(iter(patterns.items()))
        field["propertyNames"] = {"pattern": pattern}
        field["additionalProperties"] = values
    values = field.get("additionalProperties")
    if isinstance(values, dict) and "$ref" in values and values["$ref"].endswith("/Provider"):
        field["additionalProperties"] = {"anyOf": [values, {"type": "null"}]}


def _or_variable(field: _Schema) -> _Schema:
    """Numbers and switches may also come out of a variable."""
    if field.get("type") not in ("integer", "boolean") and "enum" not in field:
        return field
    kept = {key: field.pop(key) for key in ("description",) if key in field}
    return {**kept, "anyOf": [field, {"type": "string", "pattern": VARIABLE_PATTERN}]}


def _or_null(field: _Schema) -> _Schema:
    kept = {key: field.pop(key) for key in ("description",) if key in field}
    choices = field["anyOf"] if set(field) == {"anyOf"} else [field]
    return {**kept, "anyOf": [*choices, {"type": "null"}]}


def _short_keys(owner: _Schema, key: _Schema) -> None:
    """A key is written in place or in a file; in a list it may also be bare text."""
    key["required"] = ["name"]
    key["oneOf"] = [{"required": ["key"]}, {"required": ["file"]}]
    keys = owner["properties"]["keys"]["anyOf"][0]
    keys["items"] = {"anyOf": [keys["items"], {"type": "string", "minLength": 1}]}


def _short_chain(properties: dict[str, _Schema]) -> None:
    """A chain lists targets and tiers; a target is a name, a name with a model, or a mapping."""
    mapping = properties["chain"]["items"]["items"]
    name = {
        "type": "string",
        "minLength": 1,
        "description": "Provider, or Provider/model.",
    }
    target = {"anyOf": [name, mapping]}
    tier = {"type": "array", "minItems": 1, "items": target, "description": "Balanced by weight."}
    properties["chain"]["items"] = {"anyOf": [*target["anyOf"], tier]}
    properties["chain"]["minItems"] = 1
