"""The store in a directory: one file for each document.

A document is written beside its file, synced, and renamed over it, so that a crash at any moment leaves the old one
or the new one. Only what belongs to this process's user, and what nobody else can write, is believed. Two processes
may share a directory: the last to save wins.
"""

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Sequence
from pathlib import Path

from g4f.state.trust import check_file, check_trust
from g4f.state.types import Document, StateError

#: Bytes of the largest document that is read.
MAX_BYTES = 4 << 20
#: Seconds after which a file that somebody was writing is known to be left over from a crash.
ABANDONED = 60.0

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class FileStore:
    """Documents in `directory`, which is made (0700) if it is missing. Raises StateError if it cannot be used."""

    lasting = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            check_trust(directory.stat(), "the directory")
            self._sweep()
            probe = self._write_beside("probe", b"")
            probe.unlink()
        except OSError as error:
            raise StateError(_reason(error)) from None

    def load(self, name: str) -> bytes | None:
        try:
            with os.fdopen(os.open(self._directory / name, _READ), "rb") as file:
                check_file(os.fstat(file.fileno()))
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(_reason(error)) from None
        if len(content) > MAX_BYTES:
            raise StateError(f"it is larger than {MAX_BYTES:,} bytes")
        return content

    def save(self, name: str, content: bytes) -> None:
        try:
            beside = self._write_beside(name, content)
            try:
                beside.replace(self._directory / name)
            except OSError:
                beside.unlink(missing_ok=True)
                raise
            self._sync()
        except OSError as error:
            raise StateError(_reason(error)) from None

    def listed(self, prefix: str) -> Sequence[Document]:
        try:
            with os.scandir(self._directory) as entries:
                found = [_document(entry) for entry in entries if entry.name.startswith(prefix)]
        except OSError as error:
            raise StateError(_reason(error)) from None
        return sorted((document for document in found if document), key=lambda document: document.saved)

    def remove(self, name: str) -> None:
        try:
            (self._directory / name).unlink(missing_ok=True)
        except OSError as error:
            raise StateError(_reason(error)) from None

    def _write_beside(self, name: str, content: bytes) -> Path:
        path = self._directory / f".{name}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
        with os.fdopen(os.open(path, _WRITE, 0o600), "wb") as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)
                raise
        return path

    def _sync(self) -> None:
        """Make the rename itself outlive a power cut."""
        opened = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def _sweep(self) -> None:
        """Remove what a killed process was writing."""
        for path in self._directory.glob(".*.tmp"):
            with contextlib.suppress(OSError):
                if abs(time.time() - path.lstat().st_mtime) > ABANDONED:
                    path.unlink()


def _document(entry: "os.DirEntry[str]") -> Document | None:
    with contextlib.suppress(OSError):  # another process removed it
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            return Document(entry.name, found.st_size, found.st_mtime)
    return None


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
