"""Where a configuration serves. The gateway of this process is one seat; several worker processes are another.

Whatever the seat, a configuration takes it whole or not at all.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from g4f.config.load import Loaded
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import Plan
from g4f.gateway.trial import Performance

#: Closes what only the old configuration used; awaited after the new one serves.
Retire = Callable[[], Awaitable[None]]


class Seat(Protocol):
    """`generation` counts the configurations that served. `put` and `commit` replace what serves; `put` leaves it as it
    was if it raises. Between `stage` and either `commit` or `abort` a second configuration is ready, and with
    `try_out` it serves a share (0 to 1) of the requests; `compared` tells how both did since then."""

    @property
    def generation(self) -> int: ...

    async def put(self, loaded: Loaded, new: Plan) -> Retire: ...

    async def stage(self, loaded: Loaded, new: Plan) -> int:
        """Make a configuration ready; returns the generation that it has. Raises whatever makes it unfit."""

    async def try_out(self, share: float) -> None: ...

    async def compared(self) -> tuple[Performance, Performance]:
        """What the configuration that serves, and the one that is tried out, did."""

    async def commit(self) -> Retire: ...

    async def abort(self) -> None: ...


class GatewaySeat:
    """The seat in this process. `prepare` builds what else depends on a configuration, and returns the one step that
    puts it in place together with the new snapshot. `compare` is told the generations to watch, None for no more, and
    returns what they did."""

    def __init__(
        self,
        gateway: Gateway,
        prepare: Callable[[Plan], Callable[[], None]],
        compare: "Comparing | None" = None,
    ) -> None:
        self._gateway = gateway
        self._prepare = prepare
        self._compare = compare
        self._put_in_place: Callable[[], None] | None = None

    @property
    def generation(self) -> int:
        return self._gateway.snapshot.generation

    async def put(self, loaded: Loaded, new: Plan) -> Retire:
        # Nothing is awaited here: whoever is cancelled is so before it, or after it.
        return self._gateway.swap(new, together_with=self._prepare(new)).retire

    async def stage(self, loaded: Loaded, new: Plan, generation: int | None = None) -> int:
        self._put_in_place = self._prepare(new)
        return self._gateway.stage(new, generation)

    async def try_out(self, share: float) -> None:
        staged = self._gateway.try_out(share)
        if self._compare is not None:
            self._compare.watch(self.generation, staged)

    async def compared(self) -> tuple[Performance, Performance]:
        return self._compare.performances() if self._compare is not None else (Performance(), Performance())

    async def commit(self) -> Retire:
        put_in_place, self._put_in_place = self._put_in_place, None
        if put_in_place is None:
            raise RuntimeError("nothing is staged")
        return self._gateway.adopt(together_with=put_in_place).retire

    async def abort(self) -> None:
        self._put_in_place = None
        await self._gateway.discard()


class Comparing(Protocol):
    """Counts what two generations do."""

    def watch(self, before: int, now: int) -> None: ...

    def performances(self) -> tuple[Performance, Performance]: ...
