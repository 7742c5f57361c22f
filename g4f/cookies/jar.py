"""A directory of sessions, read again when it changes.

Of two files that have cookies for a domain the newer one wins; one that a program wrote with `set_cookies` stands for
all there is for its domain.
"""

import contextlib
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from g4f.cookies.formats import Cookie, CookieFileError, Session, decode, encode, normal_domain

#: Bytes of a file, and files of a directory, that are read.
MAX_FILE = 1 << 20
MAX_FILES = 256

_SUFFIXES = frozenset({".json", ".har"})
_SET = "set."

#: What a file is known by: its name, size and time of change. Another stamp is another content.
Stamp = tuple[str, int, int]


class Jar:
    """The sessions of one directory. Safe to use from several threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._stamps: tuple[Stamp, ...] = ()
        self._cookies: dict[str, dict[str, Cookie]] = {}
        self._headers: dict[str, dict[str, str]] = {}

    def move(self, directory: Path) -> None:
        with self._lock:
            self.directory, self._stamps = directory, ()
            self._cookies, self._headers = {}, {}

    def cookies(self, host: str) -> dict[str, str]:
        """The cookies that may be sent to a host: its own, and those of the domains above it."""
        now = time.time()
        with self._lock:
            self._refresh()
            found: dict[str, str] = {}
            for domain in reversed(list(_above(host))):
                found |= {
                    cookie.name: cookie.value
                    for cookie in self._cookies.get(domain, {}).values()
                    if (domain == host or not cookie.host_only) and (cookie.expires is None or cookie.expires > now)
                }
            return found

    def headers(self, host: str) -> dict[str, str]:
        with self._lock:
            self._refresh()
            return dict(self._headers.get(host, {}))

    def everything(self) -> dict[str, dict[str, str]]:
        with self._lock:
            self._refresh()
            return {domain: {c.name: c.value for c in held.values()} for domain, held in self._cookies.items()}

    def set(self, host: str, cookies: Mapping[str, str]) -> None:
        """Let a host have these cookies and no others."""
        made = [{"domain": host, "name": name, "value": value} for name, value in cookies.items()]
        session = decode(json.dumps(made).encode())
        with self._lock:
            self._write(f"{_SET}{host}.json", session)

    def store(self, content: bytes, allowed: Collection[str] | None) -> frozenset[str]:
        """Keep what an uploaded file holds; returns its domains."""
        session = decode(content)
        if allowed is not None:
            session = Session(
                cookies=tuple(cookie for cookie in session.cookies if _covered(cookie.domain, allowed)),
                headers={domain: held for domain, held in session.headers.items() if _covered(domain, allowed)},
            )
        if not session.domains:
            raise CookieFileError("the file has no cookie for a domain that is used here")
        name = hashlib.sha256("\0".join(sorted(session.domains)).encode()).hexdigest()[:16]
        with self._lock:
            self._write(f"upload.{name}.json", session)
        return session.domains

    def _write(self, name: str, session: Session) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(prefix=".g4f-", dir=self.directory)  # 0600 by itself
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(encode(session))
                file.flush()
                os.fsync(descriptor)
            Path(beside).replace(self.directory / name)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(beside).unlink()
            raise
        self._stamps = ()

    def _refresh(self) -> None:
        files = sorted(_files(self.directory), key=lambda file: (file[1], file[0]))[-MAX_FILES:]
        stamps = tuple(files)
        if stamps and stamps == self._stamps:
            return
        self._cookies, self._headers = {}, {}
        for name, _, size in files:
            if size <= MAX_FILE:
                with contextlib.suppress(OSError, CookieFileError):
                    self._take(name, decode((self.directory / name).read_bytes()))
        self._stamps = stamps

    def _take(self, name: str, session: Session) -> None:
        if name.startswith(_SET):
            host = normal_domain(name.removeprefix(_SET).removesuffix(".json"))
            self._cookies.pop(host, None)
            self._headers.pop(host, None)
        for cookie in session.cookies:
            self._cookies.setdefault(cookie.domain, {})[cookie.name] = cookie
        for domain, held in session.headers.items():
            self._headers[domain] = dict(held)


def _files(directory: Path) -> Iterator[Stamp]:
    """The files to be read: (name, time of change in ns, size). No directory, no files; links are not followed."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if Path(entry.name).suffix.lower() in _SUFFIXES and entry.is_file(follow_symlinks=False):
            with contextlib.suppress(OSError):
                found = entry.stat(follow_symlinks=False)
                yield entry.name, found.st_mtime_ns, found.st_size


def _above(host: str) -> Iterator[str]:
    """The host and every domain above it that has a dot in it."""
    yield host
    while "." in (host := host.partition(".")[2]):
        yield host


def _covered(domain: str, allowed: Collection[str]) -> bool:
    return any(above in allowed for above in _above(domain))
