"""The seat of a configuration in several processes: all workers take it, or none does.

Each worker builds everything first; only when all have done so is it put in place, which cannot fail. A worker that
dies in between is replaced by one that serves what the others serve.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from g4f import log
from g4f.api.workers.channel import ChannelError
from g4f.api.workers.hand import Hand
from g4f.api.workers.parcel import packed
from g4f.api.workers.shares import Allotment
from g4f.config.load import Loaded
from g4f.gateway.seat import Retire
from g4f.gateway.snapshot import Plan
from g4f.gateway.trial import Performance, together

_log = log.get()

Json = dict[str, Any]


class Fleet:
    """The workers and what they serve. `hands` are asked for at each step: workers come and go."""

    def __init__(self, loaded: Loaded, first: Plan, hands: Callable[[], Iterable[Hand]]) -> None:
        self._hands = hands
        self._allotment = Allotment()
        self.generation = 1
        self.orders = self._ordered(loaded, first, 1)
        self._staged: Json | None = None
        self._last = 1

    async def put(self, loaded: Loaded, new: Plan) -> Retire:
        await self.stage(loaded, new)
        return await self.commit()

    async def stage(self, loaded: Loaded, new: Plan) -> int:
        self._last += 1
        orders = self._ordered(loaded, new, self._last)
        try:
            await self._all(lambda hand: hand.stage(orders))
        except BaseException:
            await self.abort()
            raise
        self._staged = orders
        return self._last

    async def try_out(self, share: float) -> None:
        await self._all(lambda hand: hand.channel.ask("try_out", {"share": share}))

    async def compared(self) -> tuple[Performance, Performance]:
        told = await asyncio.gather(*(hand.channel.ask("compared") for hand in self._hands()), return_exceptions=True)
        parts = [(Performance.heard(one[0]), Performance.heard(one[1])) for one in told if isinstance(one, list)]
        return together(parts)

    async def commit(self) -> Retire:
        if self._staged is None:
            raise RuntimeError("nothing is staged")
        self.orders, self._staged = self._staged, None
        self.generation = self.orders["generation"]
        await self.catch_up(self._hands())
        return _nothing

    async def abort(self) -> None:
        self._staged = None
        asked = (hand.channel.ask("abort") for hand in self._hands())
        await asyncio.gather(*asked, return_exceptions=True)

    async def catch_up(self, hands: Iterable[Hand]) -> None:
        """Let these workers serve what all are to serve. One that cannot is replaced."""
        await asyncio.gather(*(self._catch_up(hand) for hand in hands))

    async def _catch_up(self, hand: Hand) -> None:
        if hand.serves == self.generation:
            return
        try:
            if hand.staged != self.generation:
                await hand.stage(self.orders)
            await hand.commit()
        except Exception as error:  # noqa: BLE001 - whatever it is, a worker that serves something else must go
            _log.error("worker.behind", worker=hand.index, exception=type(error).__name__)
            hand.kill()

    async def _all(self, ask: Callable[[Hand], Awaitable[Any]]) -> None:
        """Ask every worker; raises what the first of them raises. One that dies meanwhile is replaced, and forgiven."""
        results = await asyncio.gather(*(ask(hand) for hand in self._hands()), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, ChannelError):
                raise result

    def _ordered(self, loaded: Loaded, new: Plan, generation: int) -> Json:
        limited = [key.name for key in new.config.server.keys if key.rpm or key.tpm or key.concurrency]
        return {**packed(loaded, generation), "parts": self._allotment.of(limited)}


async def _nothing() -> None:
    """Workers close by themselves what they need no more."""
