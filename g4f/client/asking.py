"""From the arguments of a call to a request: the daemon's own decoder checks it, so both refuse the same."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from g4f.client.content import media_of, with_media
from g4f.client.types import Message
from g4f.dialects.openai.request import decode_request
from g4f.errors import RequestError
from g4f.exchange.request import Request

#: Arguments that tell this library something, and are no fields of a request. Providers written in Python see them.
#: Those of the second half are g4f's for single providers: sessions among them belong to no other.
CONTROLS: Final = frozenset(
    {
        "api_key",
        "base_url",
        "download_media",
        "ignore_stream",
        "ignore_working",
        "ignored",
        "image",
        "image_name",
        "images",
        "media",
        "proxy",
        "raw",
        "stream_timeout",
        "timeout",
        "access_token",
        "auth",
        "browser",
        "conversation",
        "cookies",
        "headers",
        "history_disabled",
        "impersonate",
        "tool_emulation",
        "use_stream_timeout",
        "webdriver",
    }
)
#: g4f's switch for a search of its own: off means nothing, on is for the provider to understand or to refuse.
_SEARCH: Final = "web_search"
#: What a request is checked with where its real model is an empty name.
_NO_NAME: Final = "default"


def chat_request(
    model: str,
    messages: Any,
    *,
    stream: bool,
    fields: Mapping[str, Any],
    pins: tuple[str, ...] | None,
    objects: bool,
) -> Request:
    """The request of a chat. `objects` says that it may hold what JSON cannot. Raises RequestError."""
    said = _messages(messages)
    media = media_of(fields)
    given = {name: value for name, value in fields.items() if value is not None and (value or name != _SEARCH)}
    body = {name: value for name, value in given.items() if name not in CONTROLS and name != "extra_body"}
    extra = given.get("extra_body") or {}
    if not isinstance(extra, Mapping):
        raise RequestError("extra_body must be a mapping", status=422, param="extra_body")
    body = {**body, **extra, "messages": with_media(said, media), "model": model or _NO_NAME, "stream": stream}
    request = decode_request(_json(body, objects), request_id=f"req_{uuid.uuid4().hex}")
    extras = {**given, "messages": said} if objects else None
    if extras is not None and media:
        extras["media"] = media
    return replace(request, model=model, provider=pins, extras=extras)


def _messages(messages: Any) -> list[Mapping[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    if isinstance(messages, Mapping | bytes | bytearray) or not isinstance(messages, Sequence):
        kind = type(messages).__name__
        raise RequestError(f"messages must be a list of messages or a string, not {kind}", status=422, param="messages")
    return [_message(message, place) for place, message in enumerate(messages)]


def _message(message: Any, place: int) -> Mapping[str, Any]:
    if isinstance(message, Message) and "parsed" in message:  # this library's own, which no server knows
        return message.model_dump(exclude=["parsed"])
    if isinstance(message, Mapping):
        return message
    try:
        plain: Mapping[str, Any] = _plain(message)
    except TypeError:
        problem = f"messages[{place}] must be a message with a role and content, not {type(message).__name__}"
        raise RequestError(problem, status=422, param=f"messages[{place}]") from None
    return plain


def limit_of(fields: Mapping[str, Any]) -> float | None:
    """The seconds of a call's `timeout`. Raises RequestError."""
    seconds = fields.get("timeout")
    if seconds is not None and (type(seconds) not in (int, float) or not seconds > 0):
        raise RequestError("timeout must be a number of seconds above 0", status=422, param="timeout")
    return seconds


def _json(body: Mapping[str, Any], objects: bool) -> bytes:
    """The body as JSON. What JSON cannot hold is left out if a provider written in Python gets it as it is."""
    try:
        return orjson.dumps(body, default=_plain)
    except TypeError:
        odd = [name for name, value in body.items() if not _writable(value)]
        if not objects or "messages" in odd:
            names, form = ", ".join(odd), body.get("response_format")
            hint = "; chat.completions.parse() takes a pydantic model" if isinstance(form, type) else ""
            raise RequestError(f"{names} cannot be written as JSON{hint}", status=422, param=odd[0]) from None
        return orjson.dumps({name: value for name, value in body.items() if name not in odd}, default=_plain)


def _writable(value: Any) -> bool:
    try:
        orjson.dumps(value, default=_plain)
    except TypeError:
        return False
    return True


def _plain(value: Any) -> Any:
    """The messages and tools of other SDKs are pydantic models."""
    dump = getattr(value, "model_dump", None)
    if dump is None or isinstance(value, type):
        raise TypeError(type(value).__name__)
    return dump(exclude_none=True)
