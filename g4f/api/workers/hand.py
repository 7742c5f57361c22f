"""One worker process, as the supervisor holds it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import g4f
from g4f.api.workers.channel import Answering, Channel, ChannelError
from g4f.meter.tally import Series

Json = dict[str, Any]

#: Seconds that a worker gets to serve after it was started.
START = 60.0
#: What a worker must not take for its own: the words of systemd to the supervisor.
_NOT_INHERITED = (
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
)  # fmt: skip


class Hand:
    """A worker. `serves` is the generation that it serves by, 0 until it does; `staged` the one that is ready.
    `counted` is what it counted when it was last heard of, at `heard`."""

    def __init__(self, index: int, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self.index = index
        self.channel = channel
        self.serves = 0
        self.staged = 0
        self.counted: Sequence[Series] = ()
        self.heard = 0.0
        self._hurrying: asyncio.Task[None] | None = None
        self._process = process
        self._hearing = asyncio.get_running_loop().create_task(channel.run())

    @classmethod
    async def take(
        cls, index: int, answering: Answering, environ: Mapping[str, str], descriptors: Sequence[int]
    ) -> "Hand":
        """Begin a process that inherits these descriptors. It serves nothing yet. Raises OSError."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with its:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "g4f.api.workers.worker", str(its.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                env=_environment(environ),
                pass_fds=(its.fileno(), *descriptors),
                start_new_session=True,
            )
        return cls(index, process, await Channel.over(ours, answering))

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self, orders: Json) -> None:
        """Let it serve. Raises ChannelError and ConfigError."""
        await self.channel.ask("start", orders, patience=START)
        self.serves = orders["generation"]

    async def stage(self, orders: Json) -> None:
        """Let it make a configuration ready. Raises ChannelError and ConfigError."""
        self.staged = 0
        await self.channel.ask("stage", orders)
        self.staged = orders["generation"]

    async def commit(self) -> None:
        """Let it serve what is ready. Raises ChannelError."""
        await self.channel.ask("commit")
        self.serves, self.staged = self.staged, 0

    def drain(self) -> None:
        """Let it leave in good order."""
        self._signal(signal.SIGTERM)

    def hurry(self) -> None:
        """Let it cut what is still open."""
        self._hurrying = asyncio.get_running_loop().create_task(self._ask_to_hurry())

    async def _ask_to_hurry(self) -> None:
        with contextlib.suppress(ChannelError):
            await self.channel.ask("hurry")

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for its end; returns the exit code, negative for a signal."""
        code = await self._process.wait()
        self._hearing.cancel()
        await asyncio.wait([self._hearing])
        return code

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """That of the supervisor, with the place where this very program lies first in Python's path."""
    own = str(Path(g4f.__file__).parents[1])
    path = os.pathsep.join(filter(None, (own, environ.get("PYTHONPATH"))))
    return {**{name: value for name, value in environ.items() if name not in _NOT_INHERITED}, "PYTHONPATH": path}
