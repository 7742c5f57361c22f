"""What a key may use: requests and tokens per minute, and requests at the same time.

Every admitted request holds one `Ticket`, which gives back its place and settles its tokens exactly once, however the
request ends. A reload changes the limits of an `Allowance` but not what was already used of it.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from g4f.api.places import Cells, Place
from g4f.errors import LimitExceededError
from g4f.exchange.answer import Usage
from g4f.meter.budgets import Budget

#: Bytes of a request body that are taken for one token, before the upstream has counted. English prose has four
#: characters to a token (https://help.openai.com/en/articles/4936856); JSON around it makes the estimate high.
BYTES_PER_TOKEN = 4
#: Seconds after which a caller with too many open requests may ask again: nobody knows when one of them ends.
TRY_AGAIN = 1.0


class Bucket:
    """A token bucket: `rate` a minute, refilled continuously, never fuller than one minute's worth.

    It may be overdrawn by `take`, when more was used than had been estimated; nothing is left until that is made up.
    """

    __slots__ = ("_cells", "rate")

    def __init__(self, rate: int, now: float, cells: Cells | None = None) -> None:
        self.rate = rate
        self._cells: Cells = [0.0, 0.0] if cells is None else cells
        if not self._cells[1]:
            self._cells[0], self._cells[1] = float(rate), now

    @property
    def level(self) -> float:
        """What is left."""
        return self._cells[0]

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` is there; zero if it is."""
        level, filled = self._cells
        level = self._cells[0] = min(float(self.rate), level + (now - filled) * self.rate / 60)
        self._cells[1] = now
        return max(amount - level, 0.0) * 60 / self.rate

    def take(self, amount: float) -> None:
        """Take what is there, or more; a negative amount gives back."""
        self._cells[0] = min(float(self.rate), self._cells[0] - amount)

    def resize(self, rate: int) -> None:
        self.rate = rate
        self.take(0.0)


class Allowance:
    """The limits of one key and what is used of them. None is no limit. `clock` is monotonic seconds. With a `place` it
    is counted together with other processes."""

    __slots__ = ("_clock", "_place", "budget", "concurrency", "name", "open", "requests", "tokens")

    def __init__(
        self,
        name: str,
        clock: Callable[[], float],
        *,
        rpm: int | None = None,
        tpm: int | None = None,
        concurrency: int | None = None,
        budget: Budget | None = None,
        place: Place | None = None,
    ) -> None:
        self._clock = clock
        self._place = place
        self.name = name
        self.requests = Bucket(rpm, clock(), place.requests if place else None) if rpm else None
        self.tokens = Bucket(tpm, clock(), place.tokens if place else None) if tpm else None
        self.concurrency = concurrency
        self.budget = budget
        self.open = 0

    def change(self, new: "Allowance") -> None:
        """Take over the limits of a new configuration. What was used of them stays used."""
        self.name, self.concurrency, self.budget = new.name, new.concurrency, new.budget
        self.requests = _changed(self.requests, new.requests)
        self.tokens = _changed(self.tokens, new.tokens)

    def admit(self, size: int) -> "Ticket":
        """Let one request in whose body has `size` bytes as far as is known. Raises LimitExceededError."""
        if not self.is_limited:
            self.enter()
            return Ticket(self)
        if self.budget is not None:
            self.budget.check()
        if self.concurrency is not None and self._open_anywhere() >= self.concurrency:
            message = f"Key {self.name!r} may have {self.concurrency} requests open at the same time."
            raise LimitExceededError(message, retry_after=TRY_AGAIN)
        self._check(self.tokens, size // BYTES_PER_TOKEN, "tokens")
        self._check(self.requests, 1, "requests")
        if self.requests is not None:
            self.requests.take(1)
        self.open += 1
        if self._place is not None:
            self._publish(self._place)
        return Ticket(self)

    @property
    def is_limited(self) -> bool:
        """Whether there is anything that a request could be too much for."""
        return bool(self.requests or self.tokens or self.concurrency or self.budget)

    def enter(self) -> None:
        """A request begins that needs no leave."""
        self.open += 1

    def leave(self) -> None:
        """An admitted request has ended."""
        self.open -= 1
        if self._place is not None:
            self._publish(self._place)

    def _publish(self, place: Place) -> None:
        place.open[place.mine] = self.open

    def _open_anywhere(self) -> float:
        return self.open if self._place is None else sum(self._place.open)

    def reserve(self, tokens: int) -> None:
        """Set tokens aside for a request. Raises LimitExceededError."""
        if self.tokens is not None:
            self._check(self.tokens, tokens, "tokens")
            self.give(-tokens)

    def give(self, tokens: int) -> None:
        """Give tokens back; a negative number takes more, even where nothing is left."""
        if self.tokens is not None:
            self.tokens.take(-tokens)

    def _check(self, bucket: Bucket | None, amount: int, what: str) -> None:
        if bucket is None:
            return
        limit = f"Key {self.name!r} may use {bucket.rate} {what} a minute"
        if amount > bucket.rate:
            raise LimitExceededError(f"{limit}; this request alone needs about {amount}.")
        wait = bucket.wait(amount, self._clock())
        if wait > 0:
            raise LimitExceededError(f"{limit}.", retry_after=wait)


def _changed(old: Bucket | None, new: Bucket | None) -> Bucket | None:
    if old is None or new is None:
        return new
    old.resize(new.rate)
    return old


class Ticket:
    """One admitted request. Leaving the `with` gives back its place and, unless it was settled, its tokens."""

    __slots__ = ("_allowance", "_reserved")

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._reserved = 0

    def reserve(self, tokens: int) -> None:
        """Set an estimate aside. Raises LimitExceededError."""
        self._allowance.reserve(tokens)
        self._reserved += tokens

    def settle(self, usage: Usage | None) -> None:
        """Put what the upstream counted in the place of the estimate; where it counted nothing the estimate stands."""
        reserved, self._reserved = self._reserved, 0
        if usage is not None:
            self._allowance.give(reserved - usage.input_tokens - usage.output_tokens)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._allowance.leave()
        self._allowance.give(self._reserved)
        self._reserved = 0


def estimate(size: int, payload: Any) -> int:
    """The tokens that a chat request of `size` bytes may come to: its input, and the most it lets each answer have."""
    most = payload.get("max_completion_tokens") or payload.get("max_tokens") or 0
    return size // BYTES_PER_TOKEN + max(int(most), 0) * int(payload.get("n") or 1)
