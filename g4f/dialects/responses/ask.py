"""Requests to upstreams of the Responses API: the client's own, or written from the hub's words."""

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.responses.input import items_of, own_item
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Request

Json = dict[str, Any]

_SAME = frozenset(
    {
        "metadata",
        "parallel_tool_calls",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "temperature",
        "top_logprobs",
        "top_p",
        "user",
    }
)
#: Fields that are written in another place, or that mean nothing there.
_ELSEWHERE = frozenset(
    {
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "model",
        "n",
        "reasoning_effort",
        "response_format",
        "stream_options",
        "tool_choice",
        "tools",
        "verbosity",
    }
)


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request to `POST /responses`. Raises AttemptFailed where more than one answer is asked for."""
    if request.dialect is Dialect.OPENAI_RESPONSES and request.native is not None:
        return _own(request.native, model)
    payload = request.payload
    if (payload.get("n") or 1) > 1:
        message = "The Responses API gives one answer at a time (n)."
        raise AttemptFailed(Failure(kind=FailureKind.UNSUPPORTED, message=message, param="n"))
    dropped = [name for name in payload if name not in _SAME and name not in _ELSEWHERE and payload[name] is not None]
    body: Json = {name: payload[name] for name in _SAME if payload.get(name) is not None}
    body |= {"model": model, "input": list(items_of(payload["messages"], dropped)), "stream": request.stream}
    body.setdefault("store", False)
    body |= dict(_renamed(payload, dropped))
    return Outgoing(path="/responses", body=write_object(body), dropped=tuple(dropped))


def _own(asked: Mapping[str, Any], model: str) -> Outgoing:
    """A client's own body, without the thoughts that other makers signed."""
    # What it refers to was put in front by whoever keeps it, and is not the upstream's to know.
    native = {name: value for name, value in asked.items() if name != "previous_response_id"} | {"model": model}
    items = native.get("input")
    if not isinstance(items, list):
        return Outgoing(path="/responses", body=write_object(native))
    native["input"] = [own for item in items if (own := own_item(item)) is not None]
    dropped = ("input.reasoning",) if len(native["input"]) < len(items) else ()
    return Outgoing(path="/responses", body=write_object(native), dropped=dropped)


def _renamed(payload: Mapping[str, Any], dropped: list[str]) -> Iterator[tuple[str, Any]]:
    limit = payload.get("max_completion_tokens") or payload.get("max_tokens")
    if limit is not None:
        yield "max_output_tokens", limit
    include = ["reasoning.encrypted_content"] if payload.get("reasoning_effort") is not None else []
    if include:
        yield "reasoning", {"effort": payload["reasoning_effort"], "summary": "auto"}
    if payload.get("logprobs"):
        include.append("message.output_text.logprobs")
    if include:
        yield "include", include
    text = _text(payload)
    if text:
        yield "text", text
    tools = payload.get("tools")
    if tools:
        yield "tools", [_tool(tool) for tool in tools if isinstance(tool, dict)]
        choice = _choice(payload.get("tool_choice"))
        if choice is not None:
            yield "tool_choice", choice


def _text(payload: Mapping[str, Any]) -> Json:
    text: Json = {}
    wanted = payload.get("response_format")
    if isinstance(wanted, dict):
        schema = wanted.get("json_schema")
        text["format"] = {"type": wanted.get("type"), **(schema if isinstance(schema, dict) else {})}
    if payload.get("verbosity") is not None:
        text["verbosity"] = payload["verbosity"]
    return text


def _tool(tool: Mapping[str, Any]) -> Json:
    kind = tool.get("type", "function")
    said = tool.get(kind) if isinstance(kind, str) else None
    lifted: Json = {"type": kind, **(said if isinstance(said, dict) else {})}
    if kind == "function":
        lifted.setdefault("strict", False)  # the two APIs differ in what they assume
        lifted.setdefault("parameters", {"type": "object", "properties": {}})
    return lifted


def _choice(choice: Any) -> Any:
    if not isinstance(choice, dict):
        return choice
    allowed = choice.get("allowed_tools")
    if choice.get("type") == "allowed_tools" and isinstance(allowed, dict):
        tools = allowed.get("tools")
        named = [_named(tool) for tool in tools] if isinstance(tools, list) else []
        return {"type": "allowed_tools", "mode": allowed.get("mode"), "tools": named}
    return _named(choice)


def _named(tool: Any) -> Any:
    """One tool by its name, which is one level higher than in a chat."""
    kind = tool.get("type") if isinstance(tool, dict) else None
    named = tool.get(kind) if isinstance(kind, str) else None
    return {"type": kind, "name": named.get("name")} if isinstance(named, dict) else tool
