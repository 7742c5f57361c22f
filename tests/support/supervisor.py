"""A small systemd: it owns the notification socket of a daemon, and hands listening sockets over to it."""

import asyncio
import itertools
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.daemon import Daemon

_NUMBERS = itertools.count()

#: What systemd does between fork and exec: the sockets become 3, 4, ..., and LISTEN_PID names the child.
_LAUNCH = """
import os, sys
count = int(sys.argv[1])
given = [os.dup(int(word)) for word in sys.argv[2 : 2 + count]]
given = [os.dup2(os.dup(number), 200 + index) for index, number in enumerate(given)]
for index, number in enumerate(given):
    os.dup2(number, 3 + index)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2 + count], sys.argv[2 + count :])
"""


class Supervisor:
    """`async with Supervisor(config) as supervisor:` runs a daemon, `supervisor.daemon`, and hears what it tells.

    `sockets` are handed over by name. `abstract`: the notification socket has no file.
    """

    def __init__(
        self,
        config: Path,
        *,
        sockets: Mapping[str, socket.socket] | None = None,
        environ: Mapping[str, str] | None = None,
        abstract: bool = False,
        listen: str | None = "127.0.0.1:0",
    ) -> None:
        name = f"notify-{next(_NUMBERS)}"
        address = f"@g4f-test-{id(self):x}-{name}" if abstract else str(config.parent / name)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(address.replace("@", "\0", 1) if abstract else address)
        self._notify.setblocking(False)
        self.messages: list[list[str]] = []
        given = dict(sockets or {})
        variables = {"NOTIFY_SOCKET": address, **(environ or {})}
        launcher: Sequence[str] = ()
        numbers = [found.fileno() for found in given.values()]
        if given:
            variables |= {"LISTEN_FDS": str(len(given)), "LISTEN_FDNAMES": ":".join(given)}
            launcher = (sys.executable, "-c", _LAUNCH, str(len(given)), *map(str, numbers))
        self.daemon = Daemon(
            config,
            environ=variables,
            listen=None if given else listen,
            launcher=launcher,
            pass_fds=numbers,
        )

    async def __aenter__(self) -> Self:
        await self.daemon.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.daemon.__aexit__(kind, error, trace)
        self.close()

    def close(self) -> None:
        self._notify.close()

    async def hear(self, line: str, *, within: float = 10.0) -> list[str]:
        """Wait for the next message that has a line which begins so; returns its lines."""
        async with asyncio.timeout(within):
            while True:
                message = await self._message()
                if any(told.startswith(line) for told in message):
                    return message

    def heard(self) -> list[list[str]]:
        """All messages so far, those that wait included."""
        while True:
            try:
                self.messages.append(self._notify.recv(4096).decode().split("\n"))
            except BlockingIOError:
                return self.messages

    async def _message(self) -> list[str]:
        message = (await asyncio.get_running_loop().sock_recv(self._notify, 4096)).decode().split("\n")
        self.messages.append(message)
        return message


def listening(family: socket.AddressFamily, address: str | tuple[str, int]) -> socket.socket:
    """A listening socket, as a supervisor opens it."""
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.bind(address)
    opened.listen(64)
    return opened
