"""Requests of OpenAI's Responses API: from a client's body into the hub's words.

The client's own body is kept for upstreams of the same dialect. What chat completions have no words for (built-in
tools, stored prompts, ...) is named in `Request.lost`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from g4f.dialects.fields import mistyped, read_model, read_object, read_text
from g4f.dialects.responses.input import as_items, messages_of
from g4f.errors import RequestError
from g4f.exchange.capability import needs_of
from g4f.exchange.request import Dialect, Request

Json = dict[str, Any]

#: Fields with the same name and meaning in chat completions.
_SAME = (
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "metadata",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "user",
)
_NUMBERS = frozenset({"temperature", "top_p"})
#: Fields that only an upstream of the same dialect understands.
_LOST = ("prompt", "max_tool_calls", "truncation", "context_management", "moderation")
#: Fields that choose a route or a credential, in this program's or a client library's words.
_ROUTE = frozenset({"provider", "proxy", "api_key", "base_url", "conversation_id"})


def decode_request(body: bytes | bytearray, *, request_id: str) -> Request:
    """The request in a body of `POST /v1/responses`. Raises RequestError."""
    native = read_object(body)
    model = read_model(native)
    if "input" not in native and "prompt" not in native:
        mistyped("input", "a string or a list of items", missing=True)
    if native.get("input") in ("", []) and "prompt" not in native:
        raise RequestError("input must not be empty", code="invalid_value", param="input")
    if native.get("background"):
        raise RequestError("background responses are not supported", code="unsupported", param="background")
    if native.get("conversation") is not None:
        message = "conversations of the Responses API are not kept here; use previous_response_id"
        raise RequestError(message, code="unsupported", param="conversation")
    lost: list[str] = [name for name in _LOST if native.get(name) not in (None, "disabled")]
    payload = _payload(native, lost)
    provider, proxy = read_text(native, "provider"), read_text(native, "proxy")
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        stream=native.get("stream") is True,
        dialect=Dialect.OPENAI_RESPONSES,
        native={key: value for key, value in native.items() if key not in _ROUTE},
        lost=tuple(lost),
        provider=provider,
        proxy=proxy,
        needs=needs_of(payload),
    )


def going_on(request: Request, history: Sequence[Json]) -> Request:
    """The request with the `history` of an earlier one in front. Raises RequestError."""
    native = {**(request.native or {})}
    native["input"] = [*history, *as_items(native.get("input"))]
    lost: list[str] = []
    payload = _payload(native, lost)
    return replace(
        request,
        native=native,
        payload=payload,
        lost=tuple(dict.fromkeys((*request.lost, *lost))),
        needs=needs_of(payload),
    )


def _payload(native: Mapping[str, Any], lost: list[str]) -> Json:
    payload: Json = {"model": native["model"]}
    instructions = read_text(native, "instructions")
    head = [{"role": "system", "content": instructions}] if instructions else []
    payload["messages"] = [*head, *messages_of(native.get("input"), lost)]
    for name in _SAME:
        value = native.get(name)
        if value is not None:
            if name in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
                mistyped(name, "a number")
            payload[name] = value
    if native.get("max_output_tokens") is not None:
        payload["max_completion_tokens"] = _count(native, "max_output_tokens")
    _add_text(payload, native)
    _add_reasoning(payload, native)
    _add_logprobs(payload, native)
    _add_tools(payload, native, lost)
    if native.get("stream") is not None:
        payload["stream"] = _flag(native, "stream")
    return payload


def _count(native: Mapping[str, Any], name: str) -> int:
    value = native[name]
    if type(value) is not int or value < 1:
        mistyped(name, "a positive integer")
    return value


def _flag(native: Mapping[str, Any], name: str) -> bool:
    value = native[name]
    if not isinstance(value, bool):
        mistyped(name, "true or false")
    return value


def _object(native: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = native.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        mistyped(name, "an object")
    return value


def _add_text(payload: Json, native: Mapping[str, Any]) -> None:
    """`text.format` is chat's `response_format`, with the schema one level higher."""
    text = _object(native, "text")
    wanted = _object(text, "format")
    match wanted.get("type"):
        case "json_schema":
            schema = {key: value for key, value in wanted.items() if key != "type" and value is not None}
            payload["response_format"] = {"type": "json_schema", "json_schema": schema}
        case "json_object":
            payload["response_format"] = {"type": "json_object"}
    if text.get("verbosity") is not None:
        payload["verbosity"] = text["verbosity"]


def _add_reasoning(payload: Json, native: Mapping[str, Any]) -> None:
    effort = _object(native, "reasoning").get("effort")
    if effort is not None:
        payload["reasoning_effort"] = effort


def _add_logprobs(payload: Json, native: Mapping[str, Any]) -> None:
    wanted = native.get("include")
    top = native.get("top_logprobs")
    if (isinstance(wanted, list) and "message.output_text.logprobs" in wanted) or top:
        payload["logprobs"] = True
        if top:
            payload["top_logprobs"] = top


def _add_tools(payload: Json, native: Mapping[str, Any], lost: list[str]) -> None:
    tools = native.get("tools")
    if tools is None:
        return
    if not isinstance(tools, list):
        mistyped("tools", "a list")
    known = list(_tools(tools, lost))
    if not known:
        return
    payload["tools"] = known
    choice = _choice(native.get("tool_choice"), lost)
    if choice is not None:
        payload["tool_choice"] = choice


def _tools(tools: list[Any], lost: list[str]) -> Iterator[Json]:
    for position, tool in enumerate(tools):
        if not isinstance(tool, dict):
            mistyped(f"tools[{position}]", "an object")
        rest = {key: value for key, value in tool.items() if key != "type" and value is not None}
        match tool.get("type"):
            case "function":
                if not isinstance(tool.get("name"), str):
                    mistyped(f"tools[{position}].name", "a string", missing="name" not in tool)
                yield {"type": "function", "function": rest}
            case "custom":
                yield {"type": "custom", "custom": rest}
            case kind:
                lost.append(f"tools.{kind}")


def _choice(choice: Any, lost: list[str]) -> Any:
    if isinstance(choice, str | None):
        return choice
    if not isinstance(choice, dict):
        mistyped("tool_choice", "a string or an object")
    if choice.get("type") == "allowed_tools":
        tools = choice.get("tools")
        named = [_named(tool, lost) for tool in tools] if isinstance(tools, list) else []
        return {"type": "allowed_tools", "allowed_tools": {"mode": choice.get("mode", "auto"), "tools": named}}
    return _named(choice, lost)


def _named(tool: Any, lost: list[str]) -> Json | None:
    """One tool of the client's, by its name."""
    kind = tool.get("type") if isinstance(tool, dict) else None
    if kind in ("function", "custom"):
        return {"type": kind, kind: {"name": tool.get("name")}}
    lost.append("tool_choice")
    return None
