"""The OpenAPI document (3.1) of this server, made of the table of its routes."""

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from g4f.api.openapi.schemas import SCHEMAS
from g4f.api.openapi.table import TABLE, Described
from g4f.api.openapi.words import TEXT, ref
from g4f.exchange.failure import ANSWERS
from g4f.version import __version__

_VARIABLE = re.compile(r"\{(\w+)\}")
#: The statuses of refusals that any route may give, whoever asks for what.
_ANYWHERE = frozenset({400, 401, 403, 404, 405, 429, 500, 503})
#: Those of a body that cannot be read.
_OF_A_BODY = frozenset({408, 413, 415, 417, 422})
#: Those of HTTP that may be read in two ways.
_OF_HTTP = frozenset({501, 505})


@cache
def document() -> Mapping[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for place, described in TABLE.items():
        method, path = place.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, described)
    return {
        "openapi": "3.1.0",
        "info": {"title": "g4f", "version": __version__, "summary": "One endpoint over any mix of LLM providers."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, "Text": TEXT},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "g4f-api-key": {"type": "apiKey", "in": "header", "name": "g4f-api-key"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{"bearer": []}, {"g4f-api-key": []}, {"x-api-key": []}],
    }


def statuses(described: Described) -> frozenset[int]:
    """The statuses of errors that an operation may answer with."""
    found = _ANYWHERE | _OF_HTTP
    if described.takes:
        found |= _OF_A_BODY
    if described.takes or described.tag == "Models":
        found |= {answer.status for answer in ANSWERS.values()}
    return found


def _operation(method: str, path: str, described: Described) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _identifier(method, path),
        "summary": described.does,
        "tags": [described.tag],
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": TEXT} for name in _VARIABLE.findall(path)),
            *(
                {"name": name, "in": "query", "description": meaning, "schema": TEXT}
                for name, meaning in described.query.items()
            ),
        ],
        "responses": {
            "200": {"description": "OK", "content": _content(described.gives)},
            **{str(status): {"description": HTTPStatus(status).phrase} for status in described.also},
            **_errors(described),
        },
    }
    if described.takes:
        operation["requestBody"] = {"required": True, "content": _content(described.takes)}
    if described.open:
        operation["security"] = []
    return operation


def _errors(described: Described) -> dict[str, Any]:
    content = _content({"application/json": described.fails})
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted(statuses(described))
    }


def _content(schemas: Mapping[str, str]) -> dict[str, Any]:
    return {media_type: {"schema": ref(name)} for media_type, name in schemas.items()}


def _identifier(method: str, path: str) -> str:
    """A name for generated clients: `post_v1_chat_completions`."""
    return "_".join([method.lower(), *re.findall(r"\w+", f"{path}index" if path.endswith("/") else path)])
