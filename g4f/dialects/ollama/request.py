"""A client's request to Ollama, decoded into the hub: a chat, or a text to go on with."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects.fields import check_few, mistyped, read_model, read_object, write_value
from g4f.dialects.ollama.wire import GENERATE, OPTIONS, Json
from g4f.dialects.waiting import Waiting
from g4f.errors import RequestError
from g4f.exchange.capability import needs_of
from g4f.exchange.request import Dialect, Request

#: The first characters of a picture's base64, which has no type of its own beside it.
_PICTURES = (("iVBOR", "image/png"), ("/9j/", "image/jpeg"), ("R0lG", "image/gif"), ("UklG", "image/webp"))

_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "stream": ((bool,), "true or false"),
    "options": ((dict,), "an object"),
    "tools": ((list,), "a list of tools"),
    "messages": ((list,), "a list of messages"),
    "prompt": ((str,), "a string"),
    "system": ((str,), "a string"),
    "suffix": ((str,), "a string"),
    "images": ((list,), "a list of strings"),
    "format": ((str, dict), '"json" or a JSON schema'),
    "think": ((bool, str), 'true, false, "low", "medium" or "high"'),
    "logprobs": ((bool,), "true or false"),
    "top_logprobs": ((int,), "an integer"),
}
_CALLS = "a list of calls, each with a function that has a name"
#: How long Ollama keeps a model in memory has no bearing on the answer.
_KNOWN = frozenset({*_TYPES, "model", "keep_alive"})


def decode_request(body: bytes | bytearray, *, request_id: str, call: str) -> Request:
    """The request in `body` to `/api/{call}`. Raises RequestError."""
    native = read_object(body)
    model = read_model(native)
    for key, (kinds, wanted) in _TYPES.items():
        if native.get(key) is not None and type(native[key]) not in kinds:
            mistyped(key, wanted)
    generate = call == GENERATE
    native.pop("messages" if generate else "prompt", None)
    payload: Json = {"model": model, "messages": list(_prompted(native) if generate else _messages(native))}
    if not payload["messages"]:
        raise RequestError(
            "there is nothing to answer", code="invalid_value", param="prompt" if generate else "messages"
        )
    lost = [*_options(native, payload), *_fields(native, payload)]
    stream = native.get("stream") is not False
    if stream:
        payload["stream"] = True
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        stream=stream,
        dialect=Dialect.OLLAMA,
        native=native,
        lost=tuple(lost),
        needs=needs_of(payload),
    )


def loads_only(native: Mapping[str, Any]) -> bool:
    """Whether a body asks for nothing but that its model be loaded, or dropped from memory."""
    return not native.get("messages") and not native.get("prompt") and not native.get("images")


def _prompted(native: Mapping[str, Any]) -> Iterator[Json]:
    """The messages of a prompt."""
    if native.get("system"):
        yield {"role": "system", "content": native["system"]}
    if native.get("suffix"):
        # What is to stand between two texts is no chat: only Ollama itself can be asked.
        yield {"role": "user", "content": [{"type": "suffix", "suffix": native["suffix"]}]}
    if native.get("prompt") or native.get("images"):
        yield {"role": "user", "content": _content(native.get("prompt") or "", native.get("images"), "images")}


def _messages(native: Mapping[str, Any]) -> Iterator[Json]:
    if "messages" not in native:
        mistyped("messages", "a list of messages", missing=True)
    messages = native["messages"] or ()
    for position, message in enumerate(messages):
        _check_message(message, f"messages[{position}]")
    made = itertools.count()
    waiting = Waiting()
    for position, message in enumerate(messages):
        if message["role"] == "tool":
            text, place = message.get("content") or "", f"messages[{position}].images"
            content = _content(text, message.get("images"), place)
            yield {"role": "tool", "tool_call_id": _answered(message, waiting), "content": content}
            continue
        decoded = _message(message, f"messages[{position}]", made)
        calls = decoded.get("tool_calls")
        if calls:
            waiting = Waiting((call["id"], call["function"]["name"]) for call in calls)
        yield decoded


def _check_message(message: Any, place: str) -> None:
    if not isinstance(message, dict):
        mistyped(place, "an object")
    if not isinstance(message.get("role"), str):
        mistyped(f"{place}.role", "a string", missing="role" not in message)
    if not isinstance(message.get("content"), str | None):
        mistyped(f"{place}.content", "a string")


def _message(message: Json, place: str, made: Iterator[int]) -> Json:
    """One message that is no result of a tool."""
    role, text = message["role"], message.get("content") or ""
    decoded: Json = {"role": role, "content": _content(text, message.get("images"), f"{place}.images")}
    if role != "assistant":
        return decoded
    if message.get("thinking"):
        decoded["reasoning_content"] = message["thinking"]
    called = message.get("tool_calls") or []
    if not isinstance(called, list):
        mistyped(f"{place}.tool_calls", _CALLS)
    calls = [_call(call, f"{place}.tool_calls", made) for call in called]
    if calls:
        decoded["tool_calls"] = calls
        decoded["content"] = decoded["content"] or None
    return decoded


def _call(call: Any, place: str, made: Iterator[int]) -> Json:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        mistyped(place, _CALLS)
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else write_value(arguments or {})
    own = call.get("id")
    call_id = own if isinstance(own, str) and own else f"call_{next(made)}"
    return {"id": call_id, "type": "function", "function": {"name": function["name"], "arguments": text}}


def _answered(message: Json, waiting: Waiting) -> str:
    """The id of the call that a tool's message answers. Ollama's older clients have none: results are matched by name,
    then by order."""
    own, name = message.get("tool_call_id"), message.get("tool_name") or message.get("name")
    call = waiting.take(own, name) or waiting.next()
    return call or (own if isinstance(own, str) and own else "call_0")


def _content(text: str, images: Any, place: str) -> str | list[Json]:
    if not images:
        return text
    if isinstance(images, list):
        check_few(images, place)
    if not isinstance(images, list) or not all(isinstance(image, str) for image in images):
        mistyped(place, "a list of pictures in base64")
    parts: list[Json] = [{"type": "text", "text": text}] if text else []
    return parts + [{"type": "image_url", "image_url": {"url": _picture(image)}} for image in images]


def _picture(image: str) -> str:
    if image.startswith("data:"):
        return image
    kind = next((kind for start, kind in _PICTURES if image.startswith(start)), "image/png")
    return f"data:{kind};base64,{image}"


def _options(native: Mapping[str, Any], payload: Json) -> list[str]:
    lost = []
    for name, value in (native.get("options") or {}).items():
        word = OPTIONS.get(name)
        if word is None:
            lost.append(f"options.{name}")
        elif value is not None and not (word == "max_tokens" and (type(value) is not int or value < 1)):
            _check_option(word, value, name)
            payload[word] = value  # a num_predict below one means no limit
    return lost


def _check_option(word: str, value: Any, name: str) -> None:
    """Numbers are numbers, and what ends an answer is text. Raises RequestError."""
    if word != "stop":
        if isinstance(value, bool) or not isinstance(value, int | float):
            mistyped(f"options.{name}", "a number")
    elif not isinstance(value, str) and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
        mistyped(f"options.{name}", "a list of strings")


def _fields(native: Mapping[str, Any], payload: Json) -> list[str]:
    """The other fields; the names of those that only Ollama knows are returned."""
    if native.get("tools"):
        payload["tools"] = native["tools"]
    wanted = native.get("format")
    if wanted == "json":
        payload["response_format"] = {"type": "json_object"}
    elif isinstance(wanted, dict) and wanted:
        schema = {"name": "answer", "schema": wanted}
        payload["response_format"] = {"type": "json_schema", "json_schema": schema}
    think = native.get("think")
    if think:
        payload["reasoning_effort"] = think if isinstance(think, str) else "medium"
    for name in ("logprobs", "top_logprobs"):
        if native.get(name):
            payload[name] = native[name]
    return [name for name, value in native.items() if name not in _KNOWN and value]
