"""What each finished request adds to the metrics.

Label values are names of the configuration, words of closed vocabularies and status codes; a model that is no route
of the file is `other`, so that clients cannot make up series.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from g4f.exchange.answer import Usage
from g4f.gateway.record import AttemptRecord, Outcome
from g4f.meter import families
from g4f.meter.entry import Entry
from g4f.meter.prices import Prices
from g4f.meter.tally import OTHER, Tally

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")


class Counting:
    """A reader of the journal that fills a tally. `prices` gives the prices that hold now."""

    def __init__(self, tally: Tally, prices: Prices) -> None:
        self._tally = tally
        self._prices = prices

    def __call__(self, entries: Sequence[Entry]) -> None:
        with self._tally.lock:
            for entry in entries:
                self._count(entry)

    def _count(self, entry: Entry) -> None:
        tally, model, endpoint = self._tally, model_label(entry), entry.endpoint or OTHER
        tally.add(families.REQUESTS, endpoint, model, str(entry.status))
        tally.observe(families.REQUEST_SECONDS, entry.seconds, endpoint, model)
        tally.add(families.CALLER_REQUESTS, entry.caller_name)
        code = entry.fields.get("code")
        if code is not None or (entry.status or 0) >= 400:
            known = isinstance(code, str) and _CODE.fullmatch(code)
            tally.add(families.ERRORS, code if isinstance(code, str) and known else OTHER)
        self._count_journey(entry, model)
        if entry.answered_by is not None:
            self._count_answer(entry, entry.answered_by, model)

    def _count_journey(self, entry: Entry, model: str) -> None:
        tally, attempts = self._tally, entry.journey.attempts
        for skip in entry.journey.skipped:
            tally.add(families.SKIPPED, skip.provider, skip.reason.value)
        for record in attempts:
            provider, failure = record.target.provider, _failure(record)
            tally.add(families.ATTEMPTS, provider, record.outcome.value, failure)
            tally.observe(families.ATTEMPT_SECONDS, record.seconds, provider)
            if record.opened:
                tally.add(families.COOLDOWNS_BEGUN, provider, failure)
        for before, after in pairwise(attempts):
            if before.failure is None:
                continue  # two side by side
            if before.target.site == after.target.site:
                tally.add(families.RETRIES, after.target.provider)
            else:
                tally.add(families.FALLBACKS, model, before.target.provider, _failure(before))

    def _count_answer(self, entry: Entry, record: AttemptRecord, model: str) -> None:
        tally, provider, usage = self._tally, record.target.provider, entry.usage
        if entry.overhead is not None:
            tally.observe(families.OVERHEAD, entry.overhead)
        if entry.fields.get("stream") and entry.to_first is not None:
            tally.observe(families.FIRST_TOKEN, entry.to_first, model, provider)
            if usage is not None and usage.output_tokens > 1 and entry.whole:
                between = (entry.seconds - entry.to_first) / (usage.output_tokens - 1)
                tally.observe(families.PER_TOKEN, between, model, provider)
        if usage is None:
            tally.add(families.UNCOUNTED, model, provider)
            return
        self._count_tokens(entry, usage, model, provider)
        price = self._prices.find(provider, record.target.model)
        if price is None:
            tally.add(families.UNPRICED, model, provider)
        else:
            tally.add(families.COST, model, provider, by=price.nano_usd(usage) / 1e9)

    def _count_tokens(self, entry: Entry, usage: Usage, model: str, provider: str) -> None:
        for direction, tokens in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            self._tally.add(families.TOKENS, model, provider, direction, by=tokens)
            self._tally.add(families.CALLER_TOKENS, entry.caller_name, direction, by=tokens)


def model_label(entry: Entry) -> str:
    """The route that served a request; `other` where there is none, and nothing where no model was asked for."""
    return entry.journey.route or (OTHER if entry.fields.get("model") else "")


def _failure(record: AttemptRecord) -> str:
    return record.failure.kind.value if record.outcome is Outcome.FAILED and record.failure else ""
