"""The fields of a request's body, whatever dialect it is in: read strictly, refused by name.

Text that is not JSON and impossible values are 400, missing and mistyped fields are 422 with their place.
"""

from collections.abc import Mapping
from typing import Any, Never

import orjson

from g4f.errors import RequestError


def read_object(body: bytes | bytearray) -> dict[str, Any]:
    """The JSON object in a body, strictly: no NaN, no lone surrogates, UTF-8 only, no deeper than 1024
    (orjson). Raises RequestError.
    """
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(f"the body is not valid JSON: {error}", code="invalid_json") from error
    if not isinstance(payload, dict):
        raise RequestError("the body must be a JSON object", code="invalid_json")
    return payload


def write_object(payload: Mapping[str, Any]) -> bytes:
    """A body. Raises RequestError for one built in Python that JSON cannot hold."""
    try:
        return orjson.dumps(payload)
    except TypeError as error:  # orjson's JSONEncodeError; its text names types, never values
        raise RequestError(f"the request cannot be written as JSON: {error}") from error


def read_model(payload: Mapping[str, Any]) -> str:
    """The name of the model. Raises RequestError."""
    model = payload.get("model")
    if not isinstance(model, str) or not model:
        mistyped("model", "a model name (a string)", missing="model" not in payload)
    return model


def read_text(payload: Mapping[str, Any], key: str) -> str | None:
    """A string, or None where there is none or an empty one. Raises RequestError."""
    value = payload.get(key)
    if not isinstance(value, str | None):
        mistyped(key, "a string")
    return value or None


def mistyped(param: str, wanted: str, *, missing: bool = False) -> Never:
    """Refuse a field that is `missing` or of another type than `wanted`."""
    problem = "is required" if missing else "has the wrong type"
    message = f"{param} {problem}: expected {wanted}"
    raise RequestError(
        message, status=422, code="missing_required_parameter" if missing else "invalid_type", param=param
    )
