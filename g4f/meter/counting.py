"""What finished requests add to the metrics; those that are alike add at once.

Label values are names of the configuration, words of closed vocabularies and status codes; a model that is no route
of the file is `other`, so that clients cannot make up series.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from g4f.exchange.answer import Usage
from g4f.gateway.record import AttemptRecord, Outcome
from g4f.meter import families
from g4f.meter.batch import Batch
from g4f.meter.entry import Entry
from g4f.meter.prices import Prices
from g4f.meter.tally import OTHER, Tally

_CODE = re.compile(r"[a-z][a-z0-9_]{0,47}")


class Counting:
    """A reader of the journal that fills a tally. `prices` gives the prices that hold now."""

    def __init__(self, tally: Tally, prices: Prices) -> None:
        self._tally = tally
        self._prices = prices

    def __call__(self, batch: Batch) -> None:
        with self._tally.lock:
            for alike in batch.alike:
                self._count(alike)

    def _count(self, alike: Sequence[Entry]) -> None:
        tally, entry, times = self._tally, alike[0], len(alike)
        model, endpoint = model_label(entry), entry.endpoint or OTHER
        tally.add(families.REQUESTS, endpoint, model, str(entry.status), by=times)
        tally.observe(families.REQUEST_SECONDS, [entry.ended - entry.started for entry in alike], endpoint, model)
        tally.add(families.CALLER_REQUESTS, entry.caller_name, by=times)
        code = entry.fields.get("code")
        if code is not None or (entry.status or 0) >= 400:
            known = isinstance(code, str) and _CODE.fullmatch(code)
            tally.add(families.ERRORS, code if isinstance(code, str) and known else OTHER, by=times)
        self._count_skipped(entry, times)
        for records in zip(*[entry.journey.attempts for entry in alike], strict=True):
            self._count_attempts(records)
        self._count_steps(entry, model, times)
        if entry.answered_by is not None:
            self._count_answers(alike, entry.answered_by, model)

    def _count_skipped(self, entry: Entry, times: int) -> None:
        for skip in entry.journey.skipped:
            self._tally.add(families.SKIPPED, skip.provider, skip.reason.value, by=times)

    def _count_attempts(self, records: Sequence[AttemptRecord]) -> None:
        """Count the attempts of the same number of requests that are alike."""
        tally, record = self._tally, records[0]
        provider, failure = record.target.provider, _failure(record)
        tally.add(families.ATTEMPTS, provider, record.outcome.value, failure, by=len(records))
        tally.observe(families.ATTEMPT_SECONDS, [record.seconds for record in records], provider)
        if record.opened:
            tally.add(families.COOLDOWNS_BEGUN, provider, failure, by=len(records))

    def _count_steps(self, entry: Entry, model: str, times: int) -> None:
        """Count what led from each attempt to the next."""
        for before, after in pairwise(entry.journey.attempts):
            if before.failure is None:
                continue  # two side by side
            if before.target.site == after.target.site:
                self._tally.add(families.RETRIES, after.target.provider, by=times)
            else:
                self._tally.add(families.FALLBACKS, model, before.target.provider, _failure(before), by=times)

    def _count_answers(self, alike: Sequence[Entry], record: AttemptRecord, model: str) -> None:
        tally, provider = self._tally, record.target.provider
        overheads = [overhead for entry in alike if (overhead := entry.overhead) is not None]
        tally.observe(families.OVERHEAD, overheads)
        if alike[0].fields.get("stream"):
            self._count_streams(alike, model, provider)
        usages = [entry.usage for entry in alike if entry.usage is not None]
        if not usages:
            tally.add(families.UNCOUNTED, model, provider, by=len(alike))
            return
        self._count_tokens(usages, alike[0].caller_name, model, provider)
        price = self._prices.find(provider, record.target.model)
        if price is None:
            tally.add(families.UNPRICED, model, provider, by=len(alike))
        else:
            tally.add(families.COST, model, provider, by=sum(map(price.nano_usd, usages)) / 1e9)

    def _count_streams(self, alike: Sequence[Entry], model: str, provider: str) -> None:
        firsts, betweens = [], []
        for entry in alike:
            to_first, usage = entry.to_first, entry.usage
            if to_first is not None:
                firsts.append(to_first)
                if usage is not None and usage.output_tokens > 1 and entry.whole:
                    betweens.append((entry.seconds - to_first) / (usage.output_tokens - 1))
        self._tally.observe(families.FIRST_TOKEN, firsts, model, provider)
        self._tally.observe(families.PER_TOKEN, betweens, model, provider)

    def _count_tokens(self, usages: Sequence[Usage], caller: str, model: str, provider: str) -> None:
        for direction, tokens in (
            ("input", sum([usage.input_tokens for usage in usages])),
            ("output", sum([usage.output_tokens for usage in usages])),
        ):
            self._tally.add(families.TOKENS, model, provider, direction, by=tokens)
            self._tally.add(families.CALLER_TOKENS, caller, direction, by=tokens)


def model_label(entry: Entry) -> str:
    """The route that served a request; `other` where there is none, and nothing where no model was asked for."""
    return entry.journey.route or (OTHER if entry.fields.get("model") else "")


def _failure(record: AttemptRecord) -> str:
    return record.failure.kind.value if record.outcome is Outcome.FAILED and record.failure else ""
