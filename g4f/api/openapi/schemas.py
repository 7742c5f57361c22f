"""The shapes of requests and answers, as JSON Schema: those that every client may rely on.

A chat's fields are those that its decoder checks, taken from its own table; other fields are allowed everywhere,
because they go on to the upstream.
"""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.openai.request import FIELDS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object"}


def ref(name: str) -> Schema:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object that has what is required, may have the rest, and anything else."""
    return {"type": "object", "properties": {**required, **optional}, "required": [*required]}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_JSON_TYPES: Mapping[type, str] = {bool: "boolean", list: "array", dict: "object", str: "string"}


def _field(kinds: frozenset[type], wanted: str) -> Schema:
    if wanted == "an integer":
        return {"type": ["integer", "null"]}
    if float in kinds:
        return {"type": ["number", "null"]}
    return {"type": [*sorted(_JSON_TYPES[kind] for kind in kinds), "null"]}


_MESSAGE = record({"role": TEXT}, content={"type": ["string", "array", "null"]})
_OWN_FIELDS: Mapping[str, Schema] = {
    "provider": {"type": ["string", "object", "null"], "description": "The only provider that is asked."},
    "proxy": {"type": ["string", "null"], "description": "A proxy of the configuration, by its name or its URL."},
    "conversation_id": {
        "type": ["string", "null"],
        "maxLength": 128,
        "pattern": "^[A-Za-z0-9._:@-]*$",
        "description": "Continues what was said under this id.",
    },
}
_MODEL = record(
    {"id": TEXT, "object": {"const": "model"}, "created": COUNT, "owned_by": TEXT},
    image=FLAG,
    vision=FLAG,
    provider=FLAG,
    context_length=COUNT,
    pricing=record({"input": {"type": "number"}, "output": {"type": "number"}}),
)
_PROVIDER = record(
    {
        "provider": TEXT,
        "models": listed(TEXT),
        "image_models": listed(TEXT),
        "vision_models": listed(TEXT),
        "url": TEXT,
        "working": FLAG,
        "auth": FLAG,
    },
    stream=FLAG,
    description=TEXT,
)
_CHOICE = record(
    {"index": COUNT, "message": record({"role": TEXT, "content": {"type": ["string", "null"]}}), "finish_reason": TEXT}
)
_USAGE = record({"prompt_tokens": COUNT, "completion_tokens": COUNT, "total_tokens": COUNT})

SCHEMAS: Mapping[str, Schema] = {
    "Error": record(
        {
            "error": record(
                {
                    "message": TEXT,
                    "type": TEXT,
                    "param": {"type": ["string", "null"]},
                    "code": {"type": ["string", "null"]},
                },
                attempts=listed(ANYTHING),
            )
        }
    ),
    "AnthropicError": record({"type": {"const": "error"}, "error": record({"type": TEXT, "message": TEXT})}),
    "OllamaError": record({"error": TEXT}),
    "GeminiError": record({"error": record({"code": COUNT, "message": TEXT, "status": TEXT})}),
    "ChatRequest": record(
        {"messages": {**listed(_MESSAGE), "minItems": 1}},
        model={"type": ["string", "null"], "description": "Required where the configuration has no default."},
        stop={"type": ["string", "array", "null"], "items": TEXT},
        **{name: _field(kinds, wanted) for name, (kinds, wanted) in FIELDS.items()},
        **_OWN_FIELDS,
    ),
    "ChatCompletion": record(
        {
            "id": TEXT,
            "object": {"const": "chat.completion"},
            "created": COUNT,
            "model": TEXT,
            "provider": TEXT,
            "choices": listed(_CHOICE),
        },
        usage=_or_null(_USAGE),
        conversation_id=TEXT,
    ),
    "Model": _MODEL,
    "Models": record({"object": {"const": "list"}, "data": listed(_MODEL)}),
    "Provider": _PROVIDER,
    "Providers": record({"object": {"const": "list"}, "data": listed(_PROVIDER)}),
    "Status": record({"status": TEXT}),
    "Response": record({"id": TEXT, "object": {"const": "response"}}),
    "Deleted": record({"id": TEXT, "object": TEXT, "deleted": {"const": True}}),
    "Items": record({"object": {"const": "list"}, "data": listed(ANYTHING)}),
    "Explanation": record({"model": TEXT, "targets": listed(ANYTHING), "skipped": listed(ANYTHING)}),
    "CookieFiles": record({"files": listed({"type": "string", "format": "binary"})}),
    "Uploaded": listed(record({"filename": TEXT, "domains": listed(TEXT)})),
    "Bytes": {"type": "string", "format": "binary"},
    "Anything": ANYTHING,
}
