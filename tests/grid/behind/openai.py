"""OpenAI's chat completions, behind."""

import json
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import either, streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Reply

SETTINGS = "dialect: openai, base_url: '{root}/v1', keyless: true"
MODEL = "gpt-5"
LACKS: frozenset[str] = frozenset()
"""What the dialect has no words for."""

_HEAD = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": MODEL}


def reply(said: Said) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.thoughts:
        message["reasoning_content"] = said.thoughts
    if said.calls:
        message["tool_calls"] = [_call(number, *call) for number, call in enumerate(said.calls)]
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    body = {**_HEAD, "object": "chat.completion", "choices": [choice], "usage": _usage(said)}
    return either(whole(body), streamed(_events(said), "text/event-stream"))


def refusal(status: int, message: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return whole({"error": error}, status=status)


def _call(number: int, name: str, arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call_{number}", "type": "function", "function": function}


def _usage(said: Said) -> dict[str, int]:
    asked, answered = said.usage
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def _events(said: Said) -> Iterator[bytes]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": word} for word in words(said.thoughts) if word]
    deltas += [{"content": word} for word in words(said.text) if word]
    for number, (name, arguments) in enumerate(said.calls):
        text = json.dumps(arguments)
        first = {"index": number, **_call(number, name, arguments)}
        first["function"] = {"name": name, "arguments": text[:3]}
        deltas += [{"tool_calls": [first]}, {"tool_calls": [{"index": number, "function": {"arguments": text[3:]}}]}]
    for delta in deltas:
        yield _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": said.finish}]})
    yield _event({"choices": [], "usage": _usage(said)})
    yield b"data: [DONE]\n\n"


def _event(fields: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({**_HEAD, "object": "chat.completion.chunk", **fields}).encode() + b"\n\n"


def heard(request: Request) -> Heard:
    body = request.json
    assert request.path == "/v1/chat/completions"
    system = [_text(message) for message in body["messages"] if message["role"] in ("system", "developer")]
    users = [message for message in body["messages"] if message["role"] == "user"]
    parts = users[-1]["content"] if isinstance(users[-1]["content"], list) else []
    pictures = [part["image_url"]["url"].split(",")[1] for part in parts if part["type"] == "image_url"]
    calls = {
        call["id"]: json.loads(call["function"]["arguments"])["city"]
        for message in body["messages"]
        for call in message.get("tool_calls") or ()
    }
    return Heard(
        model=body["model"],
        prompt=_text(users[-1]),
        system="".join(system) or None,
        tools=tuple(
            (tool["function"]["name"], tool["function"]["description"], tool["function"]["parameters"])
            for tool in body.get("tools") or ()
        ),
        picture=pictures[0] if pictures else None,
        schema=((body.get("response_format") or {}).get("json_schema") or {}).get("schema"),
        thinks="reasoning_effort" in body,
        results=tuple(
            (calls[message["tool_call_id"]], _text(message))
            for message in body["messages"]
            if message["role"] == "tool"
        ),
    )


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")
