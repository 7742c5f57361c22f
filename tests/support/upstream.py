"""A scripted upstream of the OpenAI kind on a real socket, which records all that reaches it.

Replies are played in the order of the script and the last one is repeated, so a script of one is an upstream that
always behaves the same way.
"""

import asyncio
import contextlib
from collections import deque

from tests.support.http import Request, read_request
from tests.support.replies import Completion, Models, Reply
from tests.support.wire import Listener, PeerGoneError, Wire


class Upstream(Listener):
    """`async with Upstream(Status(429), Completion()) as upstream:`; `upstream.url` is its base URL.

    GET .../models is answered by `models` and takes nothing from the script.
    """

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.models: Reply = Models()
        self._news = asyncio.Condition()
        self._script: deque[Reply] = deque()
        self.script(*(replies or (Completion(),)))

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def script(self, *replies: Reply) -> None:
        """Play these from now on."""
        self._script = deque(replies)

    async def received(self, count: int = 1) -> Request:
        """Wait until `count` requests have come; returns the latest of them."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def idle(self, within: float = 5.0) -> None:
        """Wait until every connection is closed."""
        async with asyncio.timeout(within):
            while self.open_connections:
                await next(wire for wire in self._wires if wire.is_open).gone.wait()

    async def serve(self, wire: Wire) -> None:
        keep = True
        while keep:
            request = await read_request(wire)
            async with self._news:
                self.requests.append(request)
                self._news.notify_all()
            keep = await self._play(wire, request) and request.headers.get("connection", "").lower() != "close"

    async def _play(self, wire: Wire, request: Request) -> bool:
        """Play the next reply, unless the peer leaves first; True where the connection is to stay open."""
        playing = asyncio.ensure_future(self._next(request).play(wire, request))
        leaving = asyncio.ensure_future(wire.gone.wait())
        keep = False
        try:
            await asyncio.wait((playing, leaving), return_when=asyncio.FIRST_COMPLETED)
            with contextlib.suppress(PeerGoneError):
                keep = playing.done() and playing.result()
            request.closed = wire.gone.is_set() and not keep
            request.complete = not request.closed
            return keep
        finally:
            playing.cancel()
            leaving.cancel()
            await asyncio.wait((playing, leaving))
            request.ended.set()

    def _next(self, request: Request) -> Reply:
        if request.method == "GET" and request.path.endswith("/models"):
            return self.models
        return self._script.popleft() if len(self._script) > 1 else self._script[0]
