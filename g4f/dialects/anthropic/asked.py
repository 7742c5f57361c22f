"""The messages of the hub as turns of Anthropic's: users and assistants in alternation, the system's words apart."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from g4f.dialects.anthropic.tools import call_id
from g4f.dialects.hub import (
    SIGNED_BY_CLAUDE,
    Json,
    arguments_of,
    calls_of,
    image_url,
    parts_of,
    read_data_url,
    signed_thoughts,
    text_of,
    unsupported,
)
from g4f.errors import RequestError


class MessagesOf:
    """`system` and `turns` of a request, and the names of what was `dropped`. Raises AttemptFailed."""

    def __init__(self, messages: Iterable[Mapping[str, Any]]) -> None:
        self.system: list[Json] = []
        self.turns: list[Json] = []
        self.dropped: list[str] = []
        for message in messages:
            self._add(message)
        if not self.turns:
            raise unsupported("Anthropic wants something said by the user, not only the system's words")
        self._end_cleanly()

    @property
    def thinks_before_tools(self) -> bool:
        """Whether every turn of the assistant since the user last spoke began with a thought; so it is if there is
        none."""
        for turn in reversed(self.turns):
            if turn["role"] == "assistant":
                if turn["content"][0]["type"] not in ("thinking", "redacted_thinking"):
                    return False
            elif not any(block["type"] == "tool_result" for block in turn["content"]):
                return True
        return True

    def _add(self, message: Mapping[str, Any]) -> None:
        if message.get("name"):
            self.dropped.append("messages.name")
        match message["role"]:
            case "system" | "developer":
                self.system += self._blocks(message)
            case "assistant":
                self._turn("assistant", [*_thoughts(message), *_texts(message), *_calls(message)])
            case "tool" | "function":
                self._turn("user", [self._result(message)])
            case _:
                self._turn("user", self._blocks(message))

    def _turn(self, role: str, blocks: list[Json]) -> None:
        """A turn; one of the same role as the last is part of it."""
        if self.turns and self.turns[-1]["role"] == role:
            self.turns[-1]["content"] += blocks
        elif blocks:
            self.turns.append({"role": role, "content": blocks})

    def _blocks(self, message: Mapping[str, Any]) -> list[Json]:
        return [block for part in parts_of(message.get("content")) if (block := _block(part)) is not None]

    def _result(self, message: Mapping[str, Any]) -> Json:
        own = message.get("tool_call_id") or message.get("name")  # the latter in the calls of before 2023-11
        result: Json = {"type": "tool_result", "tool_use_id": call_id(own)}
        blocks = self._blocks(message)
        if blocks:
            result["content"] = blocks
        return result

    def _end_cleanly(self) -> None:
        """What the assistant is to go on with must not end in white space."""
        last = self.turns[-1]
        if last["role"] == "assistant" and last["content"][-1]["type"] == "text":
            block = last["content"][-1]
            last["content"][-1] = {**block, "text": block["text"].rstrip()}


def _thoughts(message: Mapping[str, Any]) -> list[Json]:
    """The thoughts that Claude signed; the others it would refuse."""
    blocks: list[Json] = []
    for detail in signed_thoughts(message):
        if detail.get("format", SIGNED_BY_CLAUDE) != SIGNED_BY_CLAUDE:
            continue
        if detail.get("type") == "reasoning.encrypted" and detail.get("data"):
            blocks.append({"type": "redacted_thinking", "data": detail["data"]})
        elif detail.get("type") == "reasoning.text" and detail.get("signature"):
            text = detail.get("text") or ""
            blocks.append({"type": "thinking", "thinking": text, "signature": detail["signature"]})
    return blocks


def _texts(message: Mapping[str, Any]) -> list[Json]:
    refusal = message.get("refusal")
    text = text_of(message.get("content")) or (refusal if isinstance(refusal, str) else "")
    if not text.strip():
        return []
    cached = [part["cache_control"] for part in parts_of(message.get("content")) if part.get("cache_control")]
    return [{"type": "text", "text": text, **({"cache_control": cached[-1]} if cached else {})}]


def _calls(message: Mapping[str, Any]) -> list[Json]:
    calls, old = calls_of(message), message.get("function_call")
    if isinstance(old, dict):
        calls = [*calls, {"id": old.get("name"), "function": old}]
    return [_call(call) for call in calls]


def _call(call: Mapping[str, Any]) -> Json:
    function = call.get("function")
    if not isinstance(function, dict):
        raise unsupported("Anthropic has no calls of tools whose input is free text (type: custom)")
    return {
        "type": "tool_use",
        "id": call_id(call.get("id")),
        "name": function.get("name"),
        "input": arguments_of(call),
    }


def _block(part: Json) -> Json | None:
    """A part of a message. Empty texts are left out: Anthropic refuses them."""
    match part.get("type"):
        case "text" | "input_text":
            text = part.get("text")
            block: Json | None = {"type": "text", "text": text} if isinstance(text, str) and text.strip() else None
        case "image_url":
            block = {"type": "image", "source": _source(image_url(part), "image")}
        case "file":
            block = _document(part.get("file"))
        case other:
            raise unsupported(f"Anthropic has no words for a part of type {other!s:.64}")
    if block is not None and part.get("cache_control"):
        block["cache_control"] = part["cache_control"]
    return block


def _document(file: Any) -> Json:
    inside = file.get("file_data") if isinstance(file, dict) else None
    read = read_data_url(inside) if isinstance(inside, str) else None
    if read is None:
        raise unsupported("Anthropic takes files within the message only, not by an id of OpenAI's")
    kind, data = read
    if kind.startswith("text/"):
        source = {"type": "text", "media_type": "text/plain", "data": _plain(data)}
    elif kind in ("", "application/pdf"):
        source = {"type": "base64", "media_type": "application/pdf", "data": data}
    else:
        raise unsupported(f"Anthropic takes files of PDF and of text, not {kind:.64}")
    title = file.get("filename")
    return {"type": "document", "source": source, **({"title": title} if isinstance(title, str) and title else {})}


def _plain(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise RequestError("file_data is not base64", code="invalid_value", param="messages") from None


def _source(url: str, what: str) -> Json:
    read = read_data_url(url)
    if read is not None:
        return {"type": "base64", "media_type": read[0] or "image/png", "data": read[1]}
    if url.startswith("https://"):
        return {"type": "url", "url": url}
    raise unsupported(f"Anthropic takes an {what} as https: or as data: in base64")
