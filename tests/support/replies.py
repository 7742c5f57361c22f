"""What a scripted upstream can answer with, from a perfect completion to a connection that is torn down.

Each reply is a small frozen value with one verb, `play`, which writes it and says whether the connection may carry
another request. A reply never waits for time to pass: where a test wants a pause it puts a `Gate` into the stream.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tests.support.http import Request, answer, chunk, head
from tests.support.wire import Wire

CREATED = 1_700_000_000
_SSE = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}

End = Literal["done", "eof", "cut", "reset", "hang"]


class Reply(Protocol):
    """One answer. `play` returns True where the connection stays open for the next request."""

    async def play(self, wire: Wire, request: Request) -> bool: ...


class Gate:
    """A place in a stream where the upstream waits until the test lets it go on."""

    def __init__(self) -> None:
        self.arrivals = 0
        self._changed = asyncio.Condition()
        self._opened = asyncio.Event()

    async def arrived(self, count: int = 1) -> None:
        """Wait until `count` streams have come here."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.arrivals >= count)

    def open(self) -> None:
        """Let everybody pass, now and later."""
        self._opened.set()

    async def passage(self) -> None:
        async with self._changed:
            self.arrivals += 1
            self._changed.notify_all()
        await self._opened.wait()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function; `arguments` is JSON text."""

    name: str
    arguments: str = "{}"
    id: str = "call_1"

    def wire(self, index: int | None = None) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments}
        called = {"id": self.id, "type": "function", "function": function}
        return called if index is None else {"index": index, **called}


@dataclass(frozen=True, slots=True)
class Completion:
    """A good answer, as JSON or as a stream, whichever the request asks for; `n` alternatives where it asks for them.

    `usage` is (prompt, completion) tokens. `choice` and `extra` are added to each choice and to the top level. JSON
    comes `after` a gate was opened.
    """

    text: str = "hi"
    tool_calls: Sequence[ToolCall] = ()
    usage: tuple[int, int] = (7, 3)
    choice: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    after: Gate | None = None

    async def play(self, wire: Wire, request: Request) -> bool:
        if request.json.get("stream"):
            return await Stream(self._events(request), end="done").play(wire, request)
        if self.after is not None:
            await self.after.passage()
        await wire.write(answer(200, {}, json.dumps(self.body(request)).encode()))
        return True

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON answer to a request."""
        choices = [
            {"index": index, "message": self._message(), "finish_reason": self._finish(), **self.choice}
            for index in range(request.json.get("n") or 1)
        ]
        top = {"id": "chatcmpl-1", "object": "chat.completion", "created": CREATED, "model": request.json["model"]}
        return {**top, "choices": choices, "usage": self._usage(), **self.extra}

    def _message(self) -> dict[str, Any]:
        if self.tool_calls:
            return {"role": "assistant", "content": None, "tool_calls": [call.wire() for call in self.tool_calls]}
        return {"role": "assistant", "content": self.text}

    def _finish(self) -> str:
        return "tool_calls" if self.tool_calls else "stop"

    def _usage(self) -> dict[str, int]:
        prompt, completion = self.usage
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def _events(self, request: Request) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        for index in range(request.json.get("n") or 1):
            events.append(delta(request, {"role": "assistant", "content": ""}, index=index, **self.choice))
            pieces: list[dict[str, Any]]
            if self.tool_calls:
                pieces = [{"tool_calls": [call.wire(place)]} for place, call in enumerate(self.tool_calls)]
            else:
                pieces = [{"content": word} for word in words(self.text)]
            events += [delta(request, piece, index=index, **self.choice) for piece in pieces]
            events.append(delta(request, {}, index=index, finish=self._finish()))
        if (request.json.get("stream_options") or {}).get("include_usage"):
            events.append({**delta(request, {}), "choices": [], "usage": self._usage()})
        return [{**event, **self.extra} for event in events]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream made by hand, whatever the request asks for.

    A `str` is a delta of text, a mapping an event as it stands, `bytes` are written raw, and a `Gate` waits. `end`:
    `done` is a finish reason where none was given, and `[DONE]`; `eof` the end of the body without either; `cut` closes
    within the body; `reset` does so with an RST; `hang` says nothing more until the peer leaves.
    """

    chunks: Sequence[str | bytes | Mapping[str, Any] | Gate]
    end: End = "done"

    async def play(self, wire: Wire, request: Request) -> bool:
        await wire.write(head(200, _SSE))
        finished = False
        for piece in self.chunks:
            if isinstance(piece, Gate):
                await piece.passage()
                continue
            event = delta(request, {"content": piece}) if isinstance(piece, str) else piece
            finished = finished or (not isinstance(event, bytes) and _finishes(event))
            await wire.write(chunk(event if isinstance(event, bytes) else sse(event)))
        return await self._finish(wire, request, finished=finished)

    async def _finish(self, wire: Wire, request: Request, *, finished: bool) -> bool:
        match self.end:
            case "done":
                last = b"" if finished else sse(delta(request, {}, finish="stop"))
                await wire.write(chunk(last + b"data: [DONE]\n\n") + chunk(b""))
                return True
            case "eof":
                await wire.write(chunk(b""))
                return True
            case "cut":
                return False
            case "reset":
                wire.reset()
                return False
            case "hang":
                await wire.gone.wait()
                return False


@dataclass(frozen=True, slots=True)
class Status:
    """An error, with the body that OpenAI would send unless another one is given."""

    status: int
    body: Mapping[str, Any] | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def play(self, wire: Wire, request: Request) -> bool:
        body = self.body if self.body is not None else error(f"scripted {self.status}")
        await wire.write(
            answer(self.status, self.headers, body if isinstance(body, bytes) else json.dumps(body).encode())
        )
        return True


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes, and then what `end` says: `close` (FIN), `reset` (RST), `hang`, or `keep` for another request.

    A `Gate` among the pieces waits. With `apart` each byte goes out on its own, as far as a loopback allows.
    """

    content: bytes | Sequence[bytes | Gate]
    end: Literal["close", "reset", "hang", "keep"] = "close"
    apart: bool = False

    async def play(self, wire: Wire, request: Request) -> bool:
        for piece in [self.content] if isinstance(self.content, bytes) else self.content:
            if isinstance(piece, Gate):
                await piece.passage()
            elif self.apart:
                await drip(wire, piece)
            else:
                await wire.write(piece)
        if self.end == "reset":
            wire.reset()
        elif self.end == "hang":
            await wire.gone.wait()
        return self.end == "keep"


@dataclass(frozen=True, slots=True)
class Endless:
    """`first` once and `again` for ever, as fast as the peer reads."""

    first: bytes
    again: bytes

    async def play(self, wire: Wire, request: Request) -> bool:
        await wire.write(self.first)
        while not wire.gone.is_set():
            await wire.write(self.again)
            await asyncio.sleep(0)
        return False


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer; the connection stays open until the peer leaves."""

    async def play(self, wire: Wire, request: Request) -> bool:
        await wire.gone.wait()
        return False


@dataclass(frozen=True, slots=True)
class Close:
    """The first `after` bytes of a good JSON answer, then the end, by an RST if `rst`."""

    after: int = 0
    rst: bool = False

    async def play(self, wire: Wire, request: Request) -> bool:
        whole = answer(200, {}, json.dumps(Completion().body(request)).encode())
        await wire.write(whole[: self.after])
        if self.rst:
            wire.reset()
        return False


@dataclass(frozen=True, slots=True)
class Models:
    """The list of models."""

    names: Sequence[str] = ()

    async def play(self, wire: Wire, request: Request) -> bool:
        cards = [{"id": name, "object": "model", "created": CREATED, "owned_by": "upstream"} for name in self.names]
        await wire.write(answer(200, {}, json.dumps({"object": "list", "data": cards}).encode()))
        return True


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go elsewhere."""

    url: str
    status: int = 307

    async def play(self, wire: Wire, request: Request) -> bool:
        await wire.write(answer(self.status, {"Location": self.url}, b""))
        return True


@dataclass(frozen=True, slots=True)
class Html:
    """A web page where an answer was due, as a captive portal or a bot check sends it."""

    status: int = 200

    async def play(self, wire: Wire, request: Request) -> bool:
        page = b"<!doctype html><html><title>Just a moment...</title></html>"
        await wire.write(answer(self.status, {"Content-Type": "text/html; charset=utf-8"}, page))
        return True


@dataclass(frozen=True, slots=True)
class Choose:
    """The reply depends on the request."""

    by: Callable[[Request], Reply]

    async def play(self, wire: Wire, request: Request) -> bool:
        return await self.by(request).play(wire, request)


async def drip(wire: Wire, content: bytes) -> None:
    """Write byte by byte, and let the reader run after each."""
    for place in range(len(content)):
        await wire.write(content[place : place + 1])
        await asyncio.sleep(0)


def error(message: str, **fields: Any) -> dict[str, Any]:
    """OpenAI's error body."""
    return {"error": {"message": message, "type": "upstream_type", "param": None, "code": None, **fields}}


def delta(
    request: Request, content: Mapping[str, Any], *, index: int = 0, finish: str | None = None, **choice: Any
) -> dict[str, Any]:
    """One chunk of a streamed answer to a request."""
    top = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": CREATED, "model": request.json["model"]}
    return {**top, "choices": [{"index": index, "delta": content, "finish_reason": finish, **choice}]}


def sse(event: Mapping[str, Any]) -> bytes:
    """An event as it goes over the wire."""
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def words(text: str) -> list[str]:
    """A text in the pieces it is streamed in; joined they are the text."""
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]


def _finishes(event: Mapping[str, Any]) -> bool:
    return any(choice.get("finish_reason") for choice in event.get("choices") or ())
