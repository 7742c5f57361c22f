"""Three upstreams that fail one request in five in every way there is, and one that never fails, in their own process.

`python -m tests.soak.upstreams` prints a line of JSON with their URLs and serves until its standard input ends. The
control URL answers `GET /figures` and, to `POST /drop`, closes the connections that carry no request.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.support.http import Request, answer, read_request
from tests.support.replies import Close, Completion, Hang, Raw, Reply, Status, Stream
from tests.support.upstream import Upstream
from tests.support.wire import Listener, Wire

TEXT = "the quick brown fox jumps over the lazy dog and runs away from all of this"
FAULTY = 3
#: The share of requests that go wrong.
FAULTS = 0.2
#: Seconds between two spells in which an upstream refuses connections, and their length. Each costs it a cooldown.
OPEN, REFUSING = 25.0, 0.3
_SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """How a request goes wrong, for one that is streamed and one that is not."""

    name: str
    stream: Reply
    whole: Reply

    def of(self, request: Request) -> Reply:
        return self.stream if request.json.get("stream") else self.whole


def _both(name: str, reply: Reply) -> Fault:
    return Fault(name, reply, reply)


# Without a web page among them: it cools a provider down for a minute, and then nothing else is tried.
FAULT_KINDS = (
    _both("500", Status(500)),
    _both("503", Status(503)),
    _both("429", Status(429, headers={"retry-after-ms": "700"})),
    _both("hang", Hang()),
    _both("reset", Close(0, rst=True)),
    _both("close", Close(0)),
    _both("not http", Raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n")),
    Fault("garbage", Raw(_SSE + b"data: {nonsense\n\n"), Raw(_JSON + b"{nonsense nonsense {")),
    Fault("cut before content", Stream([], end="cut"), Close(120)),
    Fault("cut mid-way", Stream(["the", " quick", " brown"], end="cut"), Close(250, rst=True)),
    Fault("garbage mid-way", Stream(["the", " quick", b"data: }{\n\n"]), Raw(_JSON + b"\xff" * 20)),
    Fault("stall mid-way", Stream(["the", " quick"], end="hang"), Hang()),
    Fault("end without a finish", Stream(["the", " quick"], end="eof"), Close(300)),
)


class Measured(Upstream):
    """An upstream that may run for ever: it counts its requests instead of keeping them."""

    def __init__(self) -> None:
        super().__init__(Completion(TEXT))
        self.busy = 0
        self.served = 0
        self.faults: Counter[str] = Counter()

    async def _play(self, wire: Wire, request: Request) -> bool:
        self.requests.clear()
        self.busy += 1
        self.served += 1
        wire.busy = True  # type: ignore[attr-defined]
        try:
            return await super()._play(wire, request)
        finally:
            self.busy -= 1
            wire.busy = False  # type: ignore[attr-defined]

    def _accept(self) -> Wire:
        self._wires = [wire for wire in self._wires if not wire.gone.is_set() and wire.is_open]
        return super()._accept()

    def drop_idle(self) -> None:
        for wire in self._wires:
            if wire.is_open and not getattr(wire, "busy", False):
                wire.close()


class Faulty(Measured):
    """Fails every fifth request, and refuses connections from time to time."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(seed)

    def _next(self, request: Request) -> Reply:
        if self._dice.random() >= FAULTS:
            return super()._next(request)
        fault = self._dice.choice(FAULT_KINDS)
        self.faults[fault.name] += 1
        return fault.of(request)

    async def refuse_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(0.5, 1.5) * OPEN)
            assert self._server is not None
            self._server.close()
            self.drop_idle()
            self.faults["refusing"] += 1
            await asyncio.sleep(REFUSING)
            await self.__aenter__()


class Control(Listener):
    """What the soak asks of this process."""

    def __init__(self, upstreams: list[Measured]) -> None:
        super().__init__()
        self._upstreams = upstreams

    async def serve(self, wire: Wire) -> None:
        request = await read_request(wire)
        if request.path == "/drop":
            for upstream in self._upstreams:
                upstream.drop_idle()
        await wire.write(answer(200, {"Connection": "close"}, json.dumps(self.figures()).encode()))

    def figures(self) -> dict[str, object]:
        faults = sum((upstream.faults for upstream in self._upstreams), Counter[str]())
        return {
            "busy": sum(upstream.busy for upstream in self._upstreams),
            "open": sum(upstream.open_connections for upstream in self._upstreams),
            "served": sum(upstream.served for upstream in self._upstreams),
            "faults": dict(faults),
        }


async def main() -> None:
    async with AsyncExitStack() as stack:
        faulty = [await stack.enter_async_context(Faulty(seed)) for seed in range(FAULTY)]
        good = await stack.enter_async_context(Measured())
        control = await stack.enter_async_context(Control([*faulty, good]))
        refusing = [asyncio.ensure_future(upstream.refuse_now_and_then()) for upstream in faulty]
        urls = {
            "faulty": [upstream.url for upstream in faulty],
            "good": good.url,
            "control": f"http://127.0.0.1:{control.port}",
        }
        print(json.dumps(urls), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in refusing:
            task.cancel()
        await asyncio.wait(refusing)


if __name__ == "__main__":
    asyncio.run(main())
