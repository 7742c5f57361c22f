"""The providers' own lists of models: asked for when somebody wants one, one call at a time, and kept for a while."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

#: Seconds that a list is good for.
GOOD_FOR = 60.0


class Listings:
    """One for each snapshot, so that nothing outlives the configuration it was asked by. `clock` is monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, list[str]]] = {}
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    async def get(self, provider: str, ask: Callable[[], Coroutine[Any, Any, list[str]]]) -> list[str]:
        """The models of a provider, as `ask` gives them or gave them a moment ago. Raises what `ask` raises, which is
        not kept. Whoever comes while it is being asked waits for the same answer."""
        kept = self._kept.get(provider)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        task = self._asking.get(provider)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._ask(provider, ask))
            self._asking[provider] = task
        return await asyncio.shield(task)  # who leaves does not take the answer from the others

    async def _ask(self, provider: str, ask: Callable[[], Coroutine[Any, Any, list[str]]]) -> list[str]:
        try:
            names = await ask()
            self._kept[provider] = (self._clock() + GOOD_FOR, names)
            return names
        finally:
            del self._asking[provider]
