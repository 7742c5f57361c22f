"""A request of any dialect, written for Cohere's chat (https://docs.cohere.com/reference/chat)."""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.hub import (
    Json,
    calls_of,
    image_url,
    most_tokens,
    parts_of,
    refuse_other_answers,
    said_text,
    schema_of,
    shown_apart,
    text_of,
    unhandled,
    unspoken,
    unsupported,
)
from g4f.exchange.request import Operation, Request

_SAME = {
    "temperature": "temperature",
    "top_p": "p",
    "top_k": "k",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "logprobs": "logprobs",
    # Cohere's own, which clients of OpenAI's dialect may add.
    "documents": "documents",
    "citation_options": "citation_options",
    "safety_mode": "safety_mode",
    "thinking": "thinking",
}
_HANDLED = frozenset(
    {*_SAME, "max_tokens", "max_completion_tokens", "stop", "tools", "tool_choice", "response_format"}
    | {"reasoning_effort"}
)
#: Tokens for each effort; Cohere has budgets and no efforts.
_BUDGETS = {"minimal": 512, "low": 1024, "medium": 4096, "high": 16384, "xhigh": 32768}
_CHOICES = {"required": "REQUIRED", "none": "NONE"}


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request in Cohere's words. Raises AttemptFailed for what it cannot be asked."""
    if request.operation is not Operation.CHAT:
        raise unsupported(f"Cohere's chat has no {request.operation}")
    payload = request.payload
    refuse_other_answers(payload, "Cohere")
    messages = [_message(message) for message in shown_apart(payload["messages"])]
    dropped = unhandled(payload, _HANDLED) + _unspoken(payload["messages"])
    body: Json = {"model": model, "stream": request.stream, "messages": messages}
    body |= {own: payload[name] for name, own in _SAME.items() if payload.get(name) is not None}
    most = most_tokens(payload)
    if most is not None:
        body["max_tokens"] = most
    stop = payload.get("stop")
    if stop:
        body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    _format(payload, body)
    _think(payload, body)
    dropped += _tools(payload, body)
    return Outgoing(path="/v2/chat", body=write_object(body), dropped=tuple(dict.fromkeys(dropped)))


def _format(payload: Mapping[str, Any], body: Json) -> None:
    wanted, schema = payload.get("response_format"), schema_of(payload.get("response_format"))
    if isinstance(wanted, dict) and wanted.get("type") in ("json_object", "json_schema"):
        body["response_format"] = {"type": "json_object", **({"json_schema": schema} if schema is not None else {})}


def _think(payload: Mapping[str, Any], body: Json) -> None:
    effort = payload.get("reasoning_effort")
    if isinstance(effort, str) and "thinking" not in body:
        budget = _BUDGETS.get(effort)
        on = {"type": "enabled", "token_budget": budget} if budget else {"type": "enabled"}
        body["thinking"] = {"type": "disabled"} if effort == "none" else on


def _tools(payload: Mapping[str, Any], body: Json) -> list[str]:
    """Put the tools into `body`. One that is named is the only one offered, and has to be called."""
    tools, choice = payload.get("tools") or [], payload.get("tool_choice")
    for tool in tools:
        if not isinstance(tool, dict) or not isinstance(tool.get("function"), dict):
            raise unsupported("Cohere has tools of type function only")
    named = choice.get("function") if isinstance(choice, dict) else None
    if isinstance(named, dict):
        tools = [tool for tool in tools if tool["function"].get("name") == named.get("name")]
        choice = "required"
    if tools:
        body["tools"] = [{"type": "function", "function": _function(tool["function"])} for tool in tools]
        if isinstance(choice, str) and choice in _CHOICES:
            body["tool_choice"] = _CHOICES[choice]
    return ["tools.strict"] if any(tool["function"].get("strict") for tool in tools) else []


def _function(function: Mapping[str, Any]) -> Json:
    declared = {key: value for key, value in function.items() if key in ("name", "description", "parameters")}
    declared.setdefault("parameters", {"type": "object", "properties": {}})
    return declared


def _message(message: Mapping[str, Any]) -> Json:
    role = "system" if message["role"] == "developer" else message["role"]
    content = message.get("content")
    if role == "tool":
        return {"role": role, "tool_call_id": message.get("tool_call_id"), "content": text_of(content, "\n\n")}
    if role != "assistant":
        parts = [_part(part) for part in parts_of(content)]
        only_text = all(part["type"] == "text" for part in parts)
        return {"role": role, "content": text_of(content, "\n\n") if only_text else parts}
    said: Json = {"role": role}
    text = said_text(message)
    if text:
        said["content"] = text
    calls = calls_of(message)
    for call in calls:
        if not isinstance(call.get("function"), dict):
            raise unsupported("Cohere has tools of type function only")
    if calls:
        said["tool_calls"] = [_called(call) for call in calls]
        if message.get("reasoning_content"):
            said["tool_plan"] = message["reasoning_content"]
    return said


def _called(call: Json) -> Json:
    """A call. Its arguments are JSON, where some models write nothing for none."""
    function = call["function"]
    return call if function.get("arguments") else {**call, "function": {**function, "arguments": "{}"}}


def _unspoken(messages: list[Json]) -> list[str]:
    """What is lost of the messages; thoughts before a call are its plan."""
    lost = unspoken(messages, signed_by=None)
    if not any(message.get("reasoning_content") and not calls_of(message) for message in messages):
        lost = [name for name in lost if name != "messages.reasoning_content"]
    return lost


def _part(part: Json) -> Json:
    match part.get("type"):
        case "text" | "input_text" | "refusal":
            return {"type": "text", "text": part.get("text") or part.get("refusal") or ""}
        case "image_url":
            return {"type": "image_url", "image_url": {"url": image_url(part)}}
        case other:
            raise unsupported(f"Cohere has no words for a part of type {other!s:.64}")
