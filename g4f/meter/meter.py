"""All the counting of one process in one place: who reads the journal, and what can be asked of it."""

import time
from collections.abc import Callable

from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloads
from g4f.meter.batch import Batch
from g4f.meter.booking import Bookkeeper
from g4f.meter.budgets import Budgets
from g4f.meter.comparison import Comparison
from g4f.meter.counting import Counting
from g4f.meter.gauges import Load, configuration, measured
from g4f.meter.journal import Journal
from g4f.meter.ledger import Ledger
from g4f.meter.prices import Prices
from g4f.meter.tally import Series, Tally
from g4f.meter.tracing import Tracing


class Meter:
    """Counts what goes through a gateway, as its journal tells; with a ledger it also keeps books and budgets.

    `reloads` is filled by who reloads. `now` is Unix seconds.
    """

    def __init__(
        self,
        gateway: Gateway,
        journal: Journal,
        ledger: Ledger | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.journal = journal
        self.reloads = Reloads()
        self.ledger = ledger
        self.budgets: Budgets | None = None
        self._gateway = gateway
        self._tally = Tally()
        self.prices = Prices(lambda: gateway.snapshot.providers)
        self.tracing = Tracing(lambda: gateway.snapshot.config.traces, self._tally)
        self.comparison = Comparison(journal.drain)
        journal.read_by(Counting(self._tally, self.prices))
        journal.read_by(self.comparison)
        journal.read_by(self.tracing)
        if ledger is not None:
            self.budgets = Budgets(ledger.recall, now)
            ledger.follow(self.budgets)
            journal.read_by(Books(Bookkeeper(self.prices), ledger, self.budgets))

    def series(self, load: Load) -> list[Series]:
        """All metrics of this process, with every request that ended before this call."""
        return self.own_series(load) + self._of_configuration()

    def _of_configuration(self) -> list[Series]:
        tally = Tally()
        snapshot = self._gateway.snapshot
        configuration(tally, snapshot.generation, snapshot.digest, self.reloads)
        return tally.export()

    def own_series(self, load: Load) -> list[Series]:
        """The same without what is said of the file, which is the supervisor's to say where there is one."""
        self.journal.drain()
        gauges = measured(self._gateway, load)
        if self.budgets is not None:
            self.budgets.measure(gauges)
        return self._tally.export() + gauges.export()

    def close(self) -> None:
        """Tell everybody of the last requests, and write the books."""
        self.journal.drain()
        self.tracing.close()
        if self.ledger is not None:
            self.ledger.close()


class Books:
    """The reader of the journal that books and charges."""

    def __init__(self, bookkeeper: Bookkeeper, ledger: Ledger, budgets: Budgets) -> None:
        self._bookkeeper = bookkeeper
        self._ledger = ledger
        self._budgets = budgets

    def __call__(self, batch: Batch) -> None:
        self._ledger.book([line for alike in batch.alike for line in self._bookkeeper.bookings(alike)])
        if any(self._budgets.purses()):
            for alike in batch.alike:
                self._budgets.spend(alike[0].caller_name, *self._bookkeeper.charge(alike))
