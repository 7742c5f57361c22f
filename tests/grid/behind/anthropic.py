"""Anthropic's Messages, behind."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import either, streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Reply

SETTINGS = "dialect: anthropic, base_url: '{root}', keyless: true"
MODEL = "claude-sonnet-4-5"
LACKS: frozenset[str] = frozenset()
SIGNATURE = "EuYDCmMIDBgC+signed/by=="

_REASONS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens"}


def _blocks(said: Said) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if said.thoughts:
        blocks.append({"type": "thinking", "thinking": said.thoughts, "signature": SIGNATURE})
    if said.text:
        blocks.append({"type": "text", "text": said.text})
    for number, (name, arguments) in enumerate(said.calls):
        blocks.append({"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": arguments})
    return blocks


def _message(said: Said, content: list[dict[str, Any]]) -> dict[str, Any]:
    asked, _ = said.usage
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": asked - 3, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 1}
        | {"output_tokens": 1},
    }


def reply(said: Said) -> Reply:
    message = _message(said, _blocks(said))
    message["stop_reason"] = _REASONS[said.finish]
    message["usage"]["output_tokens"] = said.usage[1]
    return either(whole(message), streamed(events_of(said), "text/event-stream; charset=utf-8"))


def refusal(status: int, message: str) -> Reply:
    error = {"type": "invalid_request_error", "message": message}
    return whole({"type": "error", "error": error, "request_id": "req_1"}, status=status)


def events_of(said: Said) -> Iterator[bytes]:
    yield _event({"type": "message_start", "message": _message(said, [])})
    for index, block in enumerate(_blocks(said)):
        start, deltas = _opened(block)
        yield _event({"type": "content_block_start", "index": index, "content_block": start})
        yield _event({"type": "ping"})
        for delta in deltas:
            yield _event({"type": "content_block_delta", "index": index, "delta": delta})
        yield _event({"type": "content_block_stop", "index": index})
    reason = {"stop_reason": _REASONS[said.finish], "stop_sequence": None}
    yield _event({"type": "message_delta", "delta": reason, "usage": {"output_tokens": said.usage[1]}})
    yield _event({"type": "message_stop"})


def _opened(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}, [{"type": "text_delta", "text": word} for word in words(block["text"])]
        case "thinking":
            deltas = [{"type": "thinking_delta", "thinking": word} for word in words(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {"type": "thinking", "thinking": "", "signature": ""}, deltas
        case _:
            text = json.dumps(block["input"])
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": piece} for piece in ("", text[:3], text[3:])
            ]


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def heard(request: Request) -> Heard:
    body = request.json
    assert request.path == "/v1/messages"
    assert request.headers["anthropic-version"] in ("2023-06-01", "2026-10-21")
    turns = body["messages"]
    roles = [turn["role"] for turn in turns]
    assert all(one != other for one, other in itertools.pairwise(roles)), roles
    blocks = [block for turn in turns for block in _listed(turn["content"])]
    calls = {block["id"]: block["input"]["city"] for block in blocks if block["type"] == "tool_use"}
    last = _listed(turns[-1]["content"])
    texts = [block["text"] for block in (last if turns[-1]["role"] == "user" else blocks) if block["type"] == "text"]
    asked = [block["text"] for turn in turns if turn["role"] == "user" for block in _listed(turn["content"])
             if block["type"] == "text"]  # fmt: skip
    pictures = [block["source"]["data"] for block in blocks if block["type"] == "image"]
    return Heard(
        model=body["model"],
        prompt="".join(texts) or asked[-1],
        system="".join(block["text"] for block in _listed(body.get("system") or [])) or None,
        tools=tuple((tool["name"], tool["description"], tool["input_schema"]) for tool in body.get("tools") or ()),
        picture=pictures[0] if pictures else None,
        schema=((body.get("output_config") or {}).get("format") or {}).get("schema"),
        thinks=(body.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
        results=tuple(
            (calls[block["tool_use_id"]], "".join(inner["text"] for inner in _listed(block["content"])))
            for block in blocks
            if block["type"] == "tool_result"
        ),
    )


def _listed(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
