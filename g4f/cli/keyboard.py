"""Single keys of a terminal, as they are pressed."""

import select
import sys
import termios
import time
import tty
from types import TracebackType
from typing import Any, Self


class Keyboard:
    """`with Keyboard() as keyboard:` takes keys without Enter. Where standard input is no terminal there are none."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def pressed(self, within: float) -> str:
        """The next key, or nothing where none comes within so many seconds."""
        if self._before is None:
            time.sleep(within)
            return ""
        ready, _, _ = select.select([sys.stdin], [], [], within)
        return sys.stdin.read(1) if ready else ""
