"""The operator's own listener: metrics and administration on a loopback address, or on a socket of the file system.

Whoever can reach it needs no key. A socket's file is its owner's alone; one that a process left behind is replaced.
"""

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from g4f import log
from g4f.api.binding import binding
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
        self._runner: web.AppRunner | None = None

    async def start(self, make: Callable[[str], web.AppRunner]) -> None:
        """Listen; `make` gets the host that it is reached by, and makes the runner. Raises OSError where the address is
        taken."""
        self._runner = make("localhost" if self._path else address(self._listen)[0])
        await self._runner.setup()
        site: web.BaseSite
        if self._socket is None and self._path is None:
            site = web.TCPSite(self._runner, *address(self._listen))
        else:
            site = web.SockSite(self._runner, self._socket or own_socket(self._path or Path()))
        with binding(self._listen):
            await site.start()
        if self._owns:
            _log.info("admin.ready", listen=f"{_UNIX}{self._path}" if self._path else site.name)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
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
