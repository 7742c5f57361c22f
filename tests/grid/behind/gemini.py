"""Gemini's API, behind."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.grid.behind.replying import streamed, whole
from tests.grid.exchange import Heard, Said, words
from tests.support.http import Request
from tests.support.replies import Choose, Reply

SETTINGS = "dialect: gemini, base_url: '{root}', keyless: true"
MODEL = "gemini-2.5-flash"
LACKS: frozenset[str] = frozenset()
SIGNATURE = "c2lnbmVkKy9ieQ=="

_STANDARD = str.maketrans("-_", "+/")
"""Google takes base64 of either alphabet."""
_PATHS = {"generateContent": False, "streamGenerateContent?alt=sse": True}
_REASONS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS"}


def _calls(said: Said) -> list[dict[str, Any]]:
    """Calls without ids, as Google's own models make them; the first is signed."""
    calls: list[dict[str, Any]] = [{"functionCall": {"name": name, "args": given}} for name, given in said.calls]
    return [{**call, "thoughtSignature": SIGNATURE} if not number else call for number, call in enumerate(calls)]


def _piece(said: Said, parts: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    asked, answered = said.usage
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = _REASONS[said.finish]
    counts = {"promptTokenCount": asked, "totalTokenCount": asked + answered}
    thought = 2 if said.thoughts else 0
    counts |= {"candidatesTokenCount": answered - thought, "thoughtsTokenCount": thought}
    return {"candidates": [candidate], "usageMetadata": counts, "modelVersion": MODEL, "responseId": "resp-1"}


def reply(said: Said) -> Reply:
    parts = [{"text": said.thoughts, "thought": True}] if said.thoughts else []
    parts += [{"text": said.text}] if said.text else []
    of_one = whole(_piece(said, [*parts, *_calls(said)], last=True))
    of_stream = streamed(_events(said), "text/event-stream")
    return Choose(lambda request: of_stream if _PATHS[_call(request)] else of_one)


def refusal(status: int, message: str) -> Reply:
    name = "INVALID_ARGUMENT" if status < 500 else "INTERNAL"
    return whole({"error": {"code": status, "message": message, "status": name}}, status=status)


def _events(said: Said) -> Iterator[bytes]:
    parts: list[dict[str, Any]] = [{"text": word, "thought": True} for word in words(said.thoughts) if word]
    parts += [{"text": word} for word in words(said.text) if word]
    parts += _calls(said)
    for number, part in enumerate(parts, 1):
        piece = _piece(said, [part], last=number == len(parts))
        yield b"data: " + json.dumps(piece).encode() + b"\r\n\r\n"


def _call(request: Request) -> str:
    return request.path.rpartition(":")[2]


def heard(request: Request) -> Heard:
    body = _named(request.json)
    path, _, call = request.path.rpartition(":")
    assert call in _PATHS
    turns = body["contents"]
    assert all(one["role"] != other["role"] for one, other in itertools.pairwise(turns))
    parts = [part for turn in turns for part in turn["parts"]]
    asked = [part["text"] for turn in turns if turn["role"] == "user" for part in turn["parts"] if "text" in part]
    called = [part["functionCall"] for part in parts if "functionCall" in part]
    given = [part["functionResponse"] for part in parts if "functionResponse" in part]
    assert [call["name"] for call in called] == [result["name"] for result in given]
    config = body.get("generationConfig") or {}
    declared = [function for tool in body.get("tools") or () for function in tool["functionDeclarations"]]
    pictures = [part["inlineData"] for part in parts if "inlineData" in part]
    assert all(picture["mimeType"] == "image/png" for picture in pictures)
    return Heard(
        model=path.removeprefix("/v1beta/models/"),
        prompt="".join(asked),
        system="".join(part["text"] for part in (body.get("systemInstruction") or {}).get("parts") or ()) or None,
        tools=tuple((one["name"], one["description"], one["parametersJsonSchema"]) for one in declared),
        picture=pictures[0]["data"].translate(_STANDARD) if pictures else None,
        schema=config.get("responseJsonSchema"),
        thinks=(config.get("thinkingConfig") or {}).get("includeThoughts") is True,
        results=tuple(
            (call["args"]["city"], str(result["response"]["result"]))
            for call, result in zip(called, given, strict=True)
        ),
    )


def _named(value: Any) -> Any:
    """With all names in camel case: Google takes the snake case as well, and its SDKs send some of it."""
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {re.sub("_([a-z])", lambda m: m[1].upper(), name): _named(item) for name, item in value.items()}
