"""The sockets that all workers share: opened once, and kept open while a worker is replaced.

A connection that nobody has taken yet belongs to the socket, not to a process: it outlives the worker that died.
"""

import contextlib
import socket
from pathlib import Path
from typing import Any

from g4f.api.binding import binding
from g4f.api.inherited import Inherited
from g4f.api.operator import own_socket
from g4f.config.addresses import address

BACKLOG = 1024
_UNIX = "unix:"


def listening(host: str, port: int) -> list[Inherited]:
    """A listening socket for each address that `host` has. Raises OSError."""
    with binding(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), contextlib.ExitStack() as undo:
        found: list[Inherited] = []
        places = dict.fromkeys(
            (family, place)
            for family, *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        )
        for family, place in places:
            chosen = place if not found or port else (place[0], found[0].socket.getsockname()[1], *place[2:])
            found.append(Inherited("listen", undo.enter_context(_bound(family, chosen))))
        undo.pop_all()
        return found


def operators(listen: str) -> socket.socket:
    """The listening socket of the operator. Raises OSError."""
    if not listen.startswith(_UNIX):
        return listening(*address(listen))[0].socket
    opened = own_socket(Path(listen.removeprefix(_UNIX)))
    opened.listen(BACKLOG)
    return opened


def _bound(family: int, place: tuple[Any, ...]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(place)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened
