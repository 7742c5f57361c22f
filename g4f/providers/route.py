"""Where connections go, and the numbers that both transports keep to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from g4f.providers.reply import Reply

#: Bytes of one header line, and of all of a reply's headers.
MAX_HEADER = 32 << 10
MAX_HEADERS = 64 << 10
#: Connections to one upstream at a time, unless the file lets more requests in (`limits.inflight`).
MAX_CONNECTIONS = 1024
#: Seconds an idle connection is kept, and the time an upstream gets to end its body after the last event.
KEEP_ALIVE = 60.0
SETTLE = 0.05


@dataclass(frozen=True, slots=True)
class Route:
    """The upstream's origin, and the proxy in between (its URL, with credentials), if any."""

    origin: str
    proxy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request but for its body, made once for each endpoint and key. It holds a credential: never log it."""

    method: str
    url: str
    headers: Mapping[str, str]
    head: bytes = b""


class Transport(Protocol):
    """The connections of one route. `users` counts the adapters that share it."""

    users: int

    def prepare(self, method: str, url: str, headers: Mapping[str, str]) -> Prepared:
        """Make what can be made of a request before it is known."""

    async def send(
        self,
        prepared: Prepared,
        body: bytes | None,
        *,
        connect: float,
        extra: Mapping[str, str] | None = None,
        whole: bool = False,
    ) -> Reply:
        """Send a request and wait for the headers of its reply; `connect` in seconds, `extra` are headers beside the
        prepared ones, none of them a credential. `whole`: the caller will read all of a good reply before it does
        anything else, so all of it may be waited for. Raises AttemptFailed."""

    async def close(self) -> None:
        """Close the connections that nobody uses."""
