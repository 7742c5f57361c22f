"""Listening sockets that a supervisor opened for this process: systemd's socket activation, sd_listen_fds(3).

The descriptors begin at 3, LISTEN_FDS says how many there are, and LISTEN_PID whom they are for. A socket that is not
what the server can use refuses the start: to listen somewhere else in its place would be a surprise.
"""

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from g4f.config.addresses import is_loopback
from g4f.config.problem import Report
from g4f.errors import ConfigError

FIRST: Final = 3
#: More than any unit has; a number beyond it is a mistake.
MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Inherited:
    """A listening socket and what its unit calls it (FileDescriptorName=)."""

    name: str
    socket: socket.socket

    @property
    def address(self) -> tuple[str, int] | None:
        """(host, port); None of a unix socket."""
        if self.socket.family == socket.AF_UNIX:
            return None
        host, port, *_ = self.socket.getsockname()
        return host, port


def inherited(environ: Mapping[str, str], pid: int) -> tuple[Inherited, ...]:
    """The sockets that were handed over to this process; none where no supervisor did. Raises ConfigError."""
    if environ.get("LISTEN_PID") != str(pid):
        return ()
    count = environ.get("LISTEN_FDS", "")
    report = Report("the supervisor")
    if not count.isascii() or not count.isdigit() or int(count) > MOST:
        report.problem(None, "LISTEN_FDS", "is not a number of sockets")
        raise ConfigError(report.in_order())
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    found = []
    for index in range(int(count)):
        name = names[index] if index < len(names) and names[index] else f"socket-{index}"
        taken = _listener(FIRST + index)
        if taken is None:
            message = "is not a listening TCP or unix stream socket; use ListenStream= and Accept=no"
            report.problem(None, f"LISTEN_FDS: descriptor {FIRST + index} ({name})", message)
        else:
            found.append(Inherited(name, taken))
    if report.problems:
        raise ConfigError(report.in_order())
    return tuple(found)


def most_public(sockets: Sequence[Inherited]) -> str | None:
    """The `host:port` that decides whether keys are needed: one that others can reach if there is one.

    None where there are only unix sockets, which the permissions of their files protect.
    """
    addresses = [found.address for found in sockets if found.address is not None]
    if not addresses:
        return None
    host, port = next((a for a in addresses if not is_loopback(a[0])), addresses[0])
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _listener(descriptor: int) -> socket.socket | None:
    try:
        os.set_inheritable(descriptor, False)
        found = socket.socket(fileno=descriptor)
    except OSError:
        return None
    families = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
    listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) if found.family in families else 0
    if not listens or found.type != socket.SOCK_STREAM:
        found.detach()
        return None
    found.setblocking(False)
    return found
