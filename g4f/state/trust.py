"""What on a disk is believed: only what belongs to this process's user and nobody else can write.

It is asked of an open file, so that what was looked at is what is read.
"""

import os
import stat

from g4f.state.types import StateError


def check_file(found: os.stat_result) -> None:
    """Raises StateError for what is no regular file, or one that somebody else could have written."""
    if not stat.S_ISREG(found.st_mode):
        raise StateError("it is not a regular file")
    check_trust(found, "it")


def check_trust(found: os.stat_result, what: str) -> None:
    """Raises StateError for what somebody else could have written."""
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise StateError(f"{what} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise StateError(f"{what} can be written by others; chmod go-w")


def check_place(found: os.stat_result) -> None:
    """Raises StateError for a directory in which everybody may put another file in place of one."""
    mode = stat.S_IMODE(found.st_mode)
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise StateError("everybody may write its directory; chmod o-w")
