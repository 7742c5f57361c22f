"""A request of any dialect, written for an Ollama server."""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.face import Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.hub import (
    Json,
    arguments_of,
    calls_of,
    image_url,
    most_tokens,
    parts_of,
    read_data_url,
    refuse_other_answers,
    said_text,
    schema_of,
    text_of,
    unhandled,
    unspoken,
    unsupported,
)
from g4f.dialects.ollama.wire import CHAT, GENERATE, OPTIONS, is_generate
from g4f.exchange.request import Dialect, Operation, Request

#: Fields of Ollama's own that clients of OpenAI's dialect add to their requests.
_OWN = ("keep_alive", "think", "logprobs", "top_logprobs")
_HANDLED = frozenset(
    {*OPTIONS, *OPTIONS.values(), *_OWN, "options", "tools", "tool_choice", "response_format", "reasoning_effort"}
    | {"max_completion_tokens", "num_ctx"}
)
#: What of the thoughts it has words for.
_SPOKEN = frozenset({"messages.reasoning_content"})


def encode_request(request: Request, *, model: str) -> Outgoing:
    """The request in Ollama's words. Raises AttemptFailed for what it cannot be asked."""
    if request.operation is not Operation.CHAT:
        raise unsupported(f"Ollama's API has no {request.operation}")
    if request.dialect is Dialect.OLLAMA and request.native is not None:
        path = GENERATE if is_generate(request.native) else CHAT
        return Outgoing(path=f"/api/{path}", body=write_object({**request.native, "model": model}))
    body, dropped = _translated(request.payload)
    body |= {"model": model, "stream": request.stream}
    return Outgoing(path=f"/api/{CHAT}", body=write_object(body), dropped=tuple(dict.fromkeys(dropped)))


def _translated(payload: Mapping[str, Any]) -> tuple[Json, list[str]]:
    refuse_other_answers(payload, "Ollama")
    dropped = unhandled(payload, _HANDLED)
    dropped += [name for name in unspoken(payload["messages"], signed_by=None) if name not in _SPOKEN]
    body: Json = {"messages": _messages(payload["messages"])}
    options = _options(payload)
    if options:
        body["options"] = options
    tools, lost = _tools(payload)
    if tools:
        body["tools"] = tools
    schema, wanted = schema_of(payload.get("response_format")), payload.get("response_format")
    if schema is not None:
        body["format"] = schema
    elif isinstance(wanted, dict) and wanted.get("type") == "json_object":
        body["format"] = "json"
    for name in _OWN:
        if payload.get(name) is not None:
            body[name] = payload[name]
    effort = payload.get("reasoning_effort")
    if isinstance(effort, str):
        body.setdefault("think", effort != "none")
    return body, [*dropped, *lost]


def _options(payload: Mapping[str, Any]) -> Json:
    own = payload.get("options")
    options: Json = dict(own) if isinstance(own, dict) else {}
    for name, word in OPTIONS.items():
        if payload.get(word) is not None:
            options[name] = payload[word]
    if isinstance(options.get("stop"), str):
        options["stop"] = [options["stop"]]
    most = most_tokens(payload)
    if most is not None:
        options["num_predict"] = most
    if payload.get("num_ctx") is not None:
        options["num_ctx"] = payload["num_ctx"]
    return options


def _tools(payload: Mapping[str, Any]) -> tuple[list[Json], list[str]]:
    """The tools, and what was lost. Ollama leaves the choice to the model: one that is named is the only one offered,
    and where none may be called none is."""
    choice, tools = payload.get("tool_choice"), payload.get("tools") or []
    for tool in tools:
        if not isinstance(tool, dict) or not isinstance(tool.get("function"), dict):
            raise unsupported("Ollama has tools of type function only")
    if choice == "none":
        return [], []
    if isinstance(choice, dict):
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        return [tool for tool in tools if tool["function"].get("name") == name], ["tool_choice"]
    return tools, ["tool_choice"] if choice == "required" else []


def _messages(messages: Any) -> list[Json]:
    written = []
    called: dict[str, str] = {}
    for message in messages:
        role = "system" if message["role"] == "developer" else message["role"]
        content = message.get("content")
        said: Json = {"role": role, "content": said_text(message) if role == "assistant" else text_of(content, "\n\n")}
        images = [image for part in parts_of(content) if (image := _image(part)) is not None]
        if images:
            said["images"] = images
        if role == "assistant":
            _assistant(message, said, called)
        elif role == "tool":
            own = str(message.get("tool_call_id") or "")
            said |= {"tool_call_id": own, "tool_name": called.get(own, message.get("name") or "")}
        written.append(said)
    return written


def _assistant(message: Mapping[str, Any], said: Json, called: dict[str, str]) -> None:
    if message.get("reasoning_content"):
        said["thinking"] = message["reasoning_content"]
    calls = []
    for call in calls_of(message):
        function = call.get("function")
        if not isinstance(function, dict):
            raise unsupported("Ollama has tools of type function only")
        called[str(call.get("id"))] = str(function.get("name"))
        named = {"name": function.get("name"), "arguments": arguments_of(call)}
        calls.append({"id": call.get("id"), "function": named})
    if calls:
        said["tool_calls"] = calls


def _image(part: Mapping[str, Any]) -> str | None:
    """The base64 of a picture; None for a text. Ollama fetches nothing, and hears nothing."""
    match part.get("type"):
        case "text" | "input_text" | "refusal":
            return None
        case "image_url":
            read = read_data_url(image_url(part))
            if read is None:
                raise unsupported("Ollama takes pictures as data: in base64 only")
            return read[1]
        case other:
            raise unsupported(f"Ollama has no words for a part of type {other!s:.64}")
