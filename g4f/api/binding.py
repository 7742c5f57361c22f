"""Who cannot listen says where: the address is the `filename` of the OSError, as a path would be of a file.

Who can says it too, as a URL.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator


@contextlib.contextmanager
def binding(where: str) -> Iterator[None]:
    """Put the address into an OSError that is raised inside."""
    try:
        yield
    except OSError as error:
        error.filename = where
        raise


def name_of(opened: socket.socket) -> str:
    """What is listened on, as a URL."""
    if opened.family == socket.AF_UNIX:
        return f"http://unix:{opened.getsockname()}"
    return url_of(*opened.getsockname()[:2])


def url_of(host: str, port: int) -> str:
    """A place as a URL."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def bound_port(server: asyncio.Server, port: int) -> int:
    """The port that a server listens on, where it was asked to listen on `port`: 0 is any."""
    return server.sockets[0].getsockname()[1] if server.sockets else port
