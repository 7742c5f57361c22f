"""Connections to upstreams through a proxy: HTTP, HTTPS (CONNECT) and SOCKS, by aiohttp's client.

No redirect is followed, no cookie kept, nothing taken from the environment (`HTTP_PROXY`, `.netrc`). Every error of
the client becomes an `AttemptFailed` here; its own text is never used, since it can hold headers and the proxy's
password. A proxy that fails is never passed by.
"""

import asyncio
import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from multidict import CIMultiDict

from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.providers.breakage import failure_of, local_failure, not_http
from g4f.providers.reply import Reply
from g4f.providers.route import KEEP_ALIVE, MAX_CONNECTIONS, MAX_HEADER, SETTLE, Prepared


class ProxiedPool:
    """The connections through one proxy to one origin, `limit` at a time. Made in the loop that uses them first."""

    def __init__(self, proxy: str | None, *, limit: int = MAX_CONNECTIONS) -> None:
        """Without a proxy it is for what the direct transport cannot do (`websocket.py`)."""
        self._proxy = proxy
        self._limit = limit
        self._session: aiohttp.ClientSession | None = None
        self._unpooled: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.users = 0

    def prepare(self, method: str, url: str, headers: Mapping[str, str]) -> Prepared:
        return Prepared(method=method, url=url, headers=CIMultiDict(headers))

    async def send(
        self,
        prepared: Prepared,
        body: bytes | None,
        *,
        connect: float,
        extra: Mapping[str, str] | None = None,
        whole: bool = False,
    ) -> Reply:
        """Send one request and wait for the headers of the reply. Raises AttemptFailed.

        A connection that was closed while it lay idle is no failure: the request goes out again at once, on a fresh
        one.
        """
        sent = _Sent()
        if extra:
            prepared = replace(prepared, headers=CIMultiDict({**prepared.headers, **extra}))
        try:
            try:
                response = await self._request(self._bound_session(), prepared, body, connect, sent)
            except aiohttp.ClientError as error:
                if not sent.on_used_connection or not _closed_unanswered(error):
                    raise
                response = await self._request(self._fresh_session(), prepared, body, connect, sent)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise AttemptFailed(_failure_of(error)) from None
        except Exception as error:
            if not _is_socks_error(error):
                raise
            raise AttemptFailed(_PROXY_FAILED) from None
        return _ProxiedReply(response)

    async def open_socket(
        self, url: str, headers: Mapping[str, str], *, connect: float, largest: int
    ) -> aiohttp.ClientWebSocketResponse:
        """A WebSocket (RFC 6455) whose messages have at most `largest` bytes. Raises AttemptFailed."""
        try:
            async with asyncio.timeout(connect * 2):  # the connection, then the handshake
                return await self._bound_session().ws_connect(
                    url,
                    headers=headers,
                    proxy=self._proxy if self._is_http else None,
                    max_msg_size=largest,
                    timeout=aiohttp.ClientWSTimeout(ws_close=SETTLE),
                )
        except aiohttp.WSServerHandshakeError as error:
            raise AttemptFailed(_refused_socket(error.status)) from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise AttemptFailed(_failure_of(error) if self._proxy else _unreached(error)) from None
        except Exception as error:
            if not _is_socks_error(error):
                raise
            raise AttemptFailed(_PROXY_FAILED) from None

    async def _request(
        self, session: aiohttp.ClientSession, prepared: Prepared, body: bytes | None, connect: float, sent: "_Sent"
    ) -> aiohttp.ClientResponse:
        return await session.request(
            prepared.method,
            prepared.url,
            headers=prepared.headers,
            data=body,
            proxy=self._proxy if self._is_http else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=None),
            trace_request_ctx=sent,
        )

    @property
    def _is_http(self) -> bool:
        return self._proxy is None or self._proxy.startswith("http")

    def _bound_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            self._loop = loop
            self._unpooled = None
            self._session = self._made(keepalive_timeout=KEEP_ALIVE)
        return self._session

    def _fresh_session(self) -> aiohttp.ClientSession:
        """Where no connection is used twice: those that lay idle together are likely to be dead together."""
        if self._unpooled is None:
            self._unpooled = self._made(force_close=True)
        return self._unpooled

    def _made(self, **keeping: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=self._connector(limit=self._limit, **keeping),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trace_configs=[_tracing()],
        )

    def _connector(self, **limits: Any) -> aiohttp.BaseConnector:
        if self._is_http:
            return aiohttp.TCPConnector(**limits)
        from aiohttp_socks import ProxyConnector  # costs 30 ms, and few use SOCKS

        assert self._proxy is not None  # noqa: S101 - else it is none of HTTP's
        # socks5h is socks5 with names resolved by the proxy, which python-socks calls rdns.
        url = self._proxy.replace("socks5h://", "socks5://", 1)
        return ProxyConnector.from_url(url, rdns=True, **limits)

    async def close(self) -> None:
        sessions = self._session, self._unpooled
        self._session = self._unpooled = None
        for session in sessions:
            if session is not None and self._loop is asyncio.get_running_loop():
                await session.close()


@dataclass(slots=True)
class _Sent:
    """What became of one request on its way out."""

    on_used_connection: bool = False


def _tracing() -> aiohttp.TraceConfig:
    """Notes in a request's own `_Sent` that its connection had served others before."""

    async def reused(_: aiohttp.ClientSession, context: Any, __: Any) -> None:
        context.trace_request_ctx.on_used_connection = True

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(reused)
    tracing.on_request_redirect.append(_no_redirect)
    return tracing


def _closed_unanswered(error: aiohttp.ClientError) -> bool:
    """Whether the connection ended before the first byte of a reply."""
    match error:
        case aiohttp.ServerDisconnectedError():
            return isinstance(error.message, str)  # else it is the part of the head that had come
        case aiohttp.ClientConnectorError():
            return False
        case aiohttp.ClientOSError():
            return error.errno in (errno.ECONNRESET, errno.EPIPE)
        case _:
            return False


async def _no_redirect(_: aiohttp.ClientSession, __: Any, ___: Any) -> None:
    """`ws_connect` would follow one, with all its headers; requests ask for none to be followed."""
    raise AttemptFailed(Failure(kind=FailureKind.REDIRECT, message="The provider answered with a redirect."))


def _refused_socket(status: int) -> Failure:
    kind = _SOCKET_KINDS.get(status, FailureKind.SERVER_ERROR if status >= 500 else FailureKind.BAD_RESPONSE)
    return Failure(kind=kind, message=f"The provider answered {status} in place of a WebSocket.", status=status)


def _unreached(error: Exception) -> Failure:
    """As `direct.py` would call it."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Failure(kind=FailureKind.DNS, message="The host name could not be resolved.")
        case aiohttp.ClientConnectorSSLError() | aiohttp.ClientSSLError():
            return Failure(kind=FailureKind.TLS, message="The TLS handshake failed or the certificate is not valid.")
        case OSError() | TimeoutError():
            return failure_of(error)
        case _:
            return _failure_of(error)


class _ProxiedReply(Reply):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        headers = response.headers
        kind = headers.get("Content-Type", "").encode("utf-8", "replace")
        super().__init__(response.status, kind, headers.get("Content-Encoding"))
        protocol = response.connection.protocol if response.connection is not None else None
        closed = protocol.closed if protocol is not None else None
        if closed is not None:
            closed.add_done_callback(self._on_closed)

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def _on_closed(self, closed: "asyncio.Future[None]") -> None:
        """aiohttp's parser closes the connection of a body with bad chunks without telling who reads the body."""
        content = self._response.content
        _ = closed.cancelled() or closed.exception()  # it was looked at
        if not content.is_eof() and content.exception() is None:
            content.set_exception(ValueError("the body is not valid HTTP"))

    async def _next_raw(self) -> bytes:
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise AttemptFailed(_failure_of(error)) from None

    async def settle(self) -> None:
        try:
            async with asyncio.timeout(SETTLE):
                if await self._response.content.read(1):
                    self.close()
        except (TimeoutError, aiohttp.ClientError, OSError):
            self.close()

    def close(self) -> None:
        self._response.close()


_SOCKET_KINDS: Mapping[int, FailureKind] = {
    401: FailureKind.AUTH,
    403: FailureKind.CHALLENGE,
    404: FailureKind.NOT_FOUND,
    407: FailureKind.PROXY,
    429: FailureKind.RATE_LIMITED,
    503: FailureKind.OVERLOADED,
    504: FailureKind.GATEWAY_TIMEOUT,
}
_PROXY_FAILED = Failure(kind=FailureKind.PROXY, message="The proxy refused or failed.")


def _is_socks_error(error: Exception) -> bool:
    """python-socks has exceptions of its own, but is imported only where a SOCKS proxy is configured.

    A proxy that closes within the handshake is the EOFError of the stream it is read from.
    """
    return isinstance(error, EOFError) or type(error).__module__.startswith(("python_socks", "aiohttp_socks"))


def _failure_of(error: Exception) -> Failure:
    local = local_failure(error)
    if local is not None:
        return local
    if _is_socks_error(error):
        return _PROXY_FAILED
    kind, message = _classify(error)
    return not_http(message) if kind is FailureKind.BAD_RESPONSE else Failure(kind=kind, message=message)


def _classify(error: Exception) -> tuple[FailureKind, str]:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return FailureKind.PROXY, "No connection through the proxy in time."
        case aiohttp.ClientConnectorSSLError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return FailureKind.TLS, "The TLS handshake failed or the certificate is not valid."
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientConnectorError():
            # The proxy is what is connected to, so its refusal, and a name of its own that is not found, are its.
            return FailureKind.PROXY, "The proxy refused or failed."
        case aiohttp.ClientPayloadError():
            return FailureKind.DISCONNECTED, "The answer broke off."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
            return FailureKind.DISCONNECTED, "The connection was closed before the answer."
        case TimeoutError():
            return FailureKind.TIMEOUT, "No answer in time."
        case OSError():
            return FailureKind.PROXY, "The network failed on the way to the proxy."
        case _:
            return FailureKind.BAD_RESPONSE, "The reply is not valid HTTP."
