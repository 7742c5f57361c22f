"""The operator's own listener: metrics and administration on a loopback address, or on a socket of the file system.

Whoever can reach it needs no key. A socket's file is its owner's alone; one that a process left behind is replaced.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from g4f import log
from g4f.api.binding import binding, bound_port, url_of
from g4f.api.edge import Edge
from g4f.config.addresses import address

_log = log.get()
_UNIX = "unix:"


class OperatorSite:
    """Serves an application on `listen`, or on a socket that was opened for it already."""

    def __init__(self, listen: str, opened: socket.socket | None = None) -> None:
        self._listen = listen
        self._socket = opened
        self._path = Path(listen.removeprefix(_UNIX)) if listen.startswith(_UNIX) else None
        self._owns = opened is None
        self._edge: Edge | None = None
        self._server: asyncio.Server | None = None

    async def start(self, make: Callable[[str], Edge]) -> None:
        """Listen; `make` gets the host that it is reached by. Raises OSError where the address is taken."""
        loop = asyncio.get_running_loop()
        host, port = ("localhost", 0) if self._path else address(self._listen)
        self._edge = make(host)
        with binding(self._listen):
            if self._socket is None and self._path is None:
                self._server = await loop.create_server(self._edge, host, port)
            else:
                opened = self._socket or own_socket(self._path or Path())
                self._server = await loop.create_server(self._edge, sock=opened)
        if self._owns:
            where = f"{_UNIX}{self._path}" if self._path else url_of(host, bound_port(self._server, port))
            _log.info("admin.ready", listen=where)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._edge is not None:
            await self._edge.close()
        if self._path is not None and self._owns:
            with contextlib.suppress(OSError):
                self._path.unlink()


def own_socket(path: Path) -> socket.socket:
    """A socket in the file system that only this user may open. Raises OSError where another process listens there."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket() and not _answers(path):
            path.unlink()
        before = os.umask(0o177)
        try:
            with binding(f"{_UNIX}{path}"):
                found.bind(str(path))
        finally:
            os.umask(before)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return found


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(str(path)) == 0
