"""A program in a terminal of its own (a pty), as a person sees it: what it prints is read, what is typed is written."""

import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

#: A new session's terminal is the one that it asks for, and then Ctrl-C goes to it.
_LAUNCH = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)  # what a shell starts in the background ignores it
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """`with Terminal([...]) as terminal:` runs a program; it is ended with the block."""

    def __init__(self, words: Sequence[str], *, environ: Mapping[str, str], cwd: Path) -> None:
        self.shown = ""
        self._end, tty = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", _LAUNCH, *words],
            stdin=tty,
            stdout=tty,
            stderr=tty,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(tty)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._end)

    def type(self, text: str) -> None:
        os.write(self._end, text.encode())

    def until(self, text: str, *, within: float = 20.0) -> str:
        """Read until the terminal shows a text; returns all that it showed so far."""
        deadline = time.monotonic() + within
        while text not in self.shown:
            assert self._read(deadline - time.monotonic()), f"{text!r} did not come; shown was: {self.shown!r}"
        return self.shown

    def ended(self, *, within: float = 20.0) -> int:
        """Read until the program ends; returns its exit code."""
        deadline = time.monotonic() + within
        while self._read(deadline - time.monotonic()):
            pass
        return self._process.wait(max(deadline - time.monotonic(), 0.1))

    def interrupt(self) -> int:
        """Press Ctrl-C until the program ends, as people do; returns its exit code."""
        while True:
            self.type("\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(5)

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self.shown = ""

    def _read(self, seconds: float) -> bool:
        """Read what is there; False at the end of the program or of the time."""
        ready, _, _ = select.select([self._end], [], [], max(seconds, 0))
        try:
            piece = os.read(self._end, 65536) if ready else b""
        except OSError:  # the other end is closed (Linux says EIO)
            piece = b""
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)
