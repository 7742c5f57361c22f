"""Proxies that forward and keep count, so that a test can tell who went through them and who did not."""

import asyncio
import base64
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.support.http import Request, answer, head, read_request
from tests.support.wire import Listener, Wire


class HttpProxy(Listener):
    """Understands CONNECT and the absolute form of plain http. With a `user` it asks for credentials (407)."""

    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__()
        self.targets: list[str] = []
        """`host:port` of each request that was forwarded."""
        self.refused = 0
        self._user, self._password = user, password

    @property
    def url(self) -> str:
        return f"http://{_user_info(self._user, self._password)}127.0.0.1:{self.port}"

    async def serve(self, wire: Wire) -> None:
        request = await read_request(wire)
        if not self._admits(request):
            self.refused += 1
            await wire.write(answer(407, {"Proxy-Authenticate": 'Basic realm="test"', "Connection": "close"}, b""))
            return
        if request.method == "CONNECT":
            host, _, port = request.path.rpartition(":")
        else:
            parts = urlsplit(request.path)
            host, port = str(parts.hostname), str(parts.port or 80)
        self.targets.append(f"{host}:{port}")
        async with _dialled(host, int(port)) as upstream:
            if request.method == "CONNECT":
                await wire.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                await upstream.write(_origin_form(request))
                status, _, rest = (await upstream.read_until(b"\r\n\r\n")).partition(b"\r\n")
                await wire.write(status + b"\r\nConnection: close\r\n" + rest)
            await _splice(wire, upstream)

    def _admits(self, request: Request) -> bool:
        wanted = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        return not self._user or request.headers.get("proxy-authorization") == f"Basic {wanted}"


class SocksProxy(Listener):
    """SOCKS5 (RFC 1928) with the user name and password of RFC 1929 where a `user` is given."""

    def __init__(self, user: str = "", password: str = "") -> None:
        super().__init__()
        self.targets: list[str] = []
        """`host:port` of each connection that was made; a name stands as it was sent."""
        self.refused = 0
        self._user, self._password = user, password

    @property
    def url(self) -> str:
        return f"socks5://{_user_info(self._user, self._password)}127.0.0.1:{self.port}"

    async def serve(self, wire: Wire) -> None:
        version, count = await wire.read_exactly(2)
        methods = await wire.read_exactly(count)
        assert version == 5
        if not await self._admits(wire, methods):
            self.refused += 1
            return
        _, command, _, kind = await wire.read_exactly(4)
        assert command == 1, "only CONNECT is played"
        host = await _address(wire, kind)
        port = int.from_bytes(await wire.read_exactly(2))
        self.targets.append(f"{host}:{port}")
        async with _dialled(host, port) as upstream:
            await wire.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            await _splice(wire, upstream)

    async def _admits(self, wire: Wire, methods: bytes) -> bool:
        if not self._user:
            await wire.write(b"\x05\x00")
            return True
        if 2 not in methods:
            await wire.write(b"\x05\xff")
            return False
        await wire.write(b"\x05\x02")
        await wire.read_exactly(1)
        user = await wire.read_exactly((await wire.read_exactly(1))[0])
        password = await wire.read_exactly((await wire.read_exactly(1))[0])
        right = (user.decode(), password.decode()) == (self._user, self._password)
        await wire.write(b"\x01\x00" if right else b"\x01\x01")
        return right


async def _address(wire: Wire, kind: int) -> str:
    match kind:
        case 1:
            return str(ipaddress.IPv4Address(await wire.read_exactly(4)))
        case 3:
            return (await wire.read_exactly((await wire.read_exactly(1))[0])).decode()
        case 4:
            return str(ipaddress.IPv6Address(await wire.read_exactly(16)))
        case _:
            raise AssertionError(f"no such kind of address: {kind}")


@asynccontextmanager
async def _dialled(host: str, port: int) -> AsyncIterator[Wire]:
    wire = await Wire.dial(host, port)
    try:
        yield wire
    finally:
        await wire.stop()


async def _splice(left: Wire, right: Wire) -> None:
    """Carry bytes both ways until either side closes."""
    ways = [asyncio.ensure_future(_carry(left, right)), asyncio.ensure_future(_carry(right, left))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)


async def _carry(source: Wire, sink: Wire) -> None:
    while piece := await source.read_some():
        await sink.write(piece)


def _origin_form(request: Request) -> bytes:
    """The request as the upstream expects it: without what was for the proxy, and for one answer only."""
    parts = urlsplit(request.path)
    kept = {name: value for name, value in request.headers.items() if not name.startswith("proxy-")}
    kept |= {"connection": "close", "content-length": str(len(request.body))}
    kept.pop("transfer-encoding", None)
    lines = head(200, kept).partition(b"\r\n")[2]
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return f"{request.method} {path} HTTP/1.1\r\n".encode() + lines + request.body


def _user_info(user: str, password: str) -> str:
    return f"{user}:{password}@" if user else ""
