"""aiohttp's way to answer a request: every route can be served by it, and most are.

A connection gives it whole requests in their order and is told when each of them was answered. It is loaded when the
first of them comes (`later.py`).
"""

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from g4f.api.head import MAX_FIELD, MAX_FIELDS, MAX_TARGET
from g4f.api.inbound import Handler
from g4f.api.later import LAST_WORDS, LINGER
from g4f.api.responses import response_of
from g4f.api.whole import Whole
from g4f.api.wire import SERVER

#: The limits are those of `head.py`. Compressed bodies are left alone, because they are refused. The connection itself
#: closes what is idle, so aiohttp's own timer (in seconds) must never fire.
_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "max_line_size": MAX_TARGET,
        "max_field_size": MAX_FIELD,
        "max_headers": MAX_FIELDS,
        "auto_decompress": False,
        "keepalive_timeout": 1e8,
        "access_log": None,
    }
)


#: The handlers of the short way, by the exact target of a POST.
EXPRESS: web.AppKey[Mapping[bytes, Handler]] = web.AppKey("express", Mapping)


class GeneralServer:
    """aiohttp's server over an application. `express` is what its plain requests are answered by."""

    def __init__(self, app: web.Application) -> None:
        self.express = app.get(EXPRESS, {})
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=LAST_WORDS)

    @property
    def _server(self) -> web.Server:
        assert self._runner.server is not None  # noqa: S101 - it was opened before anybody asks for a way
        return self._runner.server

    async def open(self) -> None:
        """Get ready to answer."""
        await self._runner.setup()
        make = self._server.request_factory

        def begin(*parts: Any) -> web.BaseRequest:
            request = make(*parts)
            if isinstance(request.protocol, GeneralWay):
                request.protocol.began(request)
            return request

        self._server.request_factory = begin

    def way(self, answered: Callable[[], None], refuse: Callable[[], Whole]) -> "GeneralWay":
        """The way for one connection."""
        return GeneralWay(self._server, answered, refuse, loop=asyncio.get_running_loop(), lingering_time=LINGER)

    async def close(self) -> None:
        """End what is still being answered."""
        await self._runner.cleanup()


class GeneralWay(web.RequestHandler):
    """aiohttp's protocol on a connection that is not its own. `answered` is called after each answer, and
    `refuse` makes the answer to what aiohttp's parser did not take."""

    __slots__ = ("_answered", "_broken", "_refuse", "_request")

    def __init__(
        self,
        server: web.Server,
        answered: Callable[[], None],
        refuse: Callable[[], Whole],
        *,
        loop: asyncio.AbstractEventLoop,
        **options: Any,
    ) -> None:
        self._answered = answered
        self._refuse = refuse
        self._broken = False
        self._request: web.BaseRequest | None = None
        super().__init__(server, loop=loop, **{**options, **_OPTIONS})

    def began(self, request: web.BaseRequest) -> None:
        """aiohttp begins to answer a request."""
        self._request = request
        if self._broken:
            self.break_off()

    def break_off(self) -> None:
        """The body of the last request that was handed on will not end: tell whoever reads it."""
        self._broken = True
        if self._request is not None and not self._request.content.is_eof():
            self._request.content.set_exception(web.RequestPayloadError("broken"))

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        finished = await super().finish_response(request, resp, start_time)
        self._request = None
        self._answered()
        return finished

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp's parser refuses is answered in our form; its own text would quote what was sent."""
        if status != web.HTTPBadRequest.status_code or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        refusal = response_of(self._refuse())
        refusal.headers["Server"] = SERVER
        refusal.force_close()
        return refusal
