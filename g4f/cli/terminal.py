"""What makes a terminal pleasant: a sign of life while one waits, and Markdown that is styled while it comes.

Nothing here is written where the output is not a terminal.
"""

import itertools
import re
import threading
from types import TracebackType
from typing import Final, Self, TextIO

_FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_RESET, _BOLD, _CODE, _HEADING, _DIM = "\x1b[0m", "\x1b[1m", "\x1b[36m", "\x1b[1;4m", "\x1b[2m"
#: Marks within a line, and what may be the beginning of one at the end of a piece.
_MARK: Final = re.compile(r"\*\*|`")
#: Escape sequences would let an answer do with the terminal what it likes.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Spinner:
    """Turns on a terminal for as long as its block lasts."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._out.isatty():
            self._thread = threading.Thread(target=self._turn, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _turn(self) -> None:
        for frame in itertools.cycle(_FRAMES):
            if self._done.wait(0.1):
                return
            self._out.write(f"\r{frame} ")
            self._out.flush()


class Markdown:
    """Styles text that comes in pieces: headings, bold, code, and blocks of code."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._held = ""
        self._line_begins = True
        self._in_block = False
        self._bold = False
        self._code = False

    def feed(self, text: str) -> None:
        """Write a piece. What may be half of a mark is held back until the next."""
        self._held += _CONTROL.sub("", text)
        while self._step(last=False):
            pass
        self._out.flush()

    def end(self) -> None:
        """Write what was held back, and end every style."""
        while self._step(last=True):
            pass
        self._out.write(self._held + (_RESET if self._bold or self._code or self._in_block else ""))
        self._held = ""
        self._out.flush()

    def _step(self, *, last: bool) -> bool:
        """Write one line, or the part of it that is certain; False where nothing more is."""
        if not self._held:
            return False
        line, newline, rest = self._held.partition("\n")
        if self._line_begins:
            if not newline and not last and (len(line) < 3 or line.lstrip()[:1] in "#`"):
                return False  # a heading or a fence shows at the end of its line
            if line.lstrip().startswith("```"):
                self._in_block = not self._in_block
                self._write(f"{_DIM}{line}{_RESET}" if not self._in_block else f"{_DIM}{line}{_RESET}{_CODE}", newline)
                self._held = rest
                return bool(rest)
            if line.startswith("#") and not self._in_block:
                self._write(f"{_HEADING}{line.lstrip('#').strip()}{_RESET}", newline)
                self._held = rest
                return bool(rest)
        half = not newline and not last and (len(line) - len(line.rstrip("*"))) % 2
        sure = line[:-1] if half else line
        self._write(sure if self._in_block else _MARK.sub(self._style, sure), newline)
        self._held = rest if newline else line[len(sure) :]
        return bool(newline and rest)

    def _write(self, text: str, newline: str) -> None:
        if newline and (self._bold or self._code):
            text, self._bold, self._code = text + _RESET, False, False
        self._out.write(text + newline)
        self._line_begins = bool(newline) or (self._line_begins and not text)

    def _style(self, mark: re.Match[str]) -> str:
        if mark[0] == "`":
            self._code = not self._code
            return _CODE if self._code else _RESET
        if self._code:
            return mark[0]
        self._bold = not self._bold
        return _BOLD if self._bold else _RESET
