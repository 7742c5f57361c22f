"""The journal: requests that ended, until everybody who wants to know of them was told.

Adding an entry is all that a request pays. A thread wakes for a tenth of a second's entries and tells the readers of
some at a time, so that it never holds the interpreter for long; `drain` does it now, so that who asks for a figure gets
one that holds every request that ended before. No entry is lost: where the readers fall far behind, who adds waits.
"""

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable

from g4f import log
from g4f.meter.batch import Batch
from g4f.meter.entry import Entry

#: Seconds between the first entry of a batch and its reading.
PAUSE = 0.1
#: Entries of one batch: what they cost, about a millisecond, is the longest that requests wait for this thread.
AT_ONCE = 100
#: Seconds between two batches, in which requests have the interpreter.
BREATH = 0.0005
#: Entries that may wait.
MOST_WAITING = 20_000

Reader = Callable[[Batch], None]

_log = log.get()


class Journal:
    """Collects entries for `readers`, which are called with each batch in turn, from one thread at a time."""

    def __init__(self, *readers: Reader) -> None:
        self._readers = list(readers)
        self._entries: deque[Entry] = deque()
        self._some = threading.Event()
        self._reading = threading.Lock()
        self._thread: threading.Thread | None = None
        self.add = self._add_first

    def read_by(self, reader: Reader) -> None:
        """Tell one more reader of what is added from now on."""
        self.drain()
        self._readers.append(reader)

    def drain(self) -> None:
        """Tell the readers of every entry that was added before this call."""
        with self._reading:
            left = len(self._entries)
            while left > 0:
                left -= self._read()

    def _read(self) -> int:
        """Tell the readers of some entries; returns of how many."""
        batch = Batch([self._entries.popleft() for _ in range(min(len(self._entries), AT_ONCE))])
        for reader in self._readers:
            try:
                reader(batch)
            except Exception as error:  # noqa: BLE001 - one reader's fault must not keep the others from reading
                _log.error("journal.reader_failed", exception=type(error).__name__)
        return len(batch.entries)

    def _add_first(self, entry: Entry) -> None:
        """The thread begins with the first entry: a process that serves nothing has none."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="g4f-journal", daemon=True)
            self._thread.start()
            atexit.register(self.drain)
        self.add = self._add
        self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        waiting = len(self._entries)
        if waiting == 1:
            self._some.set()
        elif waiting > MOST_WAITING:
            self.drain()

    def _run(self) -> None:
        while True:
            self._some.wait()
            self._some.clear()
            time.sleep(PAUSE)
            while self._entries:
                with self._reading:
                    self._read()
                time.sleep(BREATH)
