"""Cohere's chat, behind."""

import json
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import either, streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Reply

SETTINGS = "dialect: cohere, base_url: '{root}', keyless: true"
MODEL = "command-a-reasoning-08-2025"
LACKS: frozenset[str] = frozenset({"text beside calls"})
"""What a model says before its calls is their plan, which clients are told as thoughts."""

_REASONS = {"stop": "COMPLETE", "tool_calls": "TOOL_CALL", "length": "MAX_TOKENS"}


def _end(said: Said) -> dict[str, Any]:
    asked, answered = said.usage
    billed = {"input_tokens": asked - 3, "output_tokens": answered}
    counts = {"input_tokens": float(asked), "output_tokens": float(answered)}
    usage = {"billed_units": billed, "tokens": counts, "cached_tokens": 2}
    return {"finish_reason": _REASONS[said.finish], "usage": usage}


def _call(number: int, name: str, arguments: str) -> dict[str, Any]:
    return {"id": f"{name}_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def reply(said: Said) -> Reply:
    """What it says beside its calls is its plan (`tool_plan`)."""
    message: dict[str, Any] = {"role": "assistant"}
    content = [{"type": "thinking", "thinking": said.thoughts}] if said.thoughts else []
    if said.calls:
        message["tool_plan"] = said.text
        message["tool_calls"] = [_call(number, name, json.dumps(of)) for number, (name, of) in enumerate(said.calls)]
    else:
        content.append({"type": "text", "text": said.text})
    if content:
        message["content"] = content
    body = {"id": "c14c80c3", "message": message, **_end(said)}
    return either(whole(body), streamed(_events(said), "text/event-stream"))


def refusal(status: int, message: str) -> Reply:
    return whole({"id": "c14c80c3", "message": message}, status=status)


def _events(said: Said) -> Iterator[bytes]:
    opening = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _event("message-start", opening, id="c14c80c3")
    index = 0
    for kind, text in (("thinking", said.thoughts), ("text", "" if said.calls else said.text)):
        if text:
            yield _event("content-start", {"content": {"type": kind, kind: ""}}, index=index)
            for word in words(text):
                yield _event("content-delta", {"content": {kind: word}}, index=index)
            yield _event("content-end", None, index=index)
            index += 1
    if said.calls:
        for word in words(said.text):
            yield _event("tool-plan-delta", {"tool_plan": word})
        for number, (name, arguments) in enumerate(said.calls):
            yield from _call_events(number, name, json.dumps(arguments))
    yield _wire({"type": "message-end", "id": "c14c80c3", "delta": _end(said)})


def _call_events(number: int, name: str, text: str) -> Iterator[bytes]:
    yield _event("tool-call-start", {"tool_calls": _call(number, name, "")}, index=number)
    for piece in (text[:3], text[3:]):
        yield _event("tool-call-delta", {"tool_calls": {"function": {"arguments": piece}}}, index=number)
    yield _event("tool-call-end", None, index=number)


def _event(kind: str, message: dict[str, Any] | None, **more: Any) -> bytes:
    return _wire({"type": kind, **more, **({} if message is None else {"delta": {"message": message}})})


def _wire(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def heard(request: Request) -> Heard:
    body = request.json
    assert request.path == "/v2/chat"
    messages = body["messages"]
    users = [message for message in messages if message["role"] == "user"]
    parts = users[-1]["content"] if isinstance(users[-1]["content"], list) else []
    pictures = [part["image_url"]["url"].split(",")[1] for part in parts if part["type"] == "image_url"]
    calls = {
        call["id"]: json.loads(call["function"]["arguments"])["city"]
        for message in messages
        for call in message.get("tool_calls") or ()
    }
    tools = [tool["function"] for tool in body.get("tools") or ()]
    return Heard(
        model=body["model"],
        prompt=_text(users[-1]),
        system="".join(_text(message) for message in messages if message["role"] == "system") or None,
        tools=tuple((tool["name"], tool["description"], tool["parameters"]) for tool in tools),
        picture=pictures[0] if pictures else None,
        schema=(body.get("response_format") or {}).get("json_schema"),
        thinks=(body.get("thinking") or {}).get("type") == "enabled",
        results=tuple((calls[m["tool_call_id"]], _text(m)) for m in messages if m["role"] == "tool"),
    )


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content if part["type"] == "text")
