"""A request of any dialect, written for an upstream that speaks Anthropic's Messages."""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.anthropic.asked import MessagesOf
from g4f.dialects.anthropic.generation import generation
from g4f.dialects.anthropic.schema import answer_tool, fitting
from g4f.dialects.anthropic.thinking import think
from g4f.dialects.anthropic.tools import tool_choice, tools
from g4f.dialects.anthropic.wire import VERSION_HEADER
from g4f.dialects.face import Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.hub import (
    FOREIGN,
    SIGNED_BY_CLAUDE,
    Json,
    most_tokens,
    read_signature,
    refuse_other_answers,
    schema_of,
    unhandled,
    unspoken,
    unsupported,
)
from g4f.exchange.request import Dialect, Operation, Request

#: Anthropic has no default. All models since Claude 4 can say this much, and a limit is nothing that is paid for.
MAX_TOKENS = 16384

_PATHS = {Operation.CHAT: "/v1/messages", Operation.COUNT_TOKENS: "/v1/messages/count_tokens"}
#: What has tokens; anything else is refused there (https://docs.claude.com/en/api/messages-count-tokens).
_COUNTED = frozenset({"messages", "system", "thinking", "tool_choice", "tools", "output_config", "cache_control"})
_HANDLED = frozenset(
    {
        "cache_control",
        "function_call",
        "functions",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "parallel_tool_calls",
        "reasoning",
        "reasoning_effort",
        "response_format",
        "service_tier",
        "stop",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
        "user",
    }
)


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request in Anthropic's words. Raises AttemptFailed for what it cannot be asked."""
    path = _PATHS.get(request.operation)
    if path is None:
        raise unsupported(f"Anthropic's API has no {request.operation}")
    if request.dialect is Dialect.ANTHROPIC and request.native is not None:
        body, dropped = _native(request.native)
    else:
        body, dropped = _translated(request.payload, model)
        body["stream"] = request.stream
        if request.operation is Operation.COUNT_TOKENS:
            body = {name: value for name, value in body.items() if name in _COUNTED}
    body["model"] = model
    passed = dict(request.passed or {})
    version = passed.pop(VERSION_HEADER, None)
    return Outgoing(
        path=path,
        body=write_object(body),
        headers=passed,
        replacing=(VERSION_HEADER, version) if version else None,
        dropped=tuple(dict.fromkeys(dropped)),
    )


def _native(native: Mapping[str, Any]) -> tuple[Json, list[str]]:
    """The client's own body. Only thoughts that another provider gave are taken out: they are not signed by this one,
    which would refuse the whole conversation for them."""
    body = dict(native)
    if not any(_is_foreign(block) for message in native["messages"] for block in _thoughts(message)):
        return body, []
    body["messages"] = [turn for turn in map(_own_thoughts, native["messages"]) if turn["content"]]
    if (body.get("thinking") or {}).get("type") == "enabled":
        # With a budget a turn that calls tools has to begin with a signed thought.
        body["thinking"] = {"type": "disabled"}
        return body, ["messages.thinking", "thinking"]
    return body, ["messages.thinking"]


def _thoughts(message: Mapping[str, Any]) -> list[Json]:
    content = message.get("content")
    if message.get("role") != "assistant" or not isinstance(content, list):
        return []
    return [block for block in content if block.get("type") in ("thinking", "redacted_thinking")]


def _signature(block: Mapping[str, Any]) -> str:
    signature = block.get("signature" if block["type"] == "thinking" else "data")
    return signature if isinstance(signature, str) else ""


def _is_foreign(block: Mapping[str, Any]) -> bool:
    return _signature(block).startswith(FOREIGN)


def _own_thoughts(message: Json) -> Json:
    if not any(map(_is_foreign, _thoughts(message))):
        return message
    kept = []
    for block in message["content"]:
        if block.get("type") not in ("thinking", "redacted_thinking") or not _is_foreign(block):
            kept.append(block)
            continue
        format_, own = read_signature(_signature(block), own=SIGNED_BY_CLAUDE)
        if own and format_ == SIGNED_BY_CLAUDE:  # Claude's after all, by way of another provider
            kept.append({**block, "signature" if block["type"] == "thinking" else "data": own})
    return {**message, "content": kept}


def _translated(payload: Mapping[str, Any], model: str) -> tuple[Json, list[str]]:
    refuse_other_answers(payload, "Anthropic")
    written = MessagesOf(payload["messages"])
    foreign = unspoken(payload["messages"], signed_by=SIGNED_BY_CLAUDE)
    dropped = [*written.dropped, *foreign, *unhandled(payload, _HANDLED)]
    if payload.get("logprobs"):
        dropped.append("logprobs")
    body: Json = {"max_tokens": most_tokens(payload) or MAX_TOKENS, "messages": written.turns}
    if written.system:
        body["system"] = written.system
    if payload.get("cache_control"):
        body["cache_control"] = payload["cache_control"]
    offered, lost = tools(payload)
    dropped += lost
    if offered:
        body["tools"] = offered
        choice = tool_choice(payload)
        if choice:
            body["tool_choice"] = choice
    _format(payload, body, model)
    dropped += think(payload, body, model=model, answered=written.thinks_before_tools, default=MAX_TOKENS)
    dropped += _sampling(payload, body, model)
    dropped += _others(payload, body)
    return body, dropped


def _format(payload: Mapping[str, Any], body: Json, model: str) -> None:
    """Structured output: by the schema where the model fits its text to one, else as the arguments of a tool."""
    wanted = payload.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    schema = schema_of(wanted)
    if kind not in ("json_object", "json_schema"):
        return
    if schema is not None and generation(model).fits_schemas:
        body["output_config"] = {"format": {"type": "json_schema", "schema": fitting(schema)}}
        return
    if body.get("tools"):
        raise unsupported(f"{model} cannot call tools and keep to a format of JSON at once")
    tool = answer_tool(schema)
    body["tools"], body["tool_choice"] = [tool], {"type": "tool", "name": tool["name"]}


def _sampling(payload: Mapping[str, Any], body: Json, model: str) -> list[str]:
    """Temperature and its kin, where the model takes them: not while it thinks, and never from Claude 4.7 on."""
    wanted = [name for name in ("temperature", "top_p", "top_k") if payload.get(name) is not None]
    known = generation(model)
    thinks = body.get("thinking", {}).get("type") in ("enabled", "adaptive")
    if not known.samples or thinks:
        return wanted
    dropped = []
    if known.one_sampler and {"temperature", "top_p"} <= {*wanted}:
        wanted.remove("top_p")
        dropped.append("top_p")
    for name in wanted:
        body[name] = payload[name]
    if body.get("temperature", 0) > 1:  # OpenAI's go up to 2, Anthropic's to 1
        body["temperature"] = 1
        dropped.append("temperature")
    return dropped


def _others(payload: Mapping[str, Any], body: Json) -> list[str]:
    dropped = []
    stop = payload.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    meant = [text for text in stops if text.strip()]  # Anthropic refuses sequences of white space
    if meant:
        body["stop_sequences"] = meant
    if len(meant) < len(stops):
        dropped.append("stop")
    user, tier = payload.get("user"), payload.get("service_tier")
    if isinstance(user, str) and user:
        body["metadata"] = {"user_id": user}
    if tier in ("auto", "default"):
        body["service_tier"] = "auto" if tier == "auto" else "standard_only"
    elif tier is not None:
        dropped.append("service_tier")
    return dropped
