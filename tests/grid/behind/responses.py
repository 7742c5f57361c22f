"""OpenAI's Responses, behind."""

import json
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import either, streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Reply

SETTINGS = "dialect: openai-responses, base_url: '{root}/v1', keyless: true"
MODEL = "gpt-5"
LACKS: frozenset[str] = frozenset()

_CALL_DELTA = "response.function_call_arguments.delta"


def _items(said: Said) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if said.thoughts:
        summary = [{"type": "summary_text", "text": said.thoughts}]
        items.append({"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "gAAAA+b/c=="})
    if said.text:
        part = {"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}
        message = {"role": "assistant", "status": "completed", "content": [part]}
        items.append({"id": "msg_1", "type": "message", **message})
    for number, (name, arguments) in enumerate(said.calls):
        call = {"call_id": f"call_{number}", "name": name, "arguments": json.dumps(arguments)}
        items.append({"id": f"fc_{number}", "type": "function_call", "status": "completed", **call})
    return items


def _response(said: Said) -> dict[str, Any]:
    asked, answered = said.usage
    cut = said.finish == "length"
    return {
        "id": "resp_up",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "incomplete" if cut else "completed",
        "model": MODEL,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": _items(said),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": asked,
            "input_tokens_details": {"cached_tokens": 2},
            "output_tokens": answered,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": asked + answered,
        },
    }


def reply(said: Said) -> Reply:
    numbered = enumerate(_events(said))
    return either(
        whole(_response(said)),
        streamed((_event({**event, "sequence_number": number}) for number, event in numbered), "text/event-stream"),
    )


def refusal(status: int, message: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return whole({"error": error}, status=status)


def _event(event: dict[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _events(said: Said) -> Iterator[dict[str, Any]]:
    response = _response(said)
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(response["output"]):
        place = {"item_id": item["id"], "output_index": index}
        yield {"type": "response.output_item.added", "output_index": index, "item": _opened(item)}
        yield from _told(item, place)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{response['status']}", "response": response}


def _opened(item: dict[str, Any]) -> dict[str, Any]:
    match item["type"]:
        case "reasoning":
            return {**item, "summary": [], "encrypted_content": ""}
        case "message":
            return {**item, "content": [], "status": "in_progress"}
        case _:
            return {**item, "arguments": "", "status": "in_progress"}


def _told(item: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    match item["type"]:
        case "reasoning":
            (part,) = item["summary"]
            kind, place, empty = "reasoning_summary", {**place, "summary_index": 0}, {**part, "text": ""}
            yield {"type": f"response.{kind}_part.added", **place, "part": empty}
            for word in words(part["text"]):
                yield {"type": f"response.{kind}_text.delta", **place, "delta": word}
            yield {"type": f"response.{kind}_text.done", **place, "text": part["text"]}
            yield {"type": f"response.{kind}_part.done", **place, "part": part}
        case "message":
            (part,) = item["content"]
            place = {**place, "content_index": 0}
            yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
            for word in words(part["text"]):
                yield {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []}
            yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []}
            yield {"type": "response.content_part.done", **place, "part": part}
        case _:
            text = item["arguments"]
            for piece in (text[:3], text[3:]):
                yield {"type": _CALL_DELTA, **place, "delta": piece}
            yield {"type": "response.function_call_arguments.done", **place, "arguments": text, "name": item["name"]}


def heard(request: Request) -> Heard:
    body = request.json
    assert request.path == "/v1/responses"
    items = [{"type": "message", **item} for item in body["input"]]
    messages = [item for item in items if item["type"] == "message"]
    system = [body.get("instructions") or ""]
    system += [_text(message) for message in messages if message["role"] in ("system", "developer")]
    users = [message for message in messages if message["role"] == "user"]
    calls = {
        item["call_id"]: json.loads(item["arguments"])["city"] for item in items if item["type"] == "function_call"
    }
    urls = [part["image_url"] for part in _parts(users[-1]) if part["type"] == "input_image"]
    return Heard(
        model=body["model"],
        prompt=_text(users[-1]),
        system="".join(system) or None,
        tools=tuple((tool["name"], tool["description"], tool["parameters"]) for tool in body.get("tools") or ()),
        picture=urls[0].split(",")[1] if urls else None,
        schema=((body.get("text") or {}).get("format") or {}).get("schema"),
        thinks=bool((body.get("reasoning") or {}).get("effort")),
        results=tuple(
            (calls[item["call_id"]], item["output"]) for item in items if item["type"] == "function_call_output"
        ),
    )


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _text(message: dict[str, Any]) -> str:
    return "".join(part["text"] for part in _parts(message) if part["type"] == "input_text")
