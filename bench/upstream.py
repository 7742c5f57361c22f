"""The mock upstream: an OpenAI-compatible server that answers from prepared bytes, faster than any proxy forwards.

A request says in its first message how it wants to be answered (see `workload.py`). Below `/busy` every request is
answered 429 with a long Retry-After. Run as `python -m bench.upstream PORT`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import uvloop

from bench.workload import TOKEN

_STAMP = 1_700_000_000
_BUSY_BODY = b'{"error":{"message":"Slow down.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}'


def _response(status: str, body: bytes, extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


_BUSY = _response("429 Too Many Requests", _BUSY_BODY, "Retry-After: 600\r\n")
_MODELS = _response("200 OK", b'{"object":"list","data":[{"id":"bench-0","object":"model"}]}')
_STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _framed(data: bytes) -> bytes:
    """One chunk of HTTP/1.1's chunked coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": _STAMP, "model": "bench"}
    text = json.dumps({**chunk, "choices": [choice]}, separators=(",", ":"))
    return b"data: " + text.encode() + b"\n\n"


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": 10 + tokens}


def _usage_event(tokens: int) -> bytes:
    chunk = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": _STAMP, "model": "bench"}
    text = json.dumps({**chunk, "choices": [], "usage": _usage(tokens)}, separators=(",", ":"))
    return b"data: " + text.encode() + b"\n\n"


_CONTENT = _framed(_event({"content": TOKEN.decode()}))
_LAST = _framed(_event({}, "stop"))
_DONE = _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def stream_head() -> bytes:
    """The head of a streamed answer."""
    return _STREAM_HEAD


def content_event() -> bytes:
    """One chunk of a streamed answer, framed."""
    return _CONTENT


def stream_end() -> bytes:
    """What follows the last chunk."""
    return _LAST + _DONE


@dataclass(frozen=True, slots=True)
class Order:
    """How one kind of request is answered. `whole` is ready to be written; `ends` is a stream's end, without and with
    usage."""

    chunks: int
    pace_ms: int
    whole: bytes
    ends: tuple[bytes, bytes]


def make_order(words: bytes) -> Order:
    """The order that `CHUNKS:PACE:BYTES` stands for."""
    chunks, pace_ms, size = (int(word) for word in words.split(b":"))
    count = chunks or size // len(TOKEN)
    message = {"role": "assistant", "content": TOKEN.decode() * count, "refusal": None}
    answer = {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": _STAMP,
        "model": "bench",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(count),
    }
    ends = (_LAST + _DONE, _LAST + _framed(_usage_event(count)) + _DONE)
    return Order(chunks, pace_ms, _response("200 OK", json.dumps(answer).encode()), ends)


@dataclass(slots=True, eq=False)
class _Stream:
    write: Callable[[bytes], None]
    left: int
    end: bytes


@dataclass(slots=True)
class Wheel:
    """Paced streams by the millisecond in which they are due: one timer for all of them, however many there are."""

    pace_ms: int
    loop: asyncio.AbstractEventLoop
    slots: list[set[_Stream]] = field(default_factory=list)
    _tick: int = 0
    _started: float = 0.0

    def __post_init__(self) -> None:
        self.slots = [set() for _ in range(self.pace_ms)]
        self._started = time.perf_counter()
        self._schedule()

    def add(self, stream: _Stream) -> int:
        """Begin a stream; its first chunk is due one pause from now. Returns its slot."""
        slot = (self._tick - 1) % self.pace_ms
        self.slots[slot].add(stream)
        return slot

    def _schedule(self) -> None:
        self.loop.call_later(max(self._started + (self._tick + 1) / 1000 - time.perf_counter(), 0), self._turn)

    def _turn(self) -> None:
        due = int((time.perf_counter() - self._started) * 1000)
        while self._tick < due:
            slot = self.slots[self._tick % self.pace_ms]
            self._tick += 1
            ended = [stream for stream in slot if not self._feed(stream)]
            slot.difference_update(ended)
        self._schedule()

    @staticmethod
    def _feed(stream: _Stream) -> bool:
        stream.left -= 1
        stream.write(_CONTENT if stream.left else _CONTENT + stream.end)
        return stream.left > 0


class Upstream(asyncio.Protocol):
    """One connection. Requests must carry a Content-Length, as those of all HTTP clients with a JSON body do."""

    def __init__(self, wheels: dict[int, Wheel], orders: dict[bytes, Order]) -> None:
        self._wheels = wheels
        self._orders = orders
        self._buffer = b""
        self._playing: tuple[set[_Stream], _Stream] | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has no base class

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        if self._playing is not None:
            slot, stream = self._playing
            slot.discard(stream)

    def _take(self) -> bool:
        """Answer the next request if all of it is here."""
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        size = _length(buffer[:end])
        if len(buffer) < end + size:
            return False
        self._buffer = buffer[end + size :]
        self._answer(buffer[:end], buffer[end : end + size])
        return True

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/busy"):
            self._transport.write(_BUSY)
            return
        begin = body.find(b"bench:") + 6
        if begin < 6:
            self._transport.write(_MODELS)
            return
        words = body[begin : body.index(b";", begin)]
        order = self._orders.get(words)
        if order is None:
            order = self._orders[words] = make_order(words)
        if not order.chunks:
            self._transport.write(order.whole)
            return
        self._stream(order, body)

    def _stream(self, order: Order, body: bytes) -> None:
        with_usage = b'"include_usage":true' in body or b'"include_usage": true' in body
        end = order.ends[with_usage]
        if not order.pace_ms:
            self._transport.write(_STREAM_HEAD + _CONTENT * order.chunks + end)
            return
        self._transport.write(_STREAM_HEAD)
        wheel = self._wheels.get(order.pace_ms)
        if wheel is None:
            wheel = self._wheels[order.pace_ms] = Wheel(order.pace_ms, asyncio.get_running_loop())
        stream = _Stream(self._transport.write, order.chunks, end)
        self._playing = (wheel.slots[wheel.add(stream)], stream)


def _length(head: bytes) -> int:
    lowered = head.lower()
    begin = lowered.find(b"\r\ncontent-length:")
    return 0 if begin < 0 else int(lowered[begin + 17 : lowered.index(b"\r\n", begin + 17)])


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    wheels: dict[int, Wheel] = {}
    orders: dict[bytes, Order] = {}
    server = await loop.create_server(lambda: Upstream(wheels, orders), "127.0.0.1", port, backlog=4096)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
