"""A client's request to Gemini's API, decoded into the hub."""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.fields import mistyped, read_object
from g4f.dialects.gemini.contents import Contents
from g4f.dialects.gemini.schema import from_gemini
from g4f.dialects.gemini.wire import COUNT, STREAM, Json, objects, word
from g4f.errors import RequestError
from g4f.exchange.capability import needs_of
from g4f.exchange.request import Dialect, Operation, Request

#: Fields of `generationConfig`, and the hub's words for them.
_SAME: Mapping[str, tuple[str, tuple[type, ...], str]] = {
    "temperature": ("temperature", (int, float), "a number"),
    "topP": ("top_p", (int, float), "a number"),
    "topK": ("top_k", (int, float), "a number"),
    "maxOutputTokens": ("max_tokens", (int,), "an integer"),
    "stopSequences": ("stop", (list,), "a list of strings"),
    "seed": ("seed", (int,), "an integer"),
    "presencePenalty": ("presence_penalty", (int, float), "a number"),
    "frequencyPenalty": ("frequency_penalty", (int, float), "a number"),
    "candidateCount": ("n", (int,), "an integer"),
    "responseLogprobs": ("logprobs", (bool,), "true or false"),
    "logprobs": ("top_logprobs", (int,), "an integer"),
}
#: Thinking budgets up to these many tokens, as an effort; above the last one it is `high`.
_EFFORTS = ((0, "none"), (1024, "low"), (8192, "medium"))
_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}
_FUNCTIONS = ("functionDeclarations", "function_declarations")
#: Of the whole request, what is decoded; the rest is lost to other dialects.
_DECODED = frozenset({"contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "model"})


def decode_request(body: bytes | bytearray, *, request_id: str, model: str, call: str) -> Request:
    """The request in a body to `models/{model}:{call}`. Raises RequestError."""
    native = read_object(body)
    asked = native
    if call == COUNT and isinstance(word(native, "generateContentRequest"), dict):
        asked = word(native, "generateContentRequest")
    lost: dict[str, None] = {}
    payload: Json = {"model": model, "messages": []}
    config = _object(asked, "generationConfig")
    _sampling(config, payload, lost)
    _format(config, payload)
    _thinking(config, payload)
    _tools(asked, payload, lost)
    payload["messages"] = _messages(asked, lost)
    lost.update(dict.fromkeys(name for name in asked if _camel(name) not in _DECODED and asked[name]))
    stream = call == STREAM
    if stream:
        payload["stream"] = True
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        operation=Operation.COUNT_TOKENS if call == COUNT else Operation.CHAT,
        stream=stream,
        dialect=Dialect.GEMINI,
        native=native,
        lost=tuple(lost),
        needs=needs_of(payload),
    )


def _object(holder: Mapping[str, Any], name: str) -> Json:
    value = word(holder, name)
    if not isinstance(value, dict | None):
        mistyped(name, "an object")
    return value or {}


def _texts(holder: Mapping[str, Any], name: str, place: str) -> list[str]:
    value = word(holder, name)
    value = [] if value is None else value
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        mistyped(f"{place}.{name}", "a list of strings")
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _messages(asked: Mapping[str, Any], lost: dict[str, None]) -> list[Json]:
    contents = asked.get("contents")
    if contents is None:
        mistyped("contents", "a list of contents", missing=True)
    read = Contents(lost)
    read.add_system(word(asked, "systemInstruction"))
    read.add(contents)
    if not read.messages:
        raise RequestError("contents must not be empty", code="invalid_value", param="contents")
    return read.messages


def _sampling(config: Mapping[str, Any], payload: Json, lost: dict[str, None]) -> None:
    for name, (own, kinds, wanted) in _SAME.items():
        value = word(config, name)
        if value is None:
            continue
        if type(value) not in kinds:
            mistyped(f"generationConfig.{name}", wanted)
        payload[own] = value
    if not all(isinstance(stop, str) for stop in payload.get("stop") or ()):
        mistyped("generationConfig.stopSequences", "a list of strings")
    modalities = [kind.upper() for kind in _texts(config, "responseModalities", "generationConfig")]
    if "IMAGE" in modalities:
        payload["modalities"] = ["image", "text"]
    elif "AUDIO" in modalities:
        payload["modalities"] = ["audio", "text"]
    for name in ("speechConfig", "imageConfig", "mediaResolution"):
        if word(config, name):
            lost[f"generationConfig.{name}"] = None


def _format(config: Mapping[str, Any], payload: Json) -> None:
    """A MIME type of JSON, with or without a schema."""
    schema = word(config, "responseJsonSchema") or word(config, "_responseJsonSchema")
    if schema is None and word(config, "responseSchema") is not None:
        schema = from_gemini(word(config, "responseSchema"))
    if isinstance(schema, dict):
        wanted = {"name": "response", "schema": schema}
        payload["response_format"] = {"type": "json_schema", "json_schema": wanted}
    elif word(config, "responseMimeType") == "application/json":
        payload["response_format"] = {"type": "json_object"}


def _thinking(config: Mapping[str, Any], payload: Json) -> None:
    thinking = word(config, "thinkingConfig")
    if not isinstance(thinking, dict):
        return
    level, budget = word(thinking, "thinkingLevel"), word(thinking, "thinkingBudget")
    if isinstance(level, str):
        payload["reasoning_effort"] = level.lower()
    elif type(budget) is int and budget >= 0:
        payload["reasoning_effort"] = next((effort for most, effort in _EFFORTS if budget <= most), "high")


def _tools(asked: Mapping[str, Any], payload: Json, lost: dict[str, None]) -> None:
    tools = []
    others: dict[str, None] = {}
    for tool in objects(asked.get("tools")):
        declared = word(tool, "functionDeclarations")
        tools += [_function(function) for function in objects(declared)]
        if any(word(function, "response") for function in objects(declared)):
            lost["tools.functionDeclarations.response"] = None
        others.update(dict.fromkeys(tool))
    lost.update(dict.fromkeys(f"tools.{name}" for name in others if name not in _FUNCTIONS))
    if not tools:
        return
    config = _object(_object(asked, "toolConfig"), "functionCallingConfig")
    allowed = frozenset(_texts(config, "allowedFunctionNames", "toolConfig.functionCallingConfig"))
    if config:
        payload["tool_choice"] = _MODES.get(str(config.get("mode")).upper(), "auto")
    payload["tools"] = [tool for tool in tools if not allowed or tool["function"]["name"] in allowed]


def _function(declared: Json) -> Json:
    name = declared.get("name")
    if not isinstance(name, str) or not name:
        mistyped("tools.functionDeclarations.name", "a string", missing="name" not in declared)
    function: Json = {"name": name}
    if declared.get("description"):
        function["description"] = declared["description"]
    schema = word(declared, "parametersJsonSchema")
    function["parameters"] = schema if isinstance(schema, dict) else from_gemini(declared.get("parameters"))
    return {"type": "function", "function": function}
