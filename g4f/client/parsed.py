"""Answers in a form that the program gives: a pydantic model, or any class with a JSON schema."""

from collections.abc import Mapping
from typing import Any

from g4f.client.types import ChatCompletion
from g4f.errors import RequestError, ResponseError

#: Where a schema holds others by names of the program's own.
_BY_NAME = frozenset({"properties", "$defs"})


def schema_format(wanted: Any) -> dict[str, Any]:
    """The `response_format` for a class. Raises RequestError for what has no schema."""
    make = getattr(wanted, "model_json_schema", None)
    if make is None:
        raise RequestError("parse needs response_format=, a pydantic model", status=422, param="response_format")
    schema = strict(make())
    return {"type": "json_schema", "json_schema": {"name": wanted.__name__, "schema": schema, "strict": True}}


def strict(schema: Any) -> Any:
    """The schema as OpenAI's strict mode wants it: every property required, and none beside them.

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {
        key: {name: strict(part) for name, part in value.items()} if key in _BY_NAME else strict(value)
        for key, value in schema.items()
        if key != "default"
    }
    if made.get("type") == "object" and "properties" in made:
        made |= {"additionalProperties": False, "required": list(made["properties"])}
    return made


def parsed(answer: ChatCompletion, wanted: Any) -> ChatCompletion:
    """The answer with `message.parsed` in every choice; None where the model refused. Raises ResponseError for a text
    that is not in the form."""
    for choice in answer.choices:
        text = choice.message.content
        if choice.finish_reason == "length":
            raise ResponseError("the answer was cut at its token limit before the form was complete")
        try:
            choice.message["parsed"] = wanted.model_validate_json(text) if text else None
        except ValueError as error:
            raise ResponseError(f"the answer is not a {wanted.__name__}") from error
    return answer
