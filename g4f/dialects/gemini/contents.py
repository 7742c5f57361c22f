"""Gemini's contents as the hub's messages.

A content holds parts of every kind: what the model said, thought and called in one is one message of the assistant;
results of functions become messages of their own. Calls without ids are numbered, and results matched to them by
name, in order.
"""

from typing import Any

from g4f.dialects.fields import check_few, mistyped, write_value
from g4f.dialects.gemini.signature import opened, standard
from g4f.dialects.gemini.wire import Json, objects, word
from g4f.dialects.waiting import Waiting

_ROLES = {"user": "user", "model": "assistant", "function": "user", "tool": "user", None: "user"}


class Contents:
    """Collects `messages`; names in `lost` what the hub has no words for."""

    def __init__(self, lost: dict[str, None]) -> None:
        self.messages: list[Json] = []
        self._lost = lost
        self._waiting = Waiting()
        self._calls = 0

    def add_system(self, instruction: Any) -> None:
        """The instruction: a content without role, or a text."""
        if instruction is None:
            return
        texts = [part.get("text") for part in _parts(instruction, "systemInstruction")]
        text = "\n\n".join(text for text in texts if isinstance(text, str) and text)
        if text:
            self.messages.append({"role": "system", "content": text})

    def add(self, contents: Any) -> None:
        """The contents: a list, a single one, or a text. Raises RequestError."""
        listed = contents if isinstance(contents, list) else [contents]
        check_few(listed, "contents")
        if listed and all(isinstance(item, str) or (isinstance(item, dict) and "parts" not in item) for item in listed):
            listed = [{"role": "user", "parts": listed}]
        # All are looked at before the first is written: what is refused is refused soon.
        turns = [_turn(content, f"contents[{position}]") for position, content in enumerate(listed)]
        for position, (role, parts) in enumerate(turns):
            if role == "assistant":
                self._said(parts)
            else:
                self._asked(parts, f"contents[{position}]")

    def _asked(self, parts: list[Json], place: str) -> None:
        said: list[Json] = []
        for part in parts:
            result = word(part, "functionResponse")
            if isinstance(result, dict):
                self._result(result, place)
                continue
            said += self._part(part)
        if said:
            only = said[0]["text"] if len(said) == 1 and said[0]["type"] == "text" else said
            self.messages.append({"role": "user", "content": only})

    def _part(self, part: Json) -> list[Json]:
        inline, file = word(part, "inlineData"), word(part, "fileData")
        if part.get("text") is not None:
            return [{"type": "text", "text": part["text"]}]
        if isinstance(inline, dict):
            return [_inline(str(word(inline, "mimeType") or ""), standard(str(inline.get("data") or "")))]
        if isinstance(file, dict) and str(word(file, "mimeType") or "image/").startswith("image/"):
            return [{"type": "image_url", "image_url": {"url": str(word(file, "fileUri") or "")}}]
        self._lost.update(dict.fromkeys(f"parts.{name}" for name in part))
        return []

    def _result(self, result: Json, place: str) -> None:
        name = result.get("name")
        if not isinstance(name, str):
            mistyped(f"{place}.parts.functionResponse.name", "a string", missing="name" not in result)
        own = result.get("id")
        call = self._waiting.take(own, name) or (own if isinstance(own, str) else f"call_{name}")
        given = result.get("response")
        only = given.get("result", given.get("output")) if isinstance(given, dict) and len(given) == 1 else None
        text = only if isinstance(only, str) else write_value(given)
        shown = [piece for part in objects(result.get("parts")) for piece in self._part(part)]
        content = [{"type": "text", "text": text}, *shown] if shown else text
        self.messages.append({"role": "tool", "tool_call_id": call, "name": name, "content": content})

    def _said(self, parts: list[Json]) -> None:
        message: Json = {"role": "assistant", "content": None}
        texts, thoughts, calls, details = [], [], [], []
        for part in parts:
            signature = word(part, "thoughtSignature")
            if isinstance(signature, str):
                format_, own = opened(signature)
                details.append({"type": "reasoning.encrypted", "data": own, "format": format_})
            called = word(part, "functionCall")
            if isinstance(called, dict):
                calls.append(self._call(called))
            elif part.get("thought") is True:
                thoughts.append(part.get("text") or "")
            elif part.get("text") is not None:
                texts.append(part["text"])
            elif signature is None:
                self._lost.update(dict.fromkeys(f"parts.{name}" for name in part))
        if texts:
            message["content"] = "".join(texts)
        if thoughts:
            message["reasoning_content"] = "".join(thoughts)
        if details:
            message["reasoning_details"] = details
        if calls:
            message["tool_calls"] = calls
            self._waiting = Waiting((call["id"], call["function"]["name"]) for call in calls)
        self.messages.append(message)

    def _call(self, called: Json) -> Json:
        name, own = called.get("name"), called.get("id")
        if not isinstance(name, str):
            mistyped("contents.parts.functionCall.name", "a string", missing="name" not in called)
        self._calls += 1
        arguments = write_value(called.get("args") or {})
        call = own if isinstance(own, str) and own else f"call_{self._calls}"
        return {"id": call, "type": "function", "function": {"name": name, "arguments": arguments}}


def _inline(kind: str, data: str) -> Json:
    """Data within the request, as the hub has it by its type."""
    if kind.startswith("audio/"):
        form = {"audio/mpeg": "mp3", "audio/x-wav": "wav"}.get(kind, kind.removeprefix("audio/"))
        return {"type": "input_audio", "input_audio": {"data": data, "format": form}}
    url = f"data:{kind};base64,{data}"
    if kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "file": {"file_data": url, "filename": "file"}}


def _turn(content: Any, place: str) -> tuple[str, list[Json]]:
    """The role of a content in the hub's words, and its parts."""
    if not isinstance(content, dict):
        mistyped(place, "an object with parts")
    role = content.get("role")
    if not isinstance(role, str | None) or role not in _ROLES:
        mistyped(f"{place}.role", "user or model")
    return _ROLES[role], _parts(content, place)


def _parts(content: Any, place: str) -> list[Json]:
    if isinstance(content, str):
        return [{"text": content}]
    parts = content.get("parts") if isinstance(content, dict) else None
    parts = [parts] if isinstance(parts, dict | str) else parts
    if not isinstance(parts, list):
        mistyped(f"{place}.parts", "a list of parts", missing=parts is None)
    check_few(parts, f"{place}.parts")
    read = [{"text": part} if isinstance(part, str) else part for part in parts]
    for number, part in enumerate(read):
        if not isinstance(part, dict):
            mistyped(f"{place}.parts[{number}]", "an object")
        if not isinstance(part.get("text", ""), str):
            mistyped(f"{place}.parts[{number}].text", "a string")
    return read
