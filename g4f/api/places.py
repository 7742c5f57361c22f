"""Memory in which several processes count together what a key uses.

It is read and written without a lock: two processes that count in the same microsecond may lose one request between
them, which a limit per minute can bear.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol


class Cells(Protocol):
    """Numbers in memory: a list, or a part of what processes share."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...

    def __iter__(self) -> Iterator[float]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """`requests` and `tokens` are two numbers each: what is left, and when that was computed (0: never). `open` counts
    the open requests of each process, of which `mine` is this one."""

    requests: Cells
    tokens: Cells
    open: Cells
    mine: int


#: The place of a key, by its name; None where it is counted in this process alone.
Places = Callable[[str], Place | None]
