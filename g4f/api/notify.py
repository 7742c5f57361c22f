"""What systemd is told: ready, reloading, stopping, a line of status, and that the event loop still turns.

The protocol of sd_notify(3): datagrams of `NAME=value` lines to the socket that NOTIFY_SOCKET names, a path or, after
an `@`, an abstract name. Without that variable nothing is sent. A supervisor that does not listen is no reason to
fail: what cannot be sent is dropped.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from g4f import log

_log = log.get()

#: Seconds between two looks at the status, where the watchdog does not ask for more.
EVERY: Final = 1.0
#: Seconds that a supervisor gets to take a message about a change of state. The rest is never waited for.
PATIENCE: Final = 0.1


class Notifier:
    """Speaks to the supervisor of this process. `status` is asked for a line whenever it may have changed."""

    def __init__(self, environ: Mapping[str, str], status: Callable[[], str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._watchdog = watchdog_seconds(environ, os.getpid()) if self._address else None
        self._status = status
        self._told = ""
        self._timer: asyncio.TimerHandle | None = None
        self._socket: socket.socket | None = None

    def ready(self) -> None:
        """Everything is in place. From now on the running loop feeds the watchdog itself: one that hangs starves it."""
        if self._address is None:
            return
        self._send("READY=1", self._status_line())
        self._tick()

    @contextlib.contextmanager
    def reloading(self) -> Iterator[None]:
        """For as long as a reload takes. MONOTONIC_USEC tells systemd 253 which of its signals this answers."""
        if self._address is None:
            yield
            return
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            yield
        finally:
            self._send("READY=1", self._status_line())

    def stopping(self, seconds: float) -> None:
        """A stop has begun that may take so long, whatever the unit's TimeoutStopSec says."""
        self._send("STOPPING=1", self._status_line(), f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}")

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def _tick(self) -> None:
        lines = [] if self._watchdog is None else ["WATCHDOG=1"]
        told = self._told
        status = self._status_line()
        if status != told:
            lines.append(status)
        if lines:
            self._send(*lines, patience=0.0)
        # sd_watchdog_enabled(3): half of the time after which silence is fatal.
        pause = EVERY if self._watchdog is None else min(EVERY, self._watchdog / 2)
        self._timer = asyncio.get_running_loop().call_later(pause, self._tick)

    def _status_line(self) -> str:
        self._told = f"STATUS={' '.join(self._status().split())}"
        return self._told

    def _send(self, *lines: str, patience: float = PATIENCE) -> None:
        if self._address is None:
            return
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.settimeout(patience)
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            _log.debug("supervisor.not_told", exception=type(error).__name__)


def watchdog_seconds(environ: Mapping[str, str], pid: int) -> float | None:
    """After how many seconds of silence the supervisor kills this process (WATCHDOG_USEC); None where it does not.

    WATCHDOG_PID says whom it means, as sd_watchdog_enabled(3) has it.
    """
    wanted = environ.get("WATCHDOG_PID", "")
    written = environ.get("WATCHDOG_USEC", "")
    if (wanted and wanted != str(pid)) or not written.isascii() or not written.isdigit() or int(written) == 0:
        return None
    return int(written) / 1e6


def _address(written: str) -> str | None:
    if written.startswith("@"):
        return f"\0{written[1:]}"
    return written if written.startswith("/") else None
