"""All the counting of one process in one place: who reads the journal, and what can be asked of it."""

from g4f.gateway.gateway import Gateway
from g4f.gateway.reload import Reloads
from g4f.meter.counting import Counting
from g4f.meter.exposition import expose
from g4f.meter.gauges import Load, measured
from g4f.meter.journal import Journal
from g4f.meter.prices import Prices
from g4f.meter.tally import Series, Tally


class Meter:
    """Counts what goes through a gateway, as its journal tells. `reloads` is filled by who reloads."""

    def __init__(self, gateway: Gateway, journal: Journal) -> None:
        self.reloads = Reloads()
        self._gateway = gateway
        self._journal = journal
        self._tally = Tally()
        self._prices = Prices(lambda: gateway.snapshot.providers)
        journal.read_by(Counting(self._tally, self._prices))

    def series(self, load: Load) -> list[Series]:
        """All metrics of this process, with every request that ended before this call."""
        self._journal.drain()
        return self._tally.export() + measured(self._gateway, self.reloads, load).export()

    def expose(self, load: Load, accept: str) -> tuple[bytes, str]:
        """The metrics as the text that a scrape with this `Accept` header asks for, and its content type."""
        return expose(self.series(load), accept)
