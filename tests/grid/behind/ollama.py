"""Ollama's native API, behind."""

import json
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import either, streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Reply

SETTINGS = "dialect: ollama, base_url: '{root}', keyless: true"
MODEL = "qwen3:8b"
LACKS: frozenset[str] = frozenset()

_HEAD = {"model": MODEL, "created_at": "2025-07-04T12:00:00.123456Z"}


def _calls(said: Said) -> list[dict[str, Any]]:
    return [{"function": {"name": name, "arguments": arguments}} for name, arguments in said.calls]


def _end(said: Said) -> dict[str, Any]:
    asked, answered = said.usage
    reason = "length" if said.finish == "length" else "stop"
    times = {"total_duration": 4883583458, "load_duration": 1334875, "prompt_eval_duration": 342546000}
    counts = {"prompt_eval_count": asked, "eval_count": answered, "eval_duration": 4535599000}
    return {"done": True, "done_reason": reason, **times, **counts}


def reply(said: Said) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": said.text}
    if said.thoughts:
        message["thinking"] = said.thoughts
    if said.calls:
        message["tool_calls"] = _calls(said)
    body = {**_HEAD, "message": message, **_end(said)}
    return either(whole(body), streamed(lines_of(said), "application/x-ndjson"))


def refusal(status: int, message: str) -> Reply:
    return whole({"error": message}, status=status)


def lines_of(said: Said) -> Iterator[bytes]:
    for word in filter(None, words(said.thoughts)):
        yield _line({"content": "", "thinking": word})
    for word in filter(None, words(said.text)):
        yield _line({"content": word})
    if said.calls:
        yield _line({"content": "", "tool_calls": _calls(said)})
    yield _line({"content": ""}, **_end(said))


def _line(message: dict[str, Any], **more: Any) -> bytes:
    piece = {**_HEAD, "message": {"role": "assistant", **message}, "done": False, **more}
    return json.dumps(piece).encode() + b"\n"


def heard(request: Request) -> Heard:
    body = request.json
    assert request.path == "/api/chat"
    messages = body["messages"]
    users = [message for message in messages if message["role"] == "user"]
    called = [call["function"]["arguments"]["city"] for m in messages for call in m.get("tool_calls") or ()]
    results = [message["content"] for message in messages if message["role"] == "tool"]
    return Heard(
        model=body["model"],
        prompt=users[-1]["content"],
        system="".join(message["content"] for message in messages if message["role"] == "system") or None,
        tools=tuple(
            (tool["function"]["name"], tool["function"]["description"], tool["function"]["parameters"])
            for tool in body.get("tools") or ()
        ),
        picture=next(iter(users[-1].get("images") or ()), None),
        schema=body.get("format"),
        thinks=bool(body.get("think")),
        results=tuple(zip(called, results, strict=True)),
    )
