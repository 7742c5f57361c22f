"""Files that were made for clients, kept for a while: each under a name that nobody can guess, and never changed.

A file is written beside its name and renamed, so that whoever asks gets all of it or nothing. Only names of the form
that is given out here are looked at, and no link is followed; whatever else lies in the directory is left alone. The
oldest go first when room is needed. Several processes may share a directory.
"""

import contextlib
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from g4f.state.types import StateError

#: Media types by the ending of a name, which is chosen here by what the file is. `bin` is whatever else: its bytes are
#: handed out, and nobody is told to show them.
TYPES = MappingProxyType(
    {
        "png": "image/png",
        "jpg": "image/jpeg",
        "gif": "image/gif",
        "webp": "image/webp",
        "mp3": "audio/mpeg",
        "wav": "audio/wav",
        "ogg": "audio/ogg",
        "flac": "audio/flac",
        "m4a": "audio/mp4",
        "mp4": "video/mp4",
        "webm": "video/webm",
        "bin": "application/octet-stream",
    }
)
_ENDINGS = {media_type: ending for ending, media_type in TYPES.items()}
_NAME = re.compile(rf"[A-Za-z0-9_-]{{16,64}}\.(?:{'|'.join(TYPES)})", re.ASCII)
#: Bytes of chance in a name: 128 bits cannot be guessed.
CHANCE = 16
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where files are kept (None: in a place of this process's own, gone with it), how many bytes of them, and for how
    many seconds."""

    directory: Path | None
    max_size: int
    max_age: float


@dataclass(slots=True, kw_only=True)
class Stored:
    """An open file: close it. `left` is in seconds."""

    descriptor: int
    size: int
    media_type: str
    etag: str
    left: float

    def read(self, start: int, size: int) -> bytes:
        """A piece of it; fewer bytes at its end."""
        return os.pread(self.descriptor, size, start)

    def close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class MediaStore:
    """All methods but `apply` may block: call them in a thread. `clock` is the Unix time, as files have it."""

    def __init__(self, rules: Rules, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules
        self._clock = clock
        self._own: Path | None = None

    def apply(self, rules: Rules) -> None:
        """Go by other rules from now on. Files in another directory are not found any more."""
        self._rules = rules

    def put(self, content: bytes, media_type: str | None) -> str:
        """Keep a file; returns its name. Raises StateError where there is no room for it or no place."""
        if len(content) > self._rules.max_size:
            raise StateError("it is larger than media.max_size")
        name = f"{secrets.token_urlsafe(CHANCE)}.{_ENDINGS.get(media_type or '', 'bin')}"
        try:
            directory = self._directory()
            self._make_room(directory, len(content))
            with tempfile.NamedTemporaryFile(dir=directory, prefix=".new-", delete=False) as beside:
                try:
                    beside.write(content)
                    beside.flush()
                    Path(beside.name).replace(directory / name)
                except BaseException:
                    Path(beside.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise StateError(error.strerror or type(error).__name__) from None
        return name

    def open(self, name: str) -> Stored | None:
        """The file of that name, unless there is none, or its time is up."""
        directory = self._rules.directory or self._own
        if directory is None or not _NAME.fullmatch(name):
            return None
        try:
            descriptor = os.open(directory / name, _READ)
        except OSError:
            return None
        found = os.fstat(descriptor)
        left = found.st_mtime + self._rules.max_age - self._clock()
        if not stat.S_ISREG(found.st_mode) or left <= 0:
            os.close(descriptor)
            return None
        return Stored(
            descriptor=descriptor,
            size=found.st_size,
            media_type=TYPES[name.rpartition(".")[2]],
            etag=f'"{found.st_mtime_ns:x}-{found.st_size:x}"',
            left=left,
        )

    def close(self) -> None:
        """Remove what is this process's own."""
        own, self._own = self._own, None
        if own is not None:
            for file in own.iterdir():
                file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                own.rmdir()

    def _directory(self) -> Path:
        configured = self._rules.directory
        if configured is not None:
            configured.mkdir(mode=0o700, parents=True, exist_ok=True)
            return configured
        if self._own is None:
            self._own = Path(tempfile.mkdtemp(prefix="g4f-media-"))
        return self._own

    def _make_room(self, directory: Path, size: int) -> None:
        """Remove what is too old, and then the oldest until another `size` bytes fit."""
        now, kept, total = self._clock(), [], 0
        for entry in os.scandir(directory):
            abandoned = entry.name.startswith(".new-")
            if not abandoned and not _NAME.fullmatch(entry.name):
                continue
            with contextlib.suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                if found.st_mtime + self._rules.max_age <= now:
                    Path(entry.path).unlink()
                else:
                    kept.append((found.st_mtime_ns, found.st_size, entry.path))
                    total += found.st_size
        for _, freed, path in sorted(kept):
            if total + size <= self._rules.max_size:
                return
            Path(path).unlink(missing_ok=True)
            total -= freed
