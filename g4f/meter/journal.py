"""The journal: requests that ended, until everybody who wants to know of them was told.

Adding an entry is all that a request pays. A thread tells the readers of a tenth of a second's entries at a time;
`drain` does it now, so that who asks for a figure gets one that holds every request that ended before. No entry is
lost: where the readers fall far behind, who adds waits for them.
"""

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from g4f import log
from g4f.meter.entry import Entry

#: Seconds between the first entry of a batch and its reading.
PAUSE = 0.1
#: Entries that may wait.
MOST_WAITING = 20_000

Reader = Callable[[Sequence[Entry]], None]

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
            batch = []
            while self._entries:  # one by one: another thread may be adding
                batch.append(self._entries.popleft())
            if not batch:
                return
            for reader in self._readers:
                try:
                    reader(batch)
                except Exception as error:  # noqa: BLE001 - one reader's fault must not keep the others from reading
                    _log.error("journal.reader_failed", exception=type(error).__name__)

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
            self.drain()
