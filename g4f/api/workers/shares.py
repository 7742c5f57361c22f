"""The limits of keys, counted together by all workers: memory that they share, and who has which part of it.

The supervisor gives each key a part by its name, and tells the workers. A key for which there is no room is counted by
each worker for itself.
"""

import mmap
import os
from collections.abc import Iterable, Mapping
from struct import calcsize
from typing import Final

from g4f.api.places import Place

#: Worker processes, and keys with limits, that there is room for.
MOST_WORKERS: Final = 64
MOST_KEYS: Final = 4096
#: Numbers of one key: two for its requests, two for its tokens, and its open requests in each worker.
_PART: Final = 4 + MOST_WORKERS
_DOUBLE: Final = calcsize("d")


def shared_memory() -> int:
    """A descriptor of memory for all parts, empty, which vanishes with the last process that holds it."""
    descriptor = os.memfd_create("g4fd-limits", 0)
    os.ftruncate(descriptor, MOST_KEYS * _PART * _DOUBLE)
    return descriptor


class Shares:
    """The memory behind `descriptor`, as worker `mine` sees it."""

    def __init__(self, descriptor: int, mine: int) -> None:
        self._memory = memoryview(mmap.mmap(descriptor, MOST_KEYS * _PART * _DOUBLE)).cast("d")
        self._mine = mine
        self._parts: dict[str, int] = {}

    def assign(self, parts: Mapping[str, int]) -> None:
        """Who has which part from now on."""
        self._parts = dict(parts)

    def place(self, name: str) -> Place | None:
        """Where a key is counted."""
        part = self._parts.get(name)
        if part is None:
            return None
        at = self._memory[part * _PART : (part + 1) * _PART]
        return Place(at[0:2], at[2:4], at[4:], self._mine)

    def forget_worker(self, index: int) -> None:
        """A worker is gone, and with it its open requests."""
        for part in range(MOST_KEYS):
            self._memory[part * _PART + 4 + index] = 0.0


class Allotment:
    """Which key has which part; one that is gone keeps its part until the room is needed."""

    def __init__(self) -> None:
        self._parts: dict[str, int] = {}

    def of(self, names: Iterable[str]) -> dict[str, int]:
        """The parts of these keys."""
        wanted = list(names)
        for name in wanted:
            if name not in self._parts and len(self._parts) < MOST_KEYS:
                self._parts[name] = len(self._parts)
        return {name: self._parts[name] for name in wanted if name in self._parts}
