"""How often an address came with a wrong key: enough to slow guessing down where `limits.wrong_keys` asks for it.

An address that has used its tries up is refused before its key is looked at, also when that would be right: otherwise
the limit would cost a guesser nothing.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from g4f.api.admission import Bucket
from g4f.errors import LimitExceededError

#: Addresses that are remembered; the one that was quiet for longest is forgotten first.
MOST = 10_000
#: Bits of an IPv6 address that name one customer's network (RFC 6177): inside it addresses are free.
_NETWORK = 64


class Strangers:
    """`rate` wrong keys a minute for each address; `clock` is monotonic seconds."""

    def __init__(self, rate: int, clock: Callable[[], float]) -> None:
        self.rate = rate
        self._clock = clock
        self._seen: OrderedDict[str, Bucket] = OrderedDict()

    def check(self, address: str | None) -> None:
        """Raises LimitExceededError for an address that has no try left."""
        bucket = self._seen.get(_network(address))
        wait = bucket.wait(1, self._clock()) if bucket is not None else 0.0
        if wait > 0:
            raise LimitExceededError("Too many wrong keys came from this address.", retry_after=wait)

    def note(self, address: str | None) -> None:
        """Count a wrong key."""
        network = _network(address)
        bucket = self._seen.setdefault(network, Bucket(self.rate, self._clock()))
        bucket.take(1)
        self._seen.move_to_end(network)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)

    def succeed(self, old: "Strangers") -> None:
        """Take over what was counted under another limit."""
        self._seen = old._seen  # noqa: SLF001 - its own kind
        for bucket in self._seen.values():
            bucket.resize(self.rate)


def _network(address: str | None) -> str:
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""  # a unix socket, or a transport that is gone
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> _NETWORK << _NETWORK))
    return str(parsed)
