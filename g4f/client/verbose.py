"""Let `g4f.debug.logging` (or `G4F_DEBUG`) show what the gateway writes into its log."""

import io
import sys
from functools import cache

from g4f import debug, log


def follow_debug(wanted: bool) -> None:
    """Show the log while debugging is on; `wanted` turns it on."""
    _follow()
    if wanted and not debug.logging:
        debug.enable_logging()


@cache
def _follow() -> None:
    if debug.logging:
        _show(True)
    debug.watch(_show)


def _show(on: bool) -> None:
    if on:
        log.configure("debug", "console", out=_Stderr(), stdlib=False)
    else:
        log.silence()


class _Stderr(io.TextIOBase):
    """Standard error as it is when a line is written: notebooks and tests put their own in its place."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
