"""Budgets of inbound keys: what each may use in a calendar window, and what is used of it.

A budget stops requests that come in after it is spent; those that run are not cut, so that it can be overdrawn by what
was open at the time. What is spent belongs to the key's name and the window, and lives on over reloads and restarts.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from g4f.config import server
from g4f.errors import BudgetExceededError
from g4f.meter.families import BUDGET_USED
from g4f.meter.tally import Tally
from g4f.meter.windows import Per, window


@dataclass(slots=True, kw_only=True)
class Spent:
    """What a key has used in the window that began at `since` (Unix seconds). `saved_*` is in the ledger and holds what
    other processes spent, `fresh_*` is not there yet. Money is in billionths of a dollar."""

    caller: str
    per: Per
    since: int
    until: float | None
    saved_tokens: int = 0
    saved_nano_usd: int = 0
    fresh_tokens: int = 0
    fresh_nano_usd: int = 0

    @property
    def tokens(self) -> int:
        return self.saved_tokens + self.fresh_tokens

    @property
    def nano_usd(self) -> int:
        return self.saved_nano_usd + self.fresh_nano_usd


#: Reads (tokens, billionths of a dollar) that a key has used in a window, from where it was saved.
Recall = Callable[[str, Per, int], tuple[int, int]]


class Purse:
    """What one key has used in one kind of window. A new window begins with nothing."""

    def __init__(self, caller: str, per: Per, now: Callable[[], float], recall: Recall) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._caller, self._per = caller, per
        self._spent = self._begin()
        self._spent.saved_tokens, self._spent.saved_nano_usd = recall(caller, per, self._spent.since)

    def current(self) -> Spent:
        """The window that is open now."""
        with self._lock:
            return self._follow()

    def spend(self, tokens: int, nano_usd: int) -> None:
        with self._lock:
            spent = self._follow()
            spent.fresh_tokens += tokens
            spent.fresh_nano_usd += nano_usd

    def take_fresh(self) -> tuple[Spent, int, int]:
        """What is to be saved now: the window, and what was spent in it since the last time."""
        with self._lock:
            spent = self._spent
            return spent, spent.fresh_tokens, spent.fresh_nano_usd

    def saved(self, spent: Spent, fresh: tuple[int, int], total: tuple[int, int]) -> None:
        """The ledger took `fresh`, and has `total` for the window now, of all processes."""
        with self._lock:
            spent.fresh_tokens -= fresh[0]
            spent.fresh_nano_usd -= fresh[1]
            spent.saved_tokens, spent.saved_nano_usd = total

    def _follow(self) -> Spent:
        until = self._spent.until
        if until is not None and self._now() >= until:
            self._spent = self._begin()
        return self._spent

    def _begin(self) -> Spent:
        since, until = window(self._per, self._now())
        return Spent(caller=self._caller, per=self._per, since=since, until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The limits of one key over what is spent of them. `nano_usd` and `tokens` are None where they do not count."""

    purse: Purse
    caller: str
    per: Per
    nano_usd: int | None
    tokens: int | None
    now: Callable[[], float]

    @property
    def used(self) -> float:
        """The part of it that is spent, above 1 where it was overdrawn; 1 for one that allows nothing."""
        spent = self.purse.current()
        parts = [(spent.nano_usd, self.nano_usd), (spent.tokens, self.tokens)]
        return max((have / limit if limit else 1.0) for have, limit in parts if limit is not None)

    def check(self) -> None:
        """Raises BudgetExceededError if nothing is left."""
        spent = self.purse.current()
        if self.nano_usd is not None and spent.nano_usd >= self.nano_usd:
            self._refuse(f"{self.nano_usd / 1e9:g} US dollars", spent)
        if self.tokens is not None and spent.tokens >= self.tokens:
            self._refuse(f"{self.tokens:,} tokens", spent)

    def _refuse(self, limit: str, spent: Spent) -> None:
        if spent.until is None:
            raise BudgetExceededError(f"Key {self.caller!r} has used its budget of {limit}.")
        wait = max(spent.until - self.now(), 1.0)
        message = f"Key {self.caller!r} has used its budget of {limit} for this {self.per.value}."
        raise BudgetExceededError(message, retry_after=wait)


class Budgets:
    """All purses. `recall` may block for as long as a read of the ledger takes; `now` is Unix seconds."""

    def __init__(self, recall: Recall, now: Callable[[], float]) -> None:
        self._recall = recall
        self._now = now
        self._purses: dict[tuple[str, Per], Purse] = {}
        self._budgets: dict[tuple[str, Per], Budget] = {}

    def of(self, caller: str, written: server.Budget | None) -> Budget | None:
        """The budget that a key has by the file, over what the key has spent already."""
        if written is None:
            return None
        per = Per(written.per)
        purse = self._purses.get((caller, per))
        if purse is None:
            purse = self._purses[caller, per] = Purse(caller, per, self._now, self._recall)
        budget = self._budgets[caller, per] = Budget(
            purse=purse,
            caller=caller,
            per=per,
            nano_usd=None if written.usd is None else round(written.usd * 1e9),
            tokens=written.tokens,
            now=self._now,
        )
        return budget

    def spend(self, caller: str, tokens: int, nano_usd: int) -> None:
        """Charge a key. Nothing happens to a key that never had a budget."""
        for (name, _), purse in tuple(self._purses.items()):
            if name == caller:
                purse.spend(tokens, nano_usd)

    def measure(self, tally: Tally) -> None:
        """Put the part of each budget that is spent into the metrics."""
        for (caller, per), budget in tuple(self._budgets.items()):
            tally.put(BUDGET_USED, caller, per.value, value=budget.used)

    def purses(self) -> Iterator[Purse]:
        """Every purse there is."""
        yield from tuple(self._purses.values())
