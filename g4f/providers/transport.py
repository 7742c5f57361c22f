"""Connections to upstreams: the only place where this program opens one.

A pool belongs to one (origin, proxy) pair and is shared by the snapshots that name it, so a reload keeps warm
connections. Credentials are added here, last, and only to the origin they were configured for: no redirect is
followed, no cookie kept, nothing taken from the environment (`HTTP_PROXY`, `.netrc`). Every error of the HTTP client
becomes an `AttemptFailed` here; its own text is never used, since it can hold headers and the proxy's password.
"""

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy

from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

if TYPE_CHECKING:
    from aiohttp import ClientResponse

#: Bytes. A whole answer, an error body worth reading, and one header line.
MAX_BODY = 32 << 20
MAX_ERROR_BODY = 64 << 10
MAX_HEADER = 32 << 10
#: Connections to one upstream at a time: a bulkhead, so that a provider that hangs cannot starve the others.
MAX_CONNECTIONS = 1024
#: Seconds an idle connection is kept, and the time an upstream gets to end its body after the last event.
KEEP_ALIVE = 60.0
SETTLE = 0.05


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection goes: the upstream's origin and the proxy in between (its URL, with credentials), if any."""

    origin: str
    proxy: str | None


class Pool:
    """The connections of one route. Made on first use, in the loop that uses it."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.users = 0

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, connect: float
    ) -> "Reply":
        """Send one request and wait for the headers of the reply. Raises AttemptFailed."""
        try:
            response = await self._bound_session().request(
                method,
                url,
                headers=headers,
                data=body,
                proxy=self._http_proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=None),
            )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise AttemptFailed(_failure_of(error, proxied=self._route.proxy is not None)) from None
        except Exception as error:
            if not _is_socks_error(error):
                raise
            raise AttemptFailed(_proxy_failure()) from None
        return Reply(response, proxied=self._route.proxy is not None)

    @property
    def _http_proxy(self) -> str | None:
        proxy = self._route.proxy
        return proxy if proxy is not None and proxy.startswith("http") else None

    def _bound_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_line_size=MAX_HEADER,
                max_field_size=MAX_HEADER,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        limits: dict[str, Any] = {"limit": MAX_CONNECTIONS, "keepalive_timeout": KEEP_ALIVE}
        if self._route.proxy is None or self._http_proxy is not None:
            return aiohttp.TCPConnector(**limits)
        from aiohttp_socks import ProxyConnector  # costs 30 ms, and few use SOCKS

        # socks5h is socks5 with names resolved by the proxy, which python-socks calls rdns.
        url = self._route.proxy.replace("socks5h://", "socks5://", 1)
        return ProxyConnector.from_url(url, rdns=True, **limits)

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._loop is asyncio.get_running_loop():
            await session.close()


class Pools:
    """All pools, counted by the adapters that use them; the last user to leave closes a pool."""

    def __init__(self) -> None:
        self._pools: dict[Route, Pool] = {}

    def take(self, base_url: str, proxy: str | None) -> tuple[Route, Pool]:
        parts = urlsplit(base_url)
        route = Route(f"{parts.scheme}://{parts.netloc}", proxy)
        pool = self._pools.setdefault(route, Pool(route))
        pool.users += 1
        return route, pool

    async def give_back(self, route: Route) -> None:
        pool = self._pools[route]
        pool.users -= 1
        if pool.users == 0:
            del self._pools[route]
            await pool.close()

    def __len__(self) -> int:
        return len(self._pools)


class Reply:
    """An upstream's reply whose headers are here. Read it whole or in pieces, and close it."""

    def __init__(self, response: "ClientResponse", *, proxied: bool) -> None:
        self._response = response
        self._proxied = proxied
        self.status = response.status
        self.headers: CIMultiDictProxy[str] = response.headers
        try:
            self._decoder = _decoder(self.headers.get("Content-Encoding", ""))
        except AttemptFailed:
            response.close()
            raise

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def read(self, limit: int = MAX_BODY, *, cut: bool = False) -> bytes:
        """The body, up to `limit` bytes; more is a failure, or is left unread with `cut`."""
        body = bytearray()
        while chunk := await self.next_chunk():
            body += chunk
            if len(body) > limit:
                if cut:
                    self.close()
                    return bytes(body[:limit])
                raise AttemptFailed(_too_large(limit))
        return bytes(body)

    async def next_chunk(self) -> bytes:
        """What came in since the last call, decoded if it was compressed; empty at the end of the body.

        Raises AttemptFailed when the body breaks off.
        """
        if self._decoder is None:
            return await self._next_raw()
        while raw := await self._next_raw():
            if chunk := self._decoder.feed(raw):
                return chunk
        self._decoder.close()
        return b""

    async def _next_raw(self) -> bytes:
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise AttemptFailed(_failure_of(error, proxied=self._proxied)) from None

    async def settle(self) -> None:
        """After the last event: let the body end, so that the connection can be used again; else close it."""
        try:
            async with asyncio.timeout(SETTLE):
                if await self._response.content.read(1):
                    self.close()
        except (TimeoutError, aiohttp.ClientError, OSError):
            self.close()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end: then it went back to the pool already."""
        self._response.close()


class _Inflate:
    """gzip or deflate with a bound. A stream that ends early is a failure: a truncated answer can look whole."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)
        self._total = 0

    def feed(self, chunk: bytes) -> bytes:
        try:
            out = self._inflate.decompress(chunk, MAX_BODY - self._total + 1)
        except zlib.error:
            raise AttemptFailed(_broken("The answer's compression is broken.")) from None
        self._total += len(out)
        if self._total > MAX_BODY:
            raise AttemptFailed(_too_large(MAX_BODY))
        return out

    def close(self) -> None:
        if not self._inflate.eof:
            raise AttemptFailed(Failure(kind=FailureKind.DISCONNECTED, message="The compressed answer broke off."))


def _decoder(encoding: str) -> _Inflate | None:
    """Identity was asked for; gzip and deflate are understood all the same, the rest is refused."""
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return _Inflate(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflate(zlib.MAX_WBITS)
        case _:
            raise AttemptFailed(_broken("The answer's compression was not asked for."))


def _too_large(limit: int) -> Failure:
    return Failure(kind=FailureKind.TOO_LARGE, message=f"The answer is over {limit} bytes.")


def _broken(message: str) -> Failure:
    return Failure(kind=FailureKind.BAD_RESPONSE, message=message)


def _proxy_failure() -> Failure:
    return Failure(kind=FailureKind.PROXY, message="The proxy refused or failed.")


def _is_socks_error(error: Exception) -> bool:
    """python-socks has exceptions of its own, but is imported only where a SOCKS proxy is configured."""
    return type(error).__module__.startswith(("python_socks", "aiohttp_socks"))


def _failure_of(error: Exception, *, proxied: bool) -> Failure:
    kind, message = _classify(error, proxied=proxied)
    return Failure(kind=kind, message=message)


def _classify(error: Exception, *, proxied: bool) -> tuple[FailureKind, str]:  # noqa: C901 - one case a line
    match error:
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
            return FailureKind.PROXY, "The proxy refused or failed."
        case aiohttp.ConnectionTimeoutError():
            if proxied:
                return FailureKind.PROXY, "No connection through the proxy in time."
            return FailureKind.CONNECT_TIMEOUT, "No connection in time."
        case aiohttp.ClientConnectorDNSError():
            return FailureKind.DNS, "The host name could not be resolved."
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return FailureKind.TLS, "The TLS handshake failed or the certificate is not valid."
        case aiohttp.ClientConnectorError():
            if _is_socks_error(error):
                return FailureKind.PROXY, "The proxy refused or failed."
            return FailureKind.CONNECT, "The connection was refused or the host is unreachable."
        case aiohttp.ClientPayloadError():
            return FailureKind.DISCONNECTED, "The answer broke off."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | ConnectionError():
            return FailureKind.DISCONNECTED, "The connection was closed before the answer."
        case TimeoutError():
            return FailureKind.TIMEOUT, "No answer in time."
        case aiohttp.ClientResponseError():
            return FailureKind.BAD_RESPONSE, "The reply is not valid HTTP."
        case OSError():
            return FailureKind.CONNECT, "The network failed."
        case _:
            return FailureKind.BAD_RESPONSE, "The reply is not valid HTTP."


def headers(pairs: Mapping[str, str]) -> CIMultiDict[str]:
    """Request headers in the form the client wants them, made once."""
    return CIMultiDict(pairs)
