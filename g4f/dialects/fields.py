"""The fields of a request's body, whatever dialect it is in: read strictly, refused by name.

Text that is not JSON and impossible values are 400, missing and mistyped fields are 422 with their place.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Never, TypeVar

import orjson

from g4f.errors import RequestError

T = TypeVar("T")

#: Items of a list that are taken where some dialects write each as objects of its own. OpenAI embeds 2048 texts at a
#: time, Google 100 (https://platform.openai.com/docs/api-reference/embeddings/create).
MOST_ITEMS = 20_000

#: Python's numbers are doubles from here on when they come out of JSON: an integer would be another one silently.
LARGEST_EXACT = 2**53
#: Bytes from which a body may hold so many values that collecting garbage doubles the time to read it.
LARGE = 64 << 10


def read_object(body: bytes | bytearray) -> dict[str, Any]:
    """The JSON object in a body. Raises RequestError: 400 `invalid_json`, with the place where it ends to be JSON.

    Refused are NaN and infinities, numbers beyond a double, lone surrogates, bytes that are not UTF-8, and nesting
    beyond 1024 levels (all by orjson). Of a key that stands twice the last value counts, as in nearly every reader of
    JSON, and it is the only one that anything behind this function sees or sends on.
    """
    try:
        payload = orjson.loads(body) if len(body) < LARGE else undisturbed(orjson.loads, body)
    except orjson.JSONDecodeError as error:
        message = f"the body is not valid JSON: {error}{_hint(body, error.pos)}"
        raise RequestError(message, code="invalid_json") from None
    if not isinstance(payload, dict):
        raise RequestError("the body must be a JSON object", code="invalid_json")
    return payload


def undisturbed(read: Callable[[bytes | bytearray], T], body: bytes | bytearray) -> T:
    """Read a large body without the collector, which would look through all that was read again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return read(body)
    finally:
        if collecting:
            gc.enable()


def _hint(body: bytes | bytearray, place: int) -> str:
    if not body.strip():
        return "; send the request as a JSON object"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "; JSON is UTF-8"
    if text[place:].startswith(("NaN", "Infinity")) or text[place - 1 : place] == "-":
        return "; JSON has no NaN and no Infinity, leave the field out"
    if text[:1] == "{" and text[place : place + 1] == "'":
        return "; JSON has double quotes only"
    return ""


def write_object(payload: Mapping[str, Any]) -> bytes:
    """A body. Raises RequestError for one built in Python that JSON cannot hold."""
    try:
        return orjson.dumps(payload)
    except TypeError as error:  # orjson's JSONEncodeError; its text names types, never values
        raise RequestError(f"the request cannot be written as JSON: {error}") from error


def write_value(value: Any) -> str:
    """A value of a client's request as JSON text. Raises RequestError for one that is nested too deeply."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise RequestError(f"the request cannot be written as JSON: {error}", code="invalid_json") from None


def too_deep() -> RequestError:
    """For a request that no step for each of its levels can follow."""
    return RequestError("the request is nested too deeply", code="invalid_json")


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


def check_few(values: Sequence[Any], param: str) -> None:
    """Refuse a list of more than `MOST_ITEMS`."""
    if len(values) > MOST_ITEMS:
        raise RequestError(f"{param} has over {MOST_ITEMS} items", code="too_many_items", param=param)


@contextmanager
def only_bad_requests() -> Iterator[None]:
    """For dialects that know no 422: there a missing or mistyped field is a 400, too."""
    try:
        yield
    except RequestError as error:
        error.status = 400
        raise
