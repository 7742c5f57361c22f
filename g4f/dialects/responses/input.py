"""The input of a Responses request as the messages of a chat, and back.

A chat has one message where Responses have an item for each thing the model did: what an assistant said, thought and
called in a row becomes one message.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from g4f.dialects.fields import mistyped
from g4f.dialects.hub import (
    SIGNED_BY_OPENAI,
    calls_of,
    parts_of,
    read_signature,
    said_text,
    signed_thoughts,
    unspoken,
    unsupported,
)

Json = dict[str, Any]

_CALLS = {"function_call": "function", "custom_tool_call": "custom"}
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})


def messages_of(items: Any, lost: list[str]) -> list[Json]:
    """The messages that `input` stands for; what has no words in a chat is named in `lost`. Raises RequestError."""
    if items is None:
        return []
    if isinstance(items, str):
        return [{"role": "user", "content": items}]
    if not isinstance(items, list):
        mistyped("input", "a string or a list of items")
    messages: list[Json] = []
    turn: Json | None = None  # the assistant's message that further items belong to
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            mistyped(f"input[{position}]", "an object")
        kind = item.get("type") or "message"
        if not isinstance(kind, str):
            mistyped(f"input[{position}].type", "a string")
        if kind == "message" and item.get("role") != "assistant":
            messages.append(_message(item, position, lost))
            turn = None
        elif kind in _OUTPUTS:
            messages.append(_tool_result(item, position, lost))
            turn = None
        elif kind in ("message", "reasoning") or kind in _CALLS:
            if turn is None or (kind == "message" and turn["content"] is not None):
                turn = {"role": "assistant", "content": None}
                messages.append(turn)
            _add_to_turn(turn, item, kind, position, lost)
        else:
            lost.append(f"input.{kind}")
    return messages


def _message(item: Json, position: int, lost: list[str]) -> Json:
    role = item.get("role")
    if not isinstance(role, str):
        mistyped(f"input[{position}].role", "a string", missing="role" not in item)
    return {"role": role, "content": _content(item.get("content"), f"input[{position}].content", lost)}


def _content(content: Any, place: str, lost: list[str]) -> Any:
    """A text, or the parts in a chat's words; one text part alone is the text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        mistyped(place, "a string or a list of parts")
    parts: list[Json] = []
    for number, part in enumerate(content):
        if not isinstance(part, dict):
            mistyped(f"{place}[{number}]", "an object")
        for name in ("text", "refusal"):
            if not isinstance(part.get(name, ""), str):
                mistyped(f"{place}[{number}].{name}", "a string")
        parts += _part(part, lost)
    if len(parts) == 1 and parts[0]["type"] == "text":
        return parts[0]["text"]
    return parts


def _part(part: Json, lost: list[str]) -> Iterator[Json]:
    match part.get("type"):
        case "input_text" | "output_text" | "text":
            yield {"type": "text", "text": part.get("text", "")}
        case "refusal":
            yield {"type": "text", "text": part.get("refusal", "")}
        case "input_image" if isinstance(part.get("image_url"), str):
            image = {"url": part["image_url"]}
            if part.get("detail") is not None:
                image["detail"] = part["detail"]
            yield {"type": "image_url", "image_url": image}
        case "input_audio" if isinstance(part.get("input_audio"), dict):
            yield {"type": "input_audio", "input_audio": part["input_audio"]}
        case "input_file" if part.get("file_url") is None:
            file = {key: part[key] for key in ("file_id", "file_data", "filename") if part.get(key) is not None}
            yield {"type": "file", "file": file}
        case "input_image" | "input_file":
            yield part  # only OpenAI can look up what it points at: others refuse it
        case kind:
            lost.append(f"input.{kind}")


def _tool_result(item: Json, position: int, lost: list[str]) -> Json:
    call = item.get("call_id")
    if not isinstance(call, str):
        mistyped(f"input[{position}].call_id", "a string", missing="call_id" not in item)
    return {
        "role": "tool",
        "tool_call_id": call,
        "content": _content(item.get("output", ""), f"input[{position}].output", lost),
    }


def _add_to_turn(turn: Json, item: Json, kind: str, position: int, lost: list[str]) -> None:
    if kind == "message":
        turn["content"] = _content(item.get("content"), f"input[{position}].content", lost)
    elif kind == "reasoning":
        _add_reasoning(turn, item)
    else:
        name, call = item.get("name"), item.get("call_id")
        if not isinstance(name, str) or not isinstance(call, str):
            param = "name" if not isinstance(name, str) else "call_id"
            mistyped(f"input[{position}].{param}", "a string", missing=param not in item)
        form = _CALLS[kind]
        said = {"arguments": item.get("arguments") or "{}"} if form == "function" else {"input": item.get("input", "")}
        turn.setdefault("tool_calls", []).append({"id": call, "type": form, form: {"name": name, **said}})


def _add_reasoning(turn: Json, item: Json) -> None:
    pieces = [piece for name in ("content", "summary") for piece in parts_of(item.get(name))]
    text = "".join(piece["text"] for piece in pieces if isinstance(piece.get("text"), str))
    if text:
        turn["reasoning_content"] = turn.get("reasoning_content", "") + text
    proof = item.get("encrypted_content")
    if isinstance(proof, str):
        format_, own = read_signature(proof, own=SIGNED_BY_OPENAI)
        detail = {"type": "reasoning.text", "text": text, "signature": own}
        if not text:
            detail = {"type": "reasoning.encrypted", "data": own}
        turn.setdefault("reasoning_details", []).append({**detail, "format": format_})


def as_items(said: Any) -> list[Json]:
    """`input` as items: a text is what the user says."""
    if isinstance(said, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": said}]}]
    return list(said or ())


def own_item(item: Any) -> Any:
    """An item as OpenAI can be sent it. Thoughts that it did not sign are None: it refuses what it cannot decrypt, and
    such as it neither keeps (`id`) nor has the text of are of no use to it."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return item
    proof = item.get("encrypted_content")
    if not isinstance(proof, str):
        return item if item.get("id") else None
    format_, own = read_signature(proof, own=SIGNED_BY_OPENAI)
    if format_ != SIGNED_BY_OPENAI or not own:
        return None
    return item if own == proof else {**item, "encrypted_content": own}


def to_go_on_from(output: list[Json]) -> Iterator[Json]:
    """The items of an answer as the input of a later request, to whichever provider: without the ids that only the
    one who gave them knows, and without thoughts that nobody could read again."""
    for item in output:
        if item.get("type") != "reasoning" or item.get("encrypted_content"):
            yield {key: value for key, value in item.items() if key not in ("id", "status")}


def items_of(messages: list[Mapping[str, Any]], dropped: list[str]) -> Iterator[Json]:
    """The items that the messages of a chat stand for. Raises AttemptFailed for a part that it has no words for."""
    dropped += unspoken(messages, signed_by=SIGNED_BY_OPENAI)
    for position, message in enumerate(messages):
        role = message.get("role")
        if role == "tool":
            yield {
                "type": "function_call_output",
                "call_id": message.get("tool_call_id", ""),
                "output": _output(message.get("content")),
            }
        elif role == "assistant":
            yield from _said(message, position, dropped)
        else:
            yield {"role": role, "content": _input_parts(message.get("content"))}


def _said(message: Mapping[str, Any], position: int, dropped: list[str]) -> Iterator[Json]:
    for detail in signed_thoughts(message):
        proof = detail.get("signature") or detail.get("data")
        if isinstance(proof, str) and detail.get("format", SIGNED_BY_OPENAI) == SIGNED_BY_OPENAI:
            text = detail.get("text")
            summary = [{"type": "summary_text", "text": text}] if text else []
            yield {"type": "reasoning", "summary": summary, "encrypted_content": proof}
    text = said_text(message)
    if text:
        yield {"role": "assistant", "content": text}
    for call in calls_of(message):
        said = call.get("custom" if call.get("type") == "custom" else "function")
        said = said if isinstance(said, dict) else {}
        if call.get("type") == "custom":
            yield {
                "type": "custom_tool_call",
                "call_id": call.get("id", ""),
                "name": said.get("name", ""),
                "input": said.get("input", ""),
            }
        else:
            yield {
                "type": "function_call",
                "call_id": call.get("id", ""),
                "name": said.get("name", ""),
                "arguments": said.get("arguments") or "{}",
            }
    if message.get("audio"):
        dropped.append(f"messages[{position}].audio")


def _output(content: Any) -> Any:
    if isinstance(content, str):
        return content
    parts = _input_parts(content)
    return parts if parts else ""


def _input_parts(content: Any) -> Any:
    if not isinstance(content, list):
        return content or ""
    parts: list[Json] = []
    for part in parts_of(content):
        match part.get("type"):
            case "text" | "input_text" | "refusal":
                parts.append({"type": "input_text", "text": part.get("text") or part.get("refusal") or ""})
            case "image_url":
                image = part.get("image_url")
                image = image if isinstance(image, dict) else {"url": image}
                detail = {"detail": image["detail"]} if image.get("detail") else {}
                parts.append({"type": "input_image", "image_url": image.get("url"), **detail})
            case "input_audio":
                parts.append({"type": "input_audio", "input_audio": part.get("input_audio")})
            case "file":
                file = part.get("file")
                parts.append({"type": "input_file", **(file if isinstance(file, dict) else {})})
            case "input_image" | "input_file":
                parts.append(part)
            case other:
                raise unsupported(f"The Responses API has no words for a part of type {other!s:.64}")
    return parts
