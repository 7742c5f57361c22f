"""The tools of a request, and which of them to call, in Anthropic's words."""

import re
from collections.abc import Mapping
from typing import Any

from g4f.dialects.hub import Json, unsupported

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]", re.ASCII)


def call_id(own: Any) -> str:
    """The id of a call as Anthropic takes it: other makers' have dots and colons in them."""
    return _NOT_IN_AN_ID.sub("_", own) if isinstance(own, str) and own else "call_0"


def tools(payload: Mapping[str, Any]) -> tuple[list[Json], list[str]]:
    """The tools, and what was lost of them. One that is no function is taken for one of Anthropic's own.

    Raises AttemptFailed for OpenAI's tools with a grammar.
    """
    listed = payload.get("tools") or [{"type": "function", "function": old} for old in payload.get("functions") or ()]
    offered, dropped = [], []
    for tool in listed:
        if not isinstance(tool, dict):
            continue
        if tool.get("type", "function") != "function":
            if tool.get("type") == "custom":
                raise unsupported("Anthropic has no tools whose input is free text (type: custom)")
            offered.append(tool)
            continue
        function = tool.get("function")
        if isinstance(function, dict):
            offered.append(_tool(tool, function))
            if function.get("strict"):
                dropped.append("tools.strict")
    return offered, dropped


def _tool(tool: Mapping[str, Any], function: Mapping[str, Any]) -> Json:
    named: Json = {"name": function.get("name")}
    if function.get("description"):
        named["description"] = function["description"]
    schema = function.get("parameters") or {}
    named["input_schema"] = {"type": "object", "properties": {}, **schema} if isinstance(schema, dict) else schema
    if tool.get("cache_control"):
        named["cache_control"] = tool["cache_control"]
    return named


def tool_choice(payload: Mapping[str, Any]) -> Json | None:
    """Which tool to call, and whether several at once; None for what is Anthropic's own choice anyway."""
    wanted = payload.get("tool_choice") or payload.get("function_call")
    choice: Json = {"type": "auto"}
    if wanted == "none":
        return {"type": "none"}
    if wanted == "required":
        choice = {"type": "any"}
    elif isinstance(wanted, dict):
        function = wanted.get("function")
        name = function.get("name") if isinstance(function, dict) else wanted.get("name")
        if isinstance(name, str):
            choice = {"type": "tool", "name": name}
    if payload.get("parallel_tool_calls") is False:
        choice["disable_parallel_tool_use"] = True
    return choice if len(choice) > 1 or choice["type"] != "auto" else None
