"""Requests of OpenAI's API for anything but a chat: from a client's body, and to an upstream's.

As with chats, a request chooses names and never destinations, and every field that is not known here reaches the
upstream as the client wrote it. The `[]` that forms put behind the names of lists is taken off and put on again.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import check_few, mistyped, read_object, read_text, write_object
from g4f.dialects.multipart import MAX_PARTS, Form, is_form, read_form, write_form
from g4f.dialects.openai.request import ROUTING_FIELDS
from g4f.dialects.openai.shapes import FORM_FLAGS, FORM_NUMBERS, SHAPES, Shape, is_tokens
from g4f.errors import RequestError
from g4f.exchange.request import Dialect, File, Operation, Request

#: The most alternatives of a picture or a text; OpenAI's own bound for images.
MAXIMAGES = 10
IMAGES = frozenset({Operation.IMAGE_GENERATION, Operation.IMAGE_EDIT, Operation.IMAGE_VARIATION})
_DATA = re.compile(r"data:([!#$%&'*+.^_`|~0-9A-Za-z/-]{1,100});base64,", re.IGNORECASE)
#: Models that give base64 only and refuse to be asked for it
#: (https://platform.openai.com/docs/api-reference/images/create, `response_format`).
_BASE64_ONLY = re.compile(r"(?:.*/)?(?:chat)?gpt-image", re.IGNORECASE)


def decode_operation(
    operation: Operation, body: bytes | bytearray, *, content_type: str = "application/json", request_id: str
) -> Request:
    """The request in a client's body, JSON or a form. Its `model` is empty where the client leaves the choice to the
    server. Raises RequestError."""
    if is_form(content_type):
        form = read_form(body, content_type=content_type)
        return build_request(operation, _payload(form), form.files, request_id=request_id)
    return build_request(operation, read_object(body), (), request_id=request_id)


def build_request(
    operation: Operation, payload: Mapping[str, Any], files: Sequence[File], *, request_id: str
) -> Request:
    """The request of a payload in OpenAI's words. Raises RequestError."""
    shape = SHAPES[operation]
    body = {name: value for name, value in payload.items() if value is not None}
    files = tuple(_named(file) for file in files)
    if not files and shape.takes_form:
        files = tuple(islice(_files_in(body, shape), MAX_PARTS + 1))
        if len(files) > MAX_PARTS:
            raise RequestError(f"over {MAX_PARTS} files", code="too_many_items", param=shape.files[0])
    model = read_text(body, "model") or ""
    if shape.names_model and not model:
        mistyped("model", "a model name (a string)", missing=True)
    _check(body, shape)
    if shape.needed_file and not any(file.field == shape.needed_file for file in files):
        mistyped(shape.needed_file, "a file, in a body of multipart/form-data", missing=True)
    if operation in IMAGES and not 1 <= body.get("n", 1) <= MAXIMAGES:
        raise RequestError(f"n must be from 1 to {MAXIMAGES}", code="invalid_value", param="n")
    provider, proxy = read_text(body, "provider"), read_text(body, "proxy")
    kept = {name: value for name, value in body.items() if name not in ROUTING_FIELDS and name != "provider"}
    return Request(
        id=request_id,
        model=model,
        payload=kept,
        operation=operation,
        stream=operation is Operation.SPEECH or (shape.streams and kept.get("stream") is True),
        dialect=Dialect.OPENAI,
        files=files,
        provider=provider,
        proxy=proxy,
    )


def is_raw(operation: Operation, payload: Mapping[str, Any]) -> bool:
    """Whether the answer is a file that is passed on as it comes, and no text or events."""
    return operation is Operation.SPEECH and payload.get("stream_format") != "sse"


def encode_operation(request: Request, *, model: str) -> Outgoing:
    """What an upstream of the same dialect gets."""
    shape = SHAPES[request.operation]
    payload = {**request.payload, "model": model}
    if request.operation in IMAGES and _BASE64_ONLY.match(model):
        payload.pop("response_format", None)  # what the client wants is made of what comes
    if not shape.takes_form:
        return Outgoing(path=shape.path, body=write_object(payload))
    several = len([file for file in request.files if file.field == shape.needed_file]) > 1
    files = [_listed(file, several=several and file.field == shape.needed_file) for file in request.files]
    content_type, body = write_form(_form_fields(payload), files)
    return Outgoing(path=shape.path, body=body, content_type=content_type)


def _check(body: Mapping[str, Any], shape: Shape) -> None:
    for name in shape.needed:
        if name not in body:
            mistyped(name, shape.fields[name][1], missing=True)
    for name, (fits, wanted) in shape.fields.items():
        if name in body and not fits(body[name]):
            mistyped(name, wanted)
        if isinstance(body.get(name), list) and not is_tokens(body[name]):
            check_few(body[name], name)
    for name in shape.needed:
        if not body[name]:
            raise RequestError(f"{name} must not be empty", code="invalid_value", param=name)
    for name in ("n", "dimensions", "top_n"):
        if name in body and name in shape.fields and body[name] < 1:
            raise RequestError(f"{name} must be at least 1", code="invalid_value", param=name)


def _payload(form: Form) -> dict[str, Any]:
    """The fields of a form as JSON would have them."""
    payload: dict[str, Any] = {}
    for written, text in form.fields:
        name = written.removesuffix("[]")
        value = _value(name, text)
        if name in payload:
            before = payload[name]
            payload[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            payload[name] = [value] if written.endswith("[]") else value
    return payload


def _value(name: str, text: str) -> Any:
    if name in FORM_FLAGS and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if name in FORM_NUMBERS:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text  # refused by name where its type is checked
    return text


def _form_fields(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in payload.items():
        if isinstance(value, list):
            for item in value:
                yield f"{name}[]", _written(item)
        else:
            yield name, _written(value)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _named(file: File) -> File:
    name = file.field.removesuffix("[]")
    return (
        file
        if name == file.field
        else File(field=name, content=file.content, name=file.name, media_type=file.media_type)
    )


def _listed(file: File, *, several: bool) -> File:
    if not several:
        return file
    return File(field=f"{file.field}[]", content=file.content, name=file.name, media_type=file.media_type)


def _files_in(body: dict[str, Any], shape: Shape) -> Iterator[File]:
    """The files that a JSON body holds as `data:` URLs; their fields are taken out of it."""
    for field in shape.files:
        for name in (field, f"{field}s"):
            held = body.pop(name, None)
            for item in held if isinstance(held, list) else [held]:
                url = item.get("image_url") if isinstance(item, dict) else item
                if url is not None:
                    yield _file(field, url)


def _file(field: str, url: Any) -> File:
    found = _DATA.match(url) if isinstance(url, str) else None
    try:
        content = base64.b64decode(url[found.end() :], validate=True) if found else b""
    except (ValueError, binascii.Error):
        content = b""
    if found is None or not content:
        message = f"{field} must be a file of a form, or a data: URL with base64"
        raise RequestError(message, code="invalid_image_url", param=field)
    kind = found[1].lower()
    return File(field=field, content=content, name=f"file.{kind.rpartition('/')[2]}", media_type=kind)
