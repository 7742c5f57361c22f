"""Who can reach a connection's own end: only this machine's users, or others too.

It is asked of what the kernel says of the connection, not of what the file or the client says.
"""

import asyncio

from g4f.config.addresses import is_loopback


def is_exposed(transport: asyncio.BaseTransport | None) -> bool:
    """Whether a connection came in on an address that others than this machine's users can reach. Sockets of the file
    system (their name is no tuple) are protected by the permissions of their files."""
    name = transport.get_extra_info("sockname") if transport is not None else None
    if isinstance(name, str | bytes):
        return False
    return not (isinstance(name, tuple) and isinstance(name[0], str) and is_loopback(name[0]))
