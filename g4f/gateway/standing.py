"""How a gateway stands, in two numbers: how many of its providers can be tried now, and how many there are."""

from collections.abc import Collection

from g4f.router.health import Health
from g4f.router.table import RoutingTable


def standing(table: RoutingTable, used: Collection[str], health: Health) -> tuple[int, int]:
    """(healthy, all) of the `used` providers.

    A provider is healthy unless a circuit about the whole of it is open: about the provider, the proxy it is reached
    through, or every one of its keys. Circuits about single models say nothing about the provider.
    """
    closed: set[tuple[str, str | None]] = set()
    proxies: set[str] = set()
    for about, _ in health.cooling():
        if about.proxy is not None:
            proxies.add(about.proxy)
        elif about.model is None:
            closed.add((about.provider, about.key))
    healthy = 0
    for name in used:
        rules = table.providers[name]
        keys = [key.name for key in rules.keys]
        out = (name, None) in closed or (keys and all((name, key) in closed for key in keys))
        healthy += not out and rules.proxy not in proxies
    return healthy, len(used)
