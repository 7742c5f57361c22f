"""A time limit for a few awaits: `asyncio.timeout` for a path on which each coroutine counts.

Like it, a limit cancels the current task and turns that cancellation, and no other, into TimeoutError.
"""

import asyncio
from types import TracebackType


class TimeLimit:
    """`with TimeLimit(seconds):` raises TimeoutError if its block takes longer. To be used once, inside a task."""

    __slots__ = ("_cancelled_before", "_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - see above
        self._task = task
        self._cancelled_before = task.cancelling()
        self._timer = task.get_loop().call_later(self._seconds, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if not self._expired:
            return
        if self._task.uncancel() <= self._cancelled_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()
