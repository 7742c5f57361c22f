"""Tool calls that wait for their results, for dialects whose clients may leave ids out.

A result is matched by its id, else to the first call of its name. However many calls there are, and whether or not
anything matches, a result takes the same time: a request may hold ten thousands of either.
"""

from collections import deque
from collections.abc import Iterable


class Waiting:
    """The calls of one turn as (id, name), in their order. Each is taken once."""

    def __init__(self, calls: Iterable[tuple[str, str]] = ()) -> None:
        self._open: dict[str, str] = {}
        self._named: dict[str, deque[str]] = {}
        self._order: deque[str] = deque()
        for call, name in calls:
            self._open[call] = name
            self._named.setdefault(name, deque()).append(call)
            self._order.append(call)

    def take(self, call: object, name: object) -> str | None:
        """The id of the call with this id, or of the first one with this name; None where there is neither."""
        if isinstance(call, str) and self._open.pop(call, None) is not None:
            return call
        return self._first(self._named.get(name)) if isinstance(name, str) else None

    def next(self) -> str | None:
        """The id of the first call that nobody took."""
        return self._first(self._order)

    def _first(self, calls: deque[str] | None) -> str | None:
        while calls:
            call = calls.popleft()
            if self._open.pop(call, None) is not None:
                return call
        return None
