"""Two attempts at once: the second starts when the first is slow, and the first content wins.

Whoever loses is cancelled before the winner is returned, so that its connection is closed and no piece of its answer
can reach the client. A cancelled race cancels both.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar


class Result(Protocol):
    """What an attempt came to. `decides`: the race is over, by an answer or because none can be had."""

    @property
    def decides(self) -> bool: ...


R = TypeVar("R", bound=Result)


async def race(
    first: Coroutine[Any, Any, R], after: float, second: Callable[[], Coroutine[Any, Any, R] | None]
) -> list[R]:
    """The results in the order in which they came; the last one decides, unless both attempts failed.

    `second` is asked for after `after` seconds without a result; None leaves the first one alone. When both decide in
    the same step, the first attempt comes last and wins.
    """
    tasks = [asyncio.create_task(first)]
    try:
        await asyncio.wait(tasks, timeout=after)
        other = second() if not tasks[0].done() else None
        if other is not None:
            tasks.append(asyncio.create_task(other))
        return await _until_decided(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_decided(tasks: list["asyncio.Task[R]"]) -> list[R]:
    results: list[R] = []
    pending = set(tasks)
    while pending and not (results and results[-1].decides):
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        ended = [task.result() for task in reversed(tasks) if task in done]
        results += sorted(ended, key=lambda result: result.decides)
    return results
