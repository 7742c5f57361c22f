"""The turns of a Messages request as messages of the hub.

One turn can become several messages: each tool result is a message of its own, in the order of the blocks.
"""

from collections.abc import Mapping
from typing import Any

from g4f.dialects.fields import write_value
from g4f.dialects.hub import SIGNED_BY_CLAUDE, read_signature

Json = dict[str, Any]


class Turns:
    """Collects `messages`; `lost` names the kinds of things in them that the hub has no words for."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self.lost: list[str] = []

    def add_system(self, system: Any) -> None:
        """The system prompt: a text, or blocks of text."""
        content = self._content(_blocks(system))
        if content:
            self.messages.append({"role": "system", "content": content})

    def add(self, message: Mapping[str, Any]) -> None:
        """One turn."""
        blocks = _blocks(message["content"])
        match message["role"]:
            case "assistant":
                self._assistant(blocks)
            case "system":
                self.add_system(blocks)
            case _:
                self._user(blocks)

    def _user(self, blocks: list[Json]) -> None:
        own: list[Json] = []
        for block in blocks:
            if block["type"] == "tool_result":
                self._say(own)
                own = []
                self._result(block)
            else:
                own.append(block)
        self._say(own)

    def _say(self, blocks: list[Json]) -> None:
        content = self._content(blocks)
        if content:
            self.messages.append({"role": "user", "content": content})

    def _result(self, block: Json) -> None:
        self._note(block)
        if block.get("is_error"):
            self.lost.append("is_error")
        said = block.get("content")
        content = said if isinstance(said, str) else self._content(_blocks(said))
        self.messages.append({"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": content})

    def _assistant(self, blocks: list[Json]) -> None:
        message: Json = {"role": "assistant", "content": None}
        for block in blocks:
            self._note(block)
            match block["type"]:
                case "text":
                    message["content"] = (message["content"] or "") + _text(block, "text")
                case "thinking" | "redacted_thinking":
                    _think(message, block)
                case "tool_use":
                    message.setdefault("tool_calls", []).append(_call(block))
                case other:  # what the server's own tools did in an earlier turn
                    self.lost.append(f"messages.{other}")
        if len(message) > 2 or message["content"]:
            self.messages.append(message)

    def _content(self, blocks: list[Json]) -> str | list[Json]:
        """A lone text as it is, anything else as parts."""
        parts = [part for block in blocks for part in self._parts(block)]
        if len(parts) == 1 and parts[0]["type"] == "text":
            return _text(parts[0], "text")
        return parts or ""

    def _parts(self, block: Json) -> list[Json]:
        self._note(block)
        source = block.get("source")
        if block["type"] == "text":
            return [{"type": "text", "text": _text(block, "text")}]
        if not isinstance(source, dict):
            return [block]
        if block["type"] == "image":
            url = _url(source)
            return [{"type": "image_url", "image_url": {"url": url}}] if url else [block]
        return self._document(block, source) if block["type"] == "document" else [block]

    def _document(self, block: Json, source: Json) -> list[Json]:
        """A document: its text where that is what it is made of, else a file."""
        title = _text(block, "title")
        match source.get("type"):
            case "text":
                text = _text(source, "data")
                return [{"type": "text", "text": f"{title}\n\n{text}" if title else text}]
            case "content":
                return [part for inner in _blocks(source.get("content")) for part in self._parts(inner)]
            case "base64":
                file = {"filename": title or "document.pdf", "file_data": _url(source)}
                return [{"type": "file", "file": file}]
            case _:
                return [block]

    def _note(self, block: Json) -> None:
        """What a block carries beside its content."""
        for name in ("cache_control", "citations", "context"):
            if block.get(name):
                self.lost.append(name)


def _blocks(content: Any) -> list[Json]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    blocks = content if isinstance(content, list) else []
    return [block for block in blocks if isinstance(block, dict) and isinstance(block.get("type"), str)]


def _text(block: Mapping[str, Any], name: str) -> str:
    text = block.get(name)
    return text if isinstance(text, str) else ""


def _url(source: Mapping[str, Any]) -> str:
    """The URL of a source, `data:` included; empty for a file that only its own service knows."""
    if source.get("type") == "base64":
        return f"data:{_text(source, 'media_type')};base64,{_text(source, 'data')}"
    return _text(source, "url") if source.get("type") == "url" else ""


def _think(message: Json, block: Json) -> None:
    if block["type"] == "thinking":
        text = _text(block, "thinking")
        message["reasoning_content"] = message.get("reasoning_content", "") + text
        format_, own = read_signature(_text(block, "signature"), own=SIGNED_BY_CLAUDE)
        detail: Json = {"type": "reasoning.text", "text": text, "signature": own, "format": format_}
    else:
        format_, own = read_signature(_text(block, "data"), own=SIGNED_BY_CLAUDE)
        detail = {"type": "reasoning.encrypted", "data": own, "format": format_ or SIGNED_BY_CLAUDE}
    if own:
        message.setdefault("reasoning_details", []).append(detail)


def _call(block: Json) -> Json:
    arguments = write_value(block.get("input") or {})
    return {
        "id": block.get("id"),
        "type": "function",
        "function": {"name": block.get("name"), "arguments": arguments},
    }
