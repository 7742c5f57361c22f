"""Where an upstream may be, or fail to be: what a fault is made of below HTTP.

Each place is entered with the certificate authority that the test trusts, and gives the upstream's base URL.
"""

import datetime
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import trustme

from tests.support.replies import Completion, Reply
from tests.support.upstream import Upstream
from tests.support.wire import Listener, Wire, refused_url


@dataclass(frozen=True)
class Answers:
    """A scripted upstream."""

    replies: tuple[Reply, ...]

    @asynccontextmanager
    async def open(self, _: trustme.CA) -> AsyncIterator[str]:
        async with Upstream(*self.replies) as upstream:
            yield upstream.url


@dataclass(frozen=True)
class Nowhere:
    """A name that does not resolve."""

    host: str = "no-such-host.invalid"

    @asynccontextmanager
    async def open(self, _: trustme.CA) -> AsyncIterator[str]:
        yield f"http://{self.host}/v1"


@dataclass(frozen=True)
class Refused:
    """A port that nobody listens on."""

    @asynccontextmanager
    async def open(self, _: trustme.CA) -> AsyncIterator[str]:
        yield refused_url()


@dataclass(frozen=True)
class Blackhole:
    """A port whose SYNs are dropped: its queue of connections is full and nobody accepts."""

    @asynccontextmanager
    async def open(self, _: trustme.CA) -> AsyncIterator[str]:
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _unused in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(listener.getsockname())
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@dataclass(frozen=True)
class Tls:
    """A good upstream behind a certificate for `host`, valid or `expired`, by the trusted authority or a `stranger`."""

    host: str = "127.0.0.1"
    expired: bool = False
    stranger: bool = False

    @asynccontextmanager
    async def open(self, authority: trustme.CA) -> AsyncIterator[str]:
        issuer = trustme.CA() if self.stranger else authority
        yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        until = {"not_after": yesterday, "not_before": yesterday - datetime.timedelta(days=9)} if self.expired else {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert(self.host, **until).configure_cert(context)
        upstream = Upstream(Completion())
        upstream.tls = context
        async with upstream:
            yield upstream.url


@dataclass(frozen=True)
class Plaintext:
    """Plain HTTP where TLS is expected."""

    @asynccontextmanager
    async def open(self, _: trustme.CA) -> AsyncIterator[str]:
        async with _Refuser() as listener:
            yield f"https://127.0.0.1:{listener.port}/v1"


class _Refuser(Listener):
    """What a web server says to a client that speaks TLS where it should not."""

    async def serve(self, wire: Wire) -> None:
        await wire.read_some()
        await wire.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


Place = Answers | Nowhere | Refused | Blackhole | Tls | Plaintext
