"""The directory in which processes share what one would keep in memory; it goes with the last of them.

Each holds a lock on it that ends with the process, however that ends. So whoever leaves last removes it, also where the
supervisor was killed, and what nobody holds any more is removed by the next supervisor.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "g4fd-"


@contextlib.contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A new directory, which only this user may enter, in `parent` (the system's place for such). Raises OSError."""
    place = parent or Path(tempfile.gettempdir())
    for left in place.glob(f"{_PREFIX}*"):
        _remove_unless_held(left)
    made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=place))
    named = place / made.name.removeprefix(".")
    with _lock(made, fcntl.LOCK_SH):  # before it has the name that others look for
        made.rename(named)
        yield named
    _remove_unless_held(named)


@contextlib.contextmanager
def held(directory: Path) -> Iterator[None]:
    """Keep a directory while in the block, and remove it behind the last one. Raises OSError where it is gone."""
    with _lock(directory, fcntl.LOCK_SH):
        yield
    _remove_unless_held(directory)


def _remove_unless_held(directory: Path) -> None:
    with contextlib.suppress(OSError), _lock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB) as descriptor:
        if os.fstat(descriptor).st_uid == os.getuid():
            shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _lock(directory: Path, how: int) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
        yield descriptor
    finally:
        os.close(descriptor)
