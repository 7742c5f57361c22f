"""What finished requests put on the books: one line for each upstream call, by day, key, model and provider.

Only an answer that its client got whole is `answered`. Calls that were retried, lost a race, broke off or whose
client left are booked apart: most cost nothing, and some cost what nobody tells us.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from g4f.gateway.record import AttemptRecord, Outcome
from g4f.meter.counting import model_label
from g4f.meter.entry import Entry
from g4f.meter.prices import Prices
from g4f.meter.tally import OTHER

#: Names of upstream models that one day may have; patterns let clients think of as many as they like.
MOST_MODELS = 1000


class Account(NamedTuple):
    """What amounts are booked under. `day` is in UTC (2026-11-21), `upstream` the provider's own name of the model."""

    day: str
    caller: str
    model: str
    provider: str
    upstream: str
    outcome: str


@dataclass(slots=True)
class Amounts:
    """Calls and what they came to. `uncounted` are those that may have used tokens which nobody counted, `unpriced`
    those with tokens but without a price. Money is in billionths of a dollar."""

    calls: int = 0
    uncounted: int = 0
    unpriced: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    nano_usd: int = 0

    def add(self, other: "Amounts") -> None:
        self.calls += other.calls
        self.uncounted += other.uncounted
        self.unpriced += other.unpriced
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.nano_usd += other.nano_usd


class Bookkeeper:
    """Makes the bookings of entries that are alike (`meter/batch.py`), by the prices that hold now."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._day = ""
        self._models: set[str] = set()

    def bookings(self, alike: Sequence[Entry]) -> Iterator[tuple[Account, Amounts]]:
        """The lines of requests that are alike, together; none where nobody was called."""
        entry = alike[0]
        day = datetime.fromtimestamp(entry.at, UTC).date().isoformat()
        for record in entry.journey.attempts:
            account = Account(
                day=day,
                caller=entry.caller_name,
                model=model_label(entry),
                provider=record.target.provider,
                upstream=self._bounded(day, record.target.model),
                outcome=_outcome(entry, record).value,
            )
            yield account, self._amounts(alike, record)

    def charge(self, alike: Sequence[Entry]) -> tuple[int, int]:
        """The tokens and the money (billionths of a dollar) that requests which are alike take from their key's budget.

        Where an answer began and nobody counted, the estimate by which it was let in stands.
        """
        record = alike[0].answered_by
        if record is None:
            return 0, 0
        usages = [entry.usage or entry.expected for entry in alike]
        price = self._prices.find(record.target.provider, record.target.model)
        tokens = sum([usage.input_tokens + usage.output_tokens for usage in usages])
        return tokens, sum(map(price.nano_usd, usages)) if price else 0

    def _amounts(self, alike: Sequence[Entry], record: AttemptRecord) -> Amounts:
        """What the calls that are like `record`, which is the first entry's, come to."""
        calls = len(alike)
        if record is not alike[0].answered_by:
            return Amounts(calls=calls, uncounted=calls if record.failure is None else 0)
        usages = [entry.usage for entry in alike if entry.usage is not None]
        if not usages:
            return Amounts(calls=calls, uncounted=calls)
        price = self._prices.find(record.target.provider, record.target.model)
        return Amounts(
            calls=calls,
            unpriced=0 if price else calls,
            input_tokens=sum([usage.input_tokens for usage in usages]),
            output_tokens=sum([usage.output_tokens for usage in usages]),
            nano_usd=sum(map(price.nano_usd, usages)) if price else 0,
        )

    def _bounded(self, day: str, model: str) -> str:
        if day != self._day:
            self._day, self._models = day, set()
        if model not in self._models and len(self._models) >= MOST_MODELS:
            return OTHER
        self._models.add(model)
        return model


def _outcome(entry: Entry, record: AttemptRecord) -> Outcome:
    if record.outcome is Outcome.ANSWERED and not entry.whole:
        return Outcome.ABANDONED
    return record.outcome
