"""Upstreams that fail as they are told: one small server on loopback that plays every provider of a configuration.

It speaks the API of OpenAI and knows no more of HTTP than the drill needs.
"""

import asyncio
import json
import socket
from collections.abc import Mapping
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

from g4f.gateway.drill.asked import answer

#: What a rate-limited upstream asks for, in seconds.
RETRY_AFTER: Final = 30


class Fault(StrEnum):
    """What is wrong with a provider. The value is the word for people."""

    NONE = "well"
    DOWN = "down"
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    SLOW = "slow"
    BROKEN = "broken off"
    BAD_KEY = "bad key"
    CUT = "cut after its beginning"


#: The answers to a request, for the faults that answer at once.
_REFUSALS: Final[Mapping[Fault, tuple[str, Mapping[str, str], str]]] = {
    Fault.RATE_LIMITED: ("429 Too Many Requests", {"Retry-After": str(RETRY_AFTER)}, "rate_limit_exceeded"),
    Fault.SERVER_ERROR: ("500 Internal Server Error", {}, "server_error"),
    Fault.BAD_KEY: ("401 Unauthorized", {}, "invalid_api_key"),
}


class Upstreams:
    """`async with Upstreams() as upstreams:`; `upstreams.faults[provider]` says what is wrong with it."""

    def __init__(self) -> None:
        self.faults: dict[str, Fault] = {}
        self._closed = socket.socket()  # a port that is taken and answers nobody
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._closed.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.close()
        if self._server is not None:
            self._server.close()

    def url(self, provider: str) -> str:
        """The base URL of a provider; of one that is down, nobody listens there."""
        assert self._server is not None  # noqa: S101 - asked while it runs
        listening = self._closed if self.faults.get(provider) is Fault.DOWN else self._server.sockets[0]
        return f"http://127.0.0.1:{listening.getsockname()[1]}/{provider}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next((line for line in head.lower().split("\r\n") if line.startswith("content-length:")), ":0")
            await reader.readexactly(int(length.partition(":")[2]))
            path = head.split(" ", 2)[1]
            fault = self.faults.get(path.split("/", 2)[1], Fault.NONE)
            if fault is Fault.SLOW:
                await reader.read()  # until the caller has had enough
            else:
                writer.write(_answer(fault, path))
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass  # the caller left
        finally:
            writer.close()


def _answer(fault: Fault, path: str) -> bytes:
    refusal = _REFUSALS.get(fault)
    if refusal is not None:
        status, headers, code = refusal
        error = {"error": {"message": "This is a drill.", "type": code, "param": None, "code": code}}
        return _http(status, {"Content-Type": "application/json", **headers}, json.dumps(error).encode())
    whole = answer(path)
    if whole is not None:
        media_type, body = whole
        kept = {Fault.BROKEN: 0, Fault.CUT: len(body) // 2}.get(fault, len(body))
        return _http("200 OK", {"Content-Type": media_type}, body[:kept], length=len(body))
    chats = path.endswith("/chat/completions")
    events = [
        _event({"delta": {"content": text}} if chats else {"text": text}) for text in ("", "This is ", "a drill.")
    ]
    events += [_event({"delta": {}} if chats else {"text": ""}, "stop"), b"data: [DONE]\n\n"]
    sent = {Fault.BROKEN: events[:1], Fault.CUT: events[:2]}.get(fault, events)
    # Without a length the end of the connection is the end of the body: a stream is only whole by its terminator.
    return _http("200 OK", {"Content-Type": "text/event-stream"}, b"".join(sent))


def _event(said: Mapping[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "finish_reason": finish, **said}
    chunk = {
        "id": "chatcmpl-drill",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "drill",
        "choices": [choice],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _http(status: str, headers: Mapping[str, str], body: bytes, *, length: int | None = None) -> bytes:
    """An answer. `length` is what it claims to be, where it claims to know."""
    lines = [f"HTTP/1.1 {status}", "Connection: close", *(f"{name}: {value}" for name, value in headers.items())]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
