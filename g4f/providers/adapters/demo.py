"""Demo: a built-in, deterministic model that needs no key and no network.

It shows that the gateway works and lets people try clients: it streams, calls tools, answers in JSON when asked to,
and does every other operation in a small way (`demo_results.py`). It says in each answer that it is a demonstration,
and is in a chain only where a file names it.
"""

import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.bridge import result, result_frames
from g4f.dialects.face import Origin
from g4f.dialects.openai.operation import is_raw
from g4f.dialects.registry import front
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.events import Event, Finish, Start, Text, Tokens, ToolCall
from g4f.exchange.request import Operation
from g4f.providers.adapters.demo_results import demo_result
from g4f.providers.types import Call

MODEL = "demo"
#: How deep a JSON schema is followed, and how much of the question is repeated.
MAX_DEPTH = 6
MAX_ECHO = 400


class Demo:
    """The adapter of the built-in model. The same request always gets the same answer."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, call: Call) -> Completion:
        if call.request.operation is not Operation.CHAT:
            return result(demo_result(self._origin(call)), self._origin(call))
        return front(call.request.dialect).encode_completion(_answer(call), self._origin(call))

    async def stream(self, call: Call) -> AsyncGenerator[Frame]:
        if call.request.operation is not Operation.CHAT:
            whole = demo_result(self._origin(call))
            call.media_type = whole.media_type if is_raw(call.request.operation, call.request.payload) else None
            for frame in result_frames(whole, self._origin(call)):
                yield frame
            return
        encoder = front(call.request.dialect).encoder(self._origin(call))
        for event in _answer(call):
            yield encoder.encode(event)
        yield encoder.close()

    def _origin(self, call: Call) -> Origin:
        return Origin(request=call.request, provider=self.name, now=int(time.time()))

    async def models(self, *, key: str | None, connect: float) -> Sequence[str]:
        return [MODEL]

    async def close(self) -> None:
        return None


def _answer(call: Call) -> Iterator[Event]:
    request = call.request
    yield Start(model=call.model)
    messages: Sequence[Mapping[str, Any]] = request.payload["messages"]
    tool = _tool_to_call(request.payload, messages)
    if tool is not None:
        arguments = orjson.dumps(_example(tool.get("parameters") or {})).decode()
        yield ToolCall(index=0, id="call_demo_0", name=str(tool.get("name")))
        yield ToolCall(index=0, arguments=arguments)
        words, reason = arguments.split(), "tool_calls"
    else:
        text = _text(request.payload, messages)
        for word in _words(text):
            yield Text(word)
        words, reason = text.split(), "stop"
    yield Finish(reason)
    asked = sum(len(_plain(message).split()) for message in messages)
    yield Tokens(Usage(input_tokens=asked, output_tokens=len(words)))


def _text(payload: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> str:
    wanted = payload.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if kind == "json_schema" and isinstance(wanted, Mapping):
        schema = (wanted.get("json_schema") or {}).get("schema") or {}
        return orjson.dumps(_example(schema)).decode()
    last = messages[-1] if messages else {}
    said = _plain(last)
    said = said if len(said) <= MAX_ECHO else said[:MAX_ECHO] + " ..."
    if kind == "json_object":
        return orjson.dumps({"provider": "Demo", "you_said": said}).decode()
    if last.get("role") == "tool":
        return f"This is Demo, the built-in model of g4f. The tool returned: {said}"
    return (
        "This is Demo, the built-in model of g4f: it is not a language model, and it answers when no other "
        f"provider of the chain did. You said: {said}"
    )


def _words(text: str) -> Iterator[str]:
    """The text in pieces, each a word with the space before it."""
    start = 0
    while start < len(text):
        end = text.find(" ", start + 1)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end


def _plain(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            str(part.get("text") or f"[{part.get('type')}]") for part in content if isinstance(part, Mapping)
        )
    return ""


def _tool_to_call(payload: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The function to call: the one `tool_choice` names, or the first, once for each turn of the user."""
    choice = payload.get("tool_choice")
    if choice == "none" or not messages or messages[-1].get("role") != "user":
        return None
    tools = payload.get("tools")
    functions = [
        tool["function"]
        for tool in (tools if isinstance(tools, list) else [])
        if isinstance(tool, Mapping) and isinstance(tool.get("function"), Mapping)
    ]
    if isinstance(choice, Mapping) and isinstance(choice.get("function"), Mapping):
        name = choice["function"].get("name")
        return next((f for f in functions if f.get("name") == name), None)
    return functions[0] if functions else None


def _example(schema: Any, depth: int = 0) -> Any:
    """A value that fits a JSON schema, the same one every time."""
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return {}
    if "const" in schema:
        return schema["const"]
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return options[0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    match kind:
        case "string":
            return "demo"
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
        case "array":
            return [_example(schema.get("items"), depth + 1)] if schema.get("minItems") else []
        case _:
            properties = schema.get("properties")
            wanted = properties if isinstance(properties, Mapping) else {}
            return {name: _example(part, depth + 1) for name, part in wanted.items()}
