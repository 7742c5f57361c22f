"""A request as those who answer it see it, whichever of the two ways it came in: `express.py` or aiohttp's.

What is written against `Inbound` is written once and served on both. Routes that need aiohttp's own request (uploads,
files) take that instead.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from g4f.api.access import Line
from g4f.api.downstream import Downstream
from g4f.api.state import ServerState
from g4f.api.whole import Whole
from g4f.exchange.request import Request
from g4f.gateway.gateway import Gateway


class Inbound(Protocol):
    """One request. `variables` are those of the route's path; `announced` is the length of the body, 0 if unknown.
    `transport` is None when the client has left."""

    @property
    def line(self) -> Line: ...
    @property
    def state(self) -> ServerState: ...
    @property
    def gateway(self) -> Gateway: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def variables(self) -> Mapping[str, str]: ...
    @property
    def announced(self) -> int: ...
    @property
    def transport(self) -> asyncio.WriteTransport | None: ...
    @property
    def asked(self) -> Request | None:
        """The chat that it asks for as its body has it, if that was read already."""

    def query(self, name: str) -> str | None:
        """A parameter of the URL."""

    async def body(self, *, forms: bool = False) -> bytes | bytearray:
        """The body, bounded in size and time: JSON, and with `forms` (for all but chats) also a form with files. Raises
        RequestError."""

    def downstream(self, headers: dict[str, str], *, keepalive: float | None, comment: bytes) -> Downstream:
        """The way back, for an answer in pieces."""


#: Answers a request: in one piece, or with None once it was written through `Inbound.downstream`.
Handler = Callable[[Inbound], Awaitable[Whole | None]]
