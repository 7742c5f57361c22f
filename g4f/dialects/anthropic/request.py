"""A client's Messages request, decoded into the hub.

What the hub has no words for is named in `lost`. What the request would mean something else without (a source to
search, a tool of the server's that it is all about) stays where it was, for upstreams of other dialects to refuse.
"""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.anthropic.turns import Turns
from g4f.dialects.anthropic.wire import VERSION_HEADER
from g4f.dialects.fields import mistyped, read_model, read_object
from g4f.errors import RequestError
from g4f.exchange.capability import needs_of
from g4f.exchange.request import Dialect, Operation, Request

Json = dict[str, Any]

#: Headers that choose how Anthropic's API behaves. The longest seen are a few hundred characters.
_PASSED = (VERSION_HEADER, "anthropic-beta")
_LONGEST_HEADER = 2048

_NUMBER = (int, float)
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "system": ((str, list), "a string or a list of blocks"),
    "stream": ((bool,), "true or false"),
    "temperature": (_NUMBER, "a number"),
    "top_p": (_NUMBER, "a number"),
    "top_k": ((int,), "an integer"),
    "stop_sequences": ((list,), "a list of strings"),
    "tools": ((list,), "a list of tools"),
    "tool_choice": ((dict,), "an object"),
    "metadata": ((dict,), "an object"),
    "thinking": ((dict,), "an object"),
    "output_config": ((dict,), "an object"),
}
_DECODED = frozenset({*_TYPES, "model", "messages", "max_tokens", "output_format", "service_tier"})

#: Thinking budgets up to these many tokens, as an effort; above the last one it is `high`.
_EFFORTS = ((2048, "low"), (8192, "medium"))


def decode_request(
    body: bytes | bytearray, *, request_id: str, headers: Mapping[str, str], operation: Operation = Operation.CHAT
) -> Request:
    """The chat in `body`, or the one whose tokens are to be counted. Raises RequestError."""
    native = read_object(body)
    model = read_model(native)
    _check(native, counted=operation is not Operation.CHAT)
    payload, lost = _to_hub(native)
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        operation=operation,
        stream=native.get("stream") is True and operation is Operation.CHAT,
        dialect=Dialect.ANTHROPIC,
        native=native,
        lost=lost,
        passed=_passed(headers),
        needs=needs_of(payload),
    )


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    getall = getattr(headers, "getall", None)
    found = {}
    for name in _PASSED:
        value = ",".join(getall(name, ())) if getall is not None else headers.get(name, "")
        if value and len(value) <= _LONGEST_HEADER and value.isascii() and value.isprintable():
            found[name] = value
    return found


def _check(native: Mapping[str, Any], *, counted: bool) -> None:
    for key, (kinds, wanted) in _TYPES.items():
        value = native.get(key)
        if value is not None and type(value) not in kinds:
            mistyped(key, wanted)
    if not counted:
        most = native.get("max_tokens")
        if type(most) is not int:
            mistyped("max_tokens", "an integer", missing="max_tokens" not in native)
        if most < 0:
            raise RequestError("max_tokens must not be negative", code="invalid_value", param="max_tokens")
    for position, tool in enumerate(native.get("tools") or ()):
        if not isinstance(tool, dict):
            mistyped(f"tools[{position}]", "an object")
    if not all(isinstance(stop, str) for stop in native.get("stop_sequences") or ()):
        mistyped("stop_sequences", "a list of strings")
    _check_messages(native)


def _check_messages(native: Mapping[str, Any]) -> None:
    messages = native.get("messages")
    if not isinstance(messages, list):
        mistyped("messages", "a list of messages", missing="messages" not in native)
    if not messages:
        raise RequestError("messages: at least one message is required", code="invalid_value", param="messages")
    for position, message in enumerate(messages):
        place = f"messages[{position}]"
        if not isinstance(message, dict):
            mistyped(place, "an object")
        if message.get("role") not in ("user", "assistant", "system"):
            mistyped(f"{place}.role", "user, assistant or system", missing="role" not in message)
        content = message.get("content")
        if not isinstance(content, str | list):
            mistyped(f"{place}.content", "a string or a list of blocks", missing="content" not in message)
        for number, block in enumerate(content if isinstance(content, list) else ()):
            if not isinstance(block, dict) or not isinstance(block.get("type"), str):
                mistyped(f"{place}.content[{number}]", "a block with a type")


def _to_hub(native: Mapping[str, Any]) -> tuple[Json, tuple[str, ...]]:
    turns = Turns()
    turns.add_system(native.get("system"))
    for message in native["messages"]:
        turns.add(message)
    lost = dict.fromkeys(turns.lost)
    payload: Json = {"model": native["model"], "messages": turns.messages}
    for key, word in (("max_tokens", "max_tokens"), ("stop_sequences", "stop"), ("stream", "stream")):
        if native.get(key):
            payload[word] = native[key]
    for key in ("temperature", "top_p", "top_k"):
        if native.get(key) is not None:
            payload[key] = native[key]
    _tools(native, payload, lost)
    _effort(native, payload)
    _format(native, payload)
    user = (native.get("metadata") or {}).get("user_id")
    if isinstance(user, str) and user:
        payload["user"] = user
    tier = native.get("service_tier")
    if tier is not None:
        payload["service_tier"] = "default" if tier == "standard_only" else "auto"
    lost.update(dict.fromkeys(key for key in native if key not in _DECODED and native[key] is not None))
    return payload, tuple(lost)


def _tools(native: Mapping[str, Any], payload: Json, lost: dict[str, None]) -> None:
    """Tools of the client's are functions. Tools of the server's are lost, unless there is nothing else to call."""
    functions: list[Json] = []
    others: list[Json] = []
    for tool in native.get("tools") or ():
        if "cache_control" in tool:
            lost["cache_control"] = None
        (functions if tool.get("type") in (None, "custom") else others).append(tool)
    choice = native.get("tool_choice") or {}
    forced = choice.get("name") if choice.get("type") == "tool" else None
    if others and (not functions or any(tool.get("name") == forced for tool in others if forced)):
        payload["tools"] = [*map(_function, functions), *others]
    elif functions:
        payload["tools"] = [_function(tool) for tool in functions]
        lost.update(dict.fromkeys(f"tools.{tool['type']}" for tool in others))
    if not payload.get("tools"):
        return
    match choice.get("type"):
        case "any":
            payload["tool_choice"] = "required"
        case "auto" | "none" as word:
            payload["tool_choice"] = word
        case "tool":
            payload["tool_choice"] = {"type": "function", "function": {"name": forced}}
    if choice.get("disable_parallel_tool_use") is True:
        payload["parallel_tool_calls"] = False


def _function(tool: Mapping[str, Any]) -> Json:
    function: Json = {"name": tool.get("name")}
    if tool.get("description"):
        function["description"] = tool["description"]
    function["parameters"] = tool.get("input_schema") or {"type": "object", "properties": {}}
    if tool.get("strict") is True:
        function["strict"] = True
    return {"type": "function", "function": function}


def _effort(native: Mapping[str, Any], payload: Json) -> None:
    """How much to think: the effort that is asked for, or the one that a budget comes to."""
    effort = (native.get("output_config") or {}).get("effort")
    thinking = native.get("thinking") or {}
    budget = thinking.get("budget_tokens")
    if isinstance(effort, str):
        payload["reasoning_effort"] = "xhigh" if effort == "max" else effort
    elif thinking.get("type") == "enabled" and isinstance(budget, int):
        payload["reasoning_effort"] = next((word for most, word in _EFFORTS if budget <= most), "high")


def _format(native: Mapping[str, Any], payload: Json) -> None:
    """Structured output; `output_format` is the name it had as a beta."""
    wanted = (native.get("output_config") or {}).get("format") or native.get("output_format")
    if isinstance(wanted, dict) and isinstance(wanted.get("schema"), dict):
        schema = {"name": "answer", "schema": wanted["schema"]}
        payload["response_format"] = {"type": "json_schema", "json_schema": schema}
