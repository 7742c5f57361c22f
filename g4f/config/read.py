"""The bytes of a file, whole and stable, or a reason why not.

Opening never blocks and never follows into a device: a FIFO in the place of the configuration must not hang a
reload. A file that changes while it is read is read again once.
"""

import os
import stat
import time
from pathlib import Path
from typing import Final, Protocol

#: How long a writer gets to finish before the second and last try, in seconds.
_PAUSE: Final = 0.1


class Unreadable(Exception):  # noqa: N818 - it names what the file is
    """The file cannot be read; the message says why and does not name it."""


class Read(Protocol):
    """How files are read: their content, of at most `limit` bytes. Raises Unreadable."""

    def __call__(self, path: Path, *, limit: int) -> bytes: ...


def read_stable(path: Path, *, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes. Raises Unreadable."""
    try:
        content = _read_once(path, limit)
        if content is None:
            time.sleep(_PAUSE)
            content = _read_once(path, limit)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or 'unknown error'}") from None
    except ValueError:
        raise Unreadable("cannot be read: this is not a path") from None
    if content is None:
        raise Unreadable("keeps changing while it is read; replace it with one rename")
    return content


def _read_once(path: Path, limit: int) -> bytes | None:
    """The content, or None when the file changed under the reader."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(_open(path, flags), "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise Unreadable("is not a regular file")
        content = file.read(limit + 1)
        if len(content) > limit:
            raise Unreadable(f"is larger than {limit:,} bytes")
        after = os.fstat(file.fileno())
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return content if unchanged and len(content) == after.st_size else None


def _open(path: Path, flags: int) -> int:
    # A directory opens, but cannot be made a file object: say so first.
    if path.is_dir():
        raise Unreadable("is a directory")
    return os.open(path, flags)


def decode(content: bytes) -> str:
    """UTF-8 text, with or without a byte order mark. Raises UnicodeDecodeError; `start` counts in bytes."""
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
