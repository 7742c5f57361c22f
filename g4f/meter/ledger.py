"""The books on disk: usage by day, key, model and provider, and what is spent of budgets, in SQLite.

Amounts are added up in memory and written once a second by a thread of their own, in one transaction; a process that
is killed forgets a second. Several processes may share a file: each adds to what is there. A disk that fails costs no
request: what could not be written is kept, added up, and written later. Without a file the books are kept in memory.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from g4f import log
from g4f.meter.booking import Account, Amounts
from g4f.meter.budgets import Budgets, Spent
from g4f.meter.windows import Per
from g4f.state.trust import check_file, check_place
from g4f.state.types import StateError

_log = log.get()

#: Seconds between two writes.
PAUSE = 1.0
#: Seconds to wait for another process that is writing.
PATIENCE = 5.0
#: Lines that may wait for a disk that fails; then the smallest detail is given up first.
MOST_WAITING = 20_000
#: Seconds of the longest window that a budget can have.
MONTH = 32 * 86400.0
#: The form of the tables (SQLite's user_version).
VERSION = 1

#: A link is not followed, and a pipe is not waited for.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

_TABLES = """
CREATE TABLE IF NOT EXISTS usage (
  day TEXT, caller TEXT, model TEXT, provider TEXT, upstream TEXT, outcome TEXT,
  calls INTEGER, uncounted INTEGER, unpriced INTEGER,
  input_tokens INTEGER, output_tokens INTEGER, nano_usd INTEGER,
  PRIMARY KEY (day, caller, model, provider, upstream, outcome)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
  caller TEXT, per TEXT, since INTEGER, tokens INTEGER, nano_usd INTEGER,
  PRIMARY KEY (caller, per, since)
) WITHOUT ROWID;
"""
_ADD = """
INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  calls = calls + excluded.calls, uncounted = uncounted + excluded.uncounted, unpriced = unpriced + excluded.unpriced,
  input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens,
  nano_usd = nano_usd + excluded.nano_usd
"""
_SPEND = """
INSERT INTO spent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  tokens = tokens + excluded.tokens, nano_usd = nano_usd + excluded.nano_usd
"""
_SPENT = "SELECT tokens, nano_usd FROM spent WHERE caller = ? AND per = ? AND since = ?"


class LedgerError(Exception):
    """The books cannot be opened. The message says why, in words for the log."""


class Ledger:
    """The books in `path` (None: in memory), of the last `keep` seconds. `book` may be called from any thread and never
    waits for the disk. `now` is Unix seconds."""

    def __init__(self, path: Path | None, *, keep: float = 365 * 86400.0, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._keep = keep
        self._now = now
        self._swept = ""
        self._waiting: dict[Account, Amounts] = {}
        self._budgets: Budgets | None = None
        self._adding = threading.Lock()
        self._flushing = threading.Lock()
        self._using = threading.Lock()
        self._some = threading.Event()
        self._closed = threading.Event()
        self._failing = False
        self._base = _opened(path)
        self._thread = threading.Thread(target=self._run, name="g4f-ledger", daemon=True)

    def follow(self, budgets: Budgets) -> None:
        """Save what is spent of these budgets too, and begin to write."""
        self._budgets = budgets
        self._thread.start()

    def book(self, lines: Iterable[tuple[Account, Amounts]]) -> None:
        """Add these amounts."""
        with self._adding:
            for account, amounts in lines:
                known = self._waiting.get(account)
                if known is not None:
                    known.add(amounts)
                elif len(self._waiting) < MOST_WAITING:
                    self._waiting[account] = amounts
        self._some.set()

    def recall(self, caller: str, per: Per, since: int) -> tuple[int, int]:
        """The tokens and the money that a key has used in a window, as far as it is saved. Never fails."""
        try:
            with self._using:
                return self._base.execute(_SPENT, (caller, per.value, since)).fetchone() or (0, 0)
        except sqlite3.Error as error:
            self._report(error)
            return 0, 0

    def sweep(self) -> None:
        """Delete what is older than what is kept; once a day is enough."""
        oldest = self._now() - self._keep
        day = datetime.fromtimestamp(oldest, UTC).date().isoformat()
        if day == self._swept:
            return
        with contextlib.suppress(sqlite3.Error), self._using, self._base:
            self._base.execute("DELETE FROM usage WHERE day < ?", (day,))
            self._base.execute("DELETE FROM spent WHERE since > 0 AND since < ?", (min(oldest, self._now() - MONTH),))
            self._swept = day

    def select(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of a query, everything booked before it included. Raises LedgerError."""
        self.flush()
        try:
            with self._using:
                return self._base.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(str(error)) from None

    def flush(self) -> None:
        """Write what waits. Never fails: what cannot be written waits on."""
        with self._flushing:
            with self._adding:
                lines, self._waiting = self._waiting, {}
            purses = self._budgets.purses() if self._budgets else ()
            fresh = [(purse, *purse.take_fresh()) for purse in purses]
            try:
                totals = self._write(lines, [taken[1:] for taken in fresh])
            except sqlite3.Error as error:
                self._report(error)
                self.book(lines.items())
                return
            for (purse, spent, tokens, nano_usd), total in zip(fresh, totals, strict=True):
                purse.saved(spent, (tokens, nano_usd), total)
            self._failing = False

    def close(self) -> None:
        """Write for the last time."""
        self._closed.set()
        self._some.set()
        self.flush()
        with self._using:
            self._base.close()

    def _write(self, lines: dict[Account, Amounts], fresh: Sequence[tuple[Spent, int, int]]) -> list[tuple[int, int]]:
        """Add everything in one transaction; returns what is now saved of each window."""
        if not lines and not fresh:
            return []
        totals = []
        with self._using, self._base:
            self._base.executemany(_ADD, [(*account, *astuple(amounts)) for account, amounts in lines.items()])
            for spent, tokens, nano_usd in fresh:
                about = spent.caller, spent.per.value, spent.since
                if tokens or nano_usd:
                    self._base.execute(_SPEND, (*about, tokens, nano_usd))
                totals.append(self._base.execute(_SPENT, about).fetchone() or (0, 0))
        return totals

    def _run(self) -> None:
        """Write once a second what is new; with budgets also look what other processes spent."""
        while not self._closed.wait(PAUSE):
            if self._some.is_set() or (self._path is not None and self._budgets and any(self._budgets.purses())):
                self._some.clear()
                self.flush()
            self.sweep()

    def _report(self, error: sqlite3.Error) -> None:
        if not self._failing:
            _log.warning("usage.not_saved", file=str(self._path), problem=str(error), hint="it is kept in memory")
        self._failing = True


def _opened(path: Path | None) -> sqlite3.Connection:
    """A connection to the books, made if there are none. Raises LedgerError."""
    try:
        if path is not None:
            _make(path)
        base = sqlite3.connect(
            path or ":memory:", timeout=PATIENCE, check_same_thread=False, isolation_level="IMMEDIATE"
        )
    except OSError as error:
        raise LedgerError((error.strerror or type(error).__name__).lower()) from None
    except (sqlite3.Error, StateError) as error:
        raise LedgerError(str(error)) from None
    try:
        _prepare(base)
    except sqlite3.Error as error:
        base.close()
        raise LedgerError(str(error)) from None
    return base


def _make(path: Path) -> None:
    """Make the file if it is missing. Raises OSError, and StateError for one that others could have written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_place(path.parent.stat())
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | _SAFELY, 0o600)
    try:
        check_file(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _prepare(base: sqlite3.Connection) -> None:
    # The change to WAL does not wait for another process that makes it too.
    for attempt in range(50):
        try:
            base.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if attempt == 49:
                raise
            time.sleep(0.02)
    base.execute("PRAGMA synchronous = NORMAL")
    found = base.execute("PRAGMA user_version").fetchone()[0]
    if found not in (0, VERSION):
        raise sqlite3.DatabaseError(f"it has version {found}, and this program writes version {VERSION}")
    base.executescript(f"{_TABLES} PRAGMA user_version = {VERSION};")
