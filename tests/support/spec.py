"""OpenAI's published OpenAPI document, which lies beside the checkout, and answers held against it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_PLACE = "shared/spec/openapi_openai.json"
_URI = "urn:openai"

Json = Mapping[str, Any]


@cache
def document() -> Json | None:
    """The document; None where it is not there."""
    for parent in Path(__file__).resolve().parents:
        if (file := parent / _PLACE).is_file():
            parsed: Json = orjson.loads(file.read_bytes())
            return parsed
    return None


class Spec:
    """The shapes of the document, by name."""

    def __init__(self, document: Json) -> None:
        self._shapes: Json = {name: _nullable(shape) for name, shape in document["components"]["schemas"].items()}
        contents = {"components": {"schemas": self._shapes}}
        self._registry = Registry().with_resource(_URI, DRAFT202012.create_resource(contents))
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}

    def check(self, answer: Any, name: str) -> None:
        """Raises AssertionError that says what of an answer is not as its shape wants it."""
        validator = self._validators.get(name)
        if validator is None:
            shape = {"$ref": f"{_URI}#/components/schemas/{name}"}
            validator = self._validators[name] = jsonschema.Draft202012Validator(shape, registry=self._registry)
        if validator.is_valid(answer):
            return
        wrong = best_match(validator.iter_errors(answer))
        assert wrong is not None
        raise AssertionError(f"{name}{wrong.json_path[1:]}: {wrong.message[:500]} in {json.dumps(answer)[:2000]}")

    def check_event(self, event: Json, name: str) -> None:
        """An event against the shape of its `type` among those that the stream `name` may have."""
        for option in self._shapes[name]["anyOf"]:
            shape = option["$ref"].rpartition("/")[2]
            if event["type"] in self._shapes[shape]["properties"]["type"]["enum"]:
                self.check(event, shape)
                return
        raise AssertionError(f"{name} has no event {event['type']}")


def _nullable(shape: Any) -> Any:
    """A shape whose nulls are said as JSON Schema says them; some of them are in the words of OpenAPI 3.0."""
    if isinstance(shape, list):
        return [_nullable(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    told = {name: _nullable(item) for name, item in shape.items() if name != "nullable"}
    return {"anyOf": [told, {"type": "null"}]} if shape.get("nullable") is True else told
