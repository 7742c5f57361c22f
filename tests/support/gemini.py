"""Answers of an upstream of Gemini's API, written after Google's documentation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.support.http import Request
from tests.support.wire import Wire

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """An answer of these parts, whole or with an event for each, by what is called. `end`: `cut` breaks a stream off
    before its reason to finish."""

    parts: Sequence[Mapping[str, Any]] = ({"text": "Hello"}, {"text": " there"})
    reason: str = "STOP"
    end: Literal["done", "cut"] = "done"

    async def play(self, wire: Wire, request: Request) -> bool:
        if "stream" not in request.path:
            body = self._piece(list(self.parts), self.reason)
            await wire.write(_HEAD % b"application/json" + _chunk(json.dumps(body).encode()) + _chunk(b""))
            return True
        await wire.write(_HEAD % b"text/event-stream")
        for number, part in enumerate(self.parts):
            last = number == len(self.parts) - 1 and self.end == "done"
            event = self._piece([part], self.reason if last else None)
            await wire.write(_chunk(b"data: " + json.dumps(event).encode() + b"\r\n\r\n"))
        if self.end == "cut":
            return False
        await wire.write(_chunk(b""))
        return True

    def _piece(self, parts: list[Mapping[str, Any]], reason: str | None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if reason is not None:
            candidate["finishReason"] = reason
        usage = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "g-1", "responseId": "resp-1"}


@dataclass(frozen=True, slots=True)
class Counted:
    """What `countTokens` answers."""

    tokens: int = 42

    async def play(self, wire: Wire, request: Request) -> bool:
        body = json.dumps({"totalTokens": self.tokens}).encode()
        await wire.write(_HEAD % b"application/json" + _chunk(body) + _chunk(b""))
        return True


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)
