"""Which IP addresses belong to the public internet: the only ones that an address out of a request may lead to.

Decided on the number that is connected to, never on how it was written. The list is IANA's of special-purpose addresses
(https://www.iana.org/assignments/iana-ipv4-special-registry, .../iana-ipv6-special-registry), kept here because the
one in Python's `ipaddress` differs between versions and calls several of these global.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_SPECIAL4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
#: What is not in here is not given out to anybody, or only inside a site.
_GLOBAL6 = IPv6Network("2000::/3")
_SPECIAL6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
#: One cloud's own services answer here, though the address is a public one (Azure's WireServer).
_SERVICES = frozenset({IPv4Address("168.63.129.16")})
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the public internet. What is no address is not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    inner = _inside(parsed) if isinstance(parsed, IPv6Address) else parsed
    if isinstance(inner, IPv4Address):
        return inner not in _SERVICES and not any(inner in network for network in _SPECIAL4)
    return inner in _GLOBAL6 and inner.scope_id is None and not any(inner in network for network in _SPECIAL6)


def _inside(address: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that packets to an IPv6 one end at, where it only carries one."""
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _6TO4:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return address
