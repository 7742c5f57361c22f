"""A request of any dialect, written for Gemini's API."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.gemini.signature import without_foreign
from g4f.dialects.gemini.wire import COUNT, GENERATE, SIGNED_BY_GEMINI, STREAM, Json, path_of
from g4f.dialects.hub import (
    arguments_of,
    calls_of,
    image_url,
    most_tokens,
    parts_of,
    read_data_url,
    said_text,
    schema_of,
    shown_apart,
    signed_thoughts,
    text_of,
    unhandled,
    unspoken,
    unsupported,
)
from g4f.exchange.request import Dialect, Operation, Request

_SAME = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
    "n": "candidateCount",
}
_HANDLED = frozenset(
    {*_SAME, "max_tokens", "max_completion_tokens", "stop", "tools", "tool_choice", "response_format"}
    | {"reasoning_effort"}
)
#: Efforts as tokens (https://ai.google.dev/gemini-api/docs/openai#thinking).
_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576}
_LEVELS = {"none": "minimal", "xhigh": "high"}
_THIRD = re.compile(r"gemini-(?:[3-9]|\d\d)", re.ASCII)
#: Stands for the signature of a call that another model made: models from the third generation on refuse calls
#: without one (https://ai.google.dev/gemini-api/docs/thought-signatures).
UNSIGNED = "skip_thought_signature_validator"
_MODES = {"auto": "AUTO", "required": "ANY", "none": "NONE"}


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request in Gemini's words. Raises AttemptFailed for what it cannot be asked."""
    counting = request.operation is Operation.COUNT_TOKENS
    call = COUNT if counting else STREAM if request.stream else GENERATE
    if request.dialect is Dialect.GEMINI and request.native is not None:
        native = without_foreign(request.native, UNSIGNED if _THIRD.search(model) else None)
        return Outgoing(path=path_of(model, call), body=write_object(native))
    body, dropped = _translated(request.payload, model)
    if counting:
        body = {"generateContentRequest": {"model": f"models/{model.removeprefix('models/')}", **body}}
    return Outgoing(path=path_of(model, call), body=write_object(body), dropped=tuple(dict.fromkeys(dropped)))


def _translated(payload: Mapping[str, Any], model: str) -> tuple[Json, list[str]]:
    messages = list(shown_apart(payload["messages"]))
    dropped = unhandled(payload, _HANDLED) + unspoken(messages, signed_by=SIGNED_BY_GEMINI)
    body: Json = {"contents": _contents(messages, third=bool(_THIRD.search(model)))}
    system = "\n\n".join(text_of(m.get("content"), "\n\n") for m in messages if m["role"] in ("system", "developer"))
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    config = _config(payload, model)
    if config:
        body["generationConfig"] = config
    tools = [_declared(tool) for tool in payload.get("tools") or ()]
    if tools:
        if any(tool["function"].get("strict") for tool in payload["tools"]):
            dropped.append("tools.strict")
        body["tools"] = [{"functionDeclarations": tools}]
        choice = _choice(payload.get("tool_choice"))
        if choice:
            body["toolConfig"] = {"functionCallingConfig": choice}
    return body, dropped


def _config(payload: Mapping[str, Any], model: str) -> Json:
    config: Json = {own: payload[name] for name, own in _SAME.items() if payload.get(name) is not None}
    most = most_tokens(payload)
    if most is not None:
        config["maxOutputTokens"] = most
    stop = payload.get("stop")
    if stop:
        config["stopSequences"] = [stop] if isinstance(stop, str) else stop
    schema, wanted = schema_of(payload.get("response_format")), payload.get("response_format")
    if schema is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": schema}
    elif isinstance(wanted, dict) and wanted.get("type") == "json_object":
        config["responseMimeType"] = "application/json"
    effort = payload.get("reasoning_effort")
    if isinstance(effort, str):
        config["thinkingConfig"] = _thinking(effort, model)
    modalities = payload.get("modalities") or ()
    if "audio" in modalities:
        raise unsupported("Gemini's answers are not spoken here")
    if "image" in modalities:
        config["responseModalities"] = ["TEXT", "IMAGE"]
    return config


def _thinking(effort: str, model: str) -> Json:
    if _THIRD.search(model):
        return {"thinkingLevel": _LEVELS.get(effort, effort), "includeThoughts": effort != "none"}
    return {"thinkingBudget": _BUDGETS.get(effort, _BUDGETS["medium"]), "includeThoughts": effort != "none"}


def _declared(tool: Any) -> Json:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        raise unsupported("Gemini has tools of type function only")
    declared: Json = {"name": function.get("name")}
    if function.get("description"):
        declared["description"] = function["description"]
    if function.get("parameters"):
        declared["parametersJsonSchema"] = function["parameters"]
    return declared


def _choice(choice: Any) -> Json:
    if isinstance(choice, dict):
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        return {"mode": "ANY", "allowedFunctionNames": [name]} if name else {}
    return {"mode": _MODES[choice]} if isinstance(choice, str) and choice in _MODES else {}


def _contents(messages: list[Json], *, third: bool) -> list[Json]:
    """The turns. What follows another of the same side is joined to it: results of one turn belong together."""
    contents: list[Json] = []
    called: dict[str, str] = {}
    for message in messages:
        match message["role"]:
            case "system" | "developer":
                continue
            case "assistant":
                role, parts = "model", list(_said(message, called, third=third))
            case "tool" | "function":
                role, parts = "user", [_result(message, called)]
            case _:
                role, parts = "user", [_part(part) for part in parts_of(message.get("content"))]
        if not parts:
            continue
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += parts
        else:
            contents.append({"role": role, "parts": parts})
    return contents


def _said(message: Mapping[str, Any], called: dict[str, str], *, third: bool) -> Iterator[Json]:
    """A turn of the model's. The signature belongs to the first call, or to the text where nothing was called."""
    details = [detail for detail in signed_thoughts(message) if detail.get("format") == SIGNED_BY_GEMINI]
    signatures = [detail["data"] for detail in details if isinstance(detail.get("data"), str)]
    calls = calls_of(message)
    text = said_text(message)
    if text:
        signed = {"thoughtSignature": signatures[0]} if signatures and not calls else {}
        yield {"text": text, **signed}
    for number, call in enumerate(calls):
        function = call.get("function")
        if not isinstance(function, dict):
            raise unsupported("Gemini has tools of type function only")
        called[str(call.get("id"))] = str(function.get("name"))
        part: Json = {"functionCall": {"name": function.get("name"), "args": arguments_of(call)}}
        if number < len(signatures):
            part["thoughtSignature"] = signatures[number]
        elif third and number == 0:
            part["thoughtSignature"] = UNSIGNED
        yield part


def _result(message: Mapping[str, Any], called: Mapping[str, str]) -> Json:
    """The result of a function. Gemini wants an object; any other goes under `result`."""
    own = str(message.get("tool_call_id") or "")
    name = called.get(own) or message.get("name") or own
    text = text_of(message.get("content"))
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    return {"functionResponse": {"name": name, "response": value if isinstance(value, dict) else {"result": value}}}


def _part(part: Json) -> Json:
    match part.get("type"):
        case "text" | "input_text" | "refusal":
            return {"text": part.get("text") or part.get("refusal") or ""}
        case "image_url":
            return _linked(image_url(part), "image/jpeg")
        case "input_audio" if isinstance(part.get("input_audio"), dict):
            audio = part["input_audio"]
            return {"inlineData": {"mimeType": f"audio/{audio.get('format', 'wav')}", "data": audio.get("data", "")}}
        case "file" if isinstance(part.get("file"), dict) and isinstance(part["file"].get("file_data"), str):
            return _linked(part["file"]["file_data"], "application/pdf")
        case other:
            raise unsupported(f"Gemini has no words for a part of type {other!s:.64}")


def _linked(url: str, otherwise: str) -> Json:
    read = read_data_url(url)
    if read is not None:
        return {"inlineData": {"mimeType": read[0] or otherwise, "data": read[1]}}
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    kind = {"png": "image/png", "webp": "image/webp", "gif": "image/gif", "pdf": "application/pdf"}.get(ending)
    return {"fileData": {"mimeType": kind or otherwise, "fileUri": url}}
