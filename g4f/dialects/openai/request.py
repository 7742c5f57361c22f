"""Chat requests of OpenAI's dialect: from a client's body, and to an upstream's.

A request chooses names, never destinations or credentials: the fields that would are taken out here. Every
other field, known or not, reaches an upstream as the client wrote it. Only what no upstream could make
sense of is refused: text that is not JSON and impossible values with 400, missing and mistyped fields with
422 and their place.
"""

import re
from collections.abc import Mapping
from operator import methodcaller
from typing import Any

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import LARGEST_EXACT, check_few, mistyped, read_object, read_text, write_object
from g4f.dialects.hub import unsupported
from g4f.dialects.openai.foreign import cleaned
from g4f.dialects.openai.wire import with_usage
from g4f.errors import RequestError
from g4f.exchange.capability import NEEDING, needs_of
from g4f.exchange.request import Dialect, Operation, ReasoningNames, Request

#: Where chats are asked for, below the base URL.
CHATS = "/chat/completions"

ROUTING_FIELDS = frozenset(
    {
        "api_base",
        "api_endpoint",
        "api_key",
        "base_url",
        "cache",
        "conversation",
        "conversation_id",
        "default_headers",
        "extra_headers",
        "extra_query",
        "headers",
        "organization",
        "project",
        "reasoning_names",
        "proxies",
        "proxy",
    }
)
"""Fields that select a destination, a credential or a place to keep the conversation, in g4f's or a client
library's words.
"""

_ROUTING = ROUTING_FIELDS | {"provider"}

_BOOL, _LIST, _OBJECT, _NUMBER = frozenset({bool}), frozenset({list}), frozenset({dict}), frozenset({int, float})
_INTEGER = "an integer"
_TEXT, _TEXT_OR_NONE = frozenset({str}), frozenset({str, type(None)})
_ROLE, _CONTENT = methodcaller("get", "role"), methodcaller("get", "content")
# The JSON types of fields that OpenAI's API documents. Null is always allowed: it stands for leaving it out.
FIELDS: Mapping[str, tuple[frozenset[type], str]] = {
    **dict.fromkeys(("stream", "logprobs", "parallel_tool_calls", "store"), (_BOOL, "true or false")),
    **dict.fromkeys(("tools", "functions", "modalities"), (_LIST, "a list")),
    **dict.fromkeys(("stream_options", "response_format", "logit_bias", "audio"), (_OBJECT, "an object")),
    **dict.fromkeys(("temperature", "top_p", "presence_penalty", "frequency_penalty"), (_NUMBER, "a number")),
    **dict.fromkeys(("n", "max_tokens", "max_completion_tokens", "seed", "top_logprobs"), (_NUMBER, _INTEGER)),
    "tool_choice": (frozenset({str, dict}), "a string or an object"),
}

_NOTHING = frozenset[str]()


_CONVERSATION = re.compile(r"[A-Za-z0-9._:@-]{1,128}")


def decode_request(body: bytes | bytearray, *, request_id: str, conversation: str | None = None) -> Request:
    """The chat request in `body`, which continues `conversation` unless it names one itself. Raises `RequestError`."""
    payload = read_object(body)
    model = read_text(payload, "model") or ""
    _check_fields(payload)
    texts = _check_messages(payload)
    provider, proxy, names, cache = None, None, None, None
    if not _ROUTING.isdisjoint(payload):
        provider = _provider(payload)
        proxy = read_text(payload, "proxy")
        conversation = read_text(payload, "conversation_id") or conversation
        names, cache = _reasoning_names(payload), _cache_control(payload)
        if not isinstance(payload.get("provider"), dict):
            payload.pop("provider", None)
        payload = {key: value for key, value in payload.items() if key not in ROUTING_FIELDS}
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        stream=payload.get("stream") is True,
        dialect=Dialect.OPENAI,
        provider=provider,
        proxy=proxy,
        conversation=_conversation(conversation),
        reasoning_names=names,
        cache_control=cache,
        needs=_NOTHING if texts and NEEDING.isdisjoint(payload) else needs_of(payload),
    )


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request for an upstream of OpenAI's dialect, asking for the upstream's own `model`: the body of a client of
    the same dialect as it is, that of another one in words that every such upstream knows.

    Raises `RequestError` for a payload built in Python that JSON cannot hold, and `AttemptFailed`.
    """
    if request.operation is not Operation.CHAT:
        raise unsupported(f"OpenAI's dialect has no {request.operation}")
    payload = request.payload
    dropped: tuple[str, ...] = ()
    if request.dialect is not Dialect.OPENAI:
        payload, dropped = cleaned(payload, model=model)
        if request.stream:
            payload = with_usage(payload)  # other dialects have no words to ask for it: they always get it
    if payload.get("model") != model:
        payload = {**payload, "model": model}
    if request.stream != (payload.get("stream") is True):
        payload = {**payload, "stream": request.stream}
    return Outgoing(path=CHATS, body=write_object(payload), dropped=dropped)


def _check_fields(payload: Mapping[str, Any]) -> None:
    for key in FIELDS.keys() & payload.keys():
        value = payload[key]
        if value is None:
            continue
        kinds, wanted = FIELDS[key]
        if type(value) not in kinds:
            mistyped(key, wanted)
        if wanted is _INTEGER and type(value) is float:
            _check_whole(key, value)
    _check_stop(payload.get("stop"))
    n = payload.get("n")
    if n is not None and n < 1:
        raise RequestError("n must be at least 1", code="invalid_value", param="n")


def _check_whole(key: str, value: float) -> None:
    """A number with a fraction, an exponent, or more than 64 bits: reading it would have changed such an integer."""
    if not value.is_integer():
        mistyped(key, _INTEGER)
    if abs(value) > LARGEST_EXACT:
        raise RequestError(f"{key} is too large for an integer", code="invalid_value", param=key)


def _check_stop(stop: Any) -> None:
    parts = stop if isinstance(stop, list) else [stop]
    if stop is not None and not all(isinstance(part, str) for part in parts):
        mistyped("stop", "a string or a list of strings")


def _check_messages(payload: Mapping[str, Any]) -> bool:
    """Whether the messages, which are ones, hold nothing but texts."""
    messages = payload.get("messages")
    if not isinstance(messages, list):
        mistyped("messages", "a list of messages", missing="messages" not in payload)
    if not messages:
        raise RequestError("messages must not be empty", code="invalid_value", param="messages")
    if _only_texts(messages):
        return True
    _check_each(messages)
    return False


def _only_texts(messages: list[Any]) -> bool:
    """Whether all of them are messages with a text or none, as in most requests: found without a step for each, for
    conversations are long."""
    if set(map(type, messages)) != _OBJECT:
        return False
    kinds = set(map(type, map(_ROLE, messages)))
    return kinds == _TEXT and set(map(type, map(_CONTENT, messages))) <= _TEXT_OR_NONE


def _check_each(messages: list[Any]) -> None:
    for position, message in enumerate(messages):
        place = f"messages[{position}]"
        if not isinstance(message, dict):
            mistyped(place, "an object")
        if not isinstance(message.get("role"), str):
            mistyped(f"{place}.role", "a string", missing="role" not in message)
        content = message.get("content")
        if isinstance(content, list):
            check_few(content, f"{place}.content")
        elif not isinstance(content, str | None):
            mistyped(f"{place}.content", "a string or a list of parts")


def _provider(payload: Mapping[str, Any]) -> str | None:
    """The provider that the client pins. An object is OpenRouter's routing preference: for it alone, and no
    pin.
    """
    if isinstance(payload.get("provider"), dict):
        return None
    return read_text(payload, "provider")


def _cache_control(payload: Mapping[str, Any]) -> str | None:
    """The object `cache`, as LiteLLM's clients send it: `{"no-cache": true}`, `{"no-store": true}`."""
    written = payload.get("cache")
    if written is None:
        return None
    if not isinstance(written, dict):
        mistyped("cache", "an object")
    return ", ".join(name for name in ("no-cache", "no-store") if written.get(name) is True) or None


def _reasoning_names(payload: Mapping[str, Any]) -> ReasoningNames | None:
    written = read_text(payload, "reasoning_names")
    try:
        return None if written is None else ReasoningNames(written)
    except ValueError:
        message = f"reasoning_names is one of {', '.join(ReasoningNames)}"
        raise RequestError(message, code="invalid_value", param="reasoning_names") from None


def _conversation(written: str | None) -> str | None:
    if written is not None and _CONVERSATION.fullmatch(written) is None:
        message = "a conversation_id has 1 to 128 letters, digits or . _ : @ -"
        raise RequestError(message, code="invalid_value", param="conversation_id")
    return written
