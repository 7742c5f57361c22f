"""Connections to upstreams: the only door through which this program opens one.

The transport of a route is chosen when a snapshot is built: `direct.py` without a proxy, `proxied.py` with one. It is
shared by the snapshots that name the route, so that a reload keeps warm connections.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from g4f.providers.direct import DirectPool
from g4f.providers.route import MAX_CONNECTIONS, Route, Transport


class Pools:
    """All transports, counted by the adapters that use them; the last user to leave closes one."""

    def __init__(self) -> None:
        self._pools: dict[Route, Transport] = {}
        self._limit = MAX_CONNECTIONS

    def allow(self, requests: int) -> None:
        """So many requests may be open at a time: transports that are made from now on have a connection for each."""
        self._limit = max(MAX_CONNECTIONS, requests)

    def take(self, base_url: str, proxy: str | None) -> tuple[Route, Transport]:
        """The transport to an upstream, for one more user."""
        parts = urlsplit(base_url)
        route = Route(f"{parts.scheme}://{parts.netloc}", proxy)
        pool = self._pools.get(route)
        if pool is None:
            pool = self._made(route)
            self._pools[route] = pool
        pool.users += 1
        return route, pool

    def _made(self, route: Route) -> Transport:
        if route.proxy is None:
            return DirectPool(route.origin, limit=self._limit)
        from g4f.providers.proxied import ProxiedPool  # aiohttp's client: a quarter of a second, and few need it

        return ProxiedPool(route.proxy, limit=self._limit)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Undo every `take` of a block that fails. The block must not await: what it took is then still unused."""
        before = {route: pool.users for route, pool in self._pools.items()}
        try:
            yield
        except BaseException:
            self._pools = {route: pool for route, pool in self._pools.items() if route in before}
            for route, pool in self._pools.items():
                pool.users = before[route]
            raise

    async def give_back(self, route: Route) -> None:
        """One user less."""
        pool = self._pools[route]
        pool.users -= 1
        if pool.users == 0:
            del self._pools[route]
            await pool.close()

    def connections(self) -> Iterator[tuple[str, int, int]]:
        """The origin of each direct transport, and how many of its connections are busy and idle."""
        for route, pool in self._pools.items():
            if isinstance(pool, DirectPool):
                yield route.origin, pool.busy, pool.idle

    def __len__(self) -> int:
        return len(self._pools)
