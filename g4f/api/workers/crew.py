"""The workers there are: as many as the file wants, each replaced when it ends, sooner or later by how often it did."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from g4f import log
from g4f.api.workers.channel import ChannelError
from g4f.api.workers.hand import Hand
from g4f.errors import G4FError
from g4f.meter import families
from g4f.meter.families import FAMILIES, Kind
from g4f.meter.tally import Series, Tally, merged

_log = log.get()

#: Seconds between two looks at what the workers counted, and so the most that one that is killed forgets.
EVERY = 2.0
#: Seconds that a worker gets to say what it counted, and after which one that says nothing hangs and is replaced.
PATIENCE = 3.0
SILENCE = 30.0
#: Seconds before a worker that ended is replaced: at first, and at most after it ended again and again.
SOONEST = 0.1
LATEST = 15.0
#: Seconds after which a worker has shown that it can serve.
STABLE = 30.0


@dataclass(slots=True)
class _Post:
    """The place of one worker. `hand` is None while nobody fills it."""

    index: int
    hand: Hand | None = None
    since: float = 0.0
    pause: float = SOONEST
    task: "asyncio.Task[None] | None" = None


class Crew:
    """`take` makes a worker that serves, for a post; `lost` is told of one that ended."""

    def __init__(
        self,
        size: int,
        take: Callable[[int], Awaitable[Hand]],
        lost: Callable[[int], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.size = size
        self._take = take
        self._lost = lost
        self._clock = clock
        self._sleep = sleep
        self._posts = [_Post(index) for index in range(size)]
        self._leaving = False
        self._restarts = 0
        self._gone: Sequence[Series] = ()

    def serving(self) -> list[Hand]:
        """The workers that serve now."""
        return [post.hand for post in self._posts if post.hand is not None]

    async def start(self) -> None:
        """Fill every post. Raises OSError if a worker does not come to serve."""
        try:
            await asyncio.gather(*(self._fill(post) for post in self._posts))
        except (ChannelError, G4FError) as error:
            raise OSError(f"a worker did not come to serve: {error}") from None
        await self.count()
        for post in self._posts:
            post.task = asyncio.get_running_loop().create_task(self._keep(post))

    async def look(self) -> None:
        """Remember again and again what the workers counted, until cancelled."""
        while True:
            await self._sleep(EVERY)
            await self.count()

    async def count(self) -> None:
        """Ask every worker what it counted."""
        await asyncio.gather(*(self._count(hand) for hand in self.serving()))

    def counted(self) -> list[Sequence[Series]]:
        """What every worker counted, and those that are gone."""
        return [self._gone, *(hand.counted for hand in self.serving())]

    def standing(self) -> tuple[int, int]:
        """How many providers are healthy in all workers, and how many there are, as of the last look."""
        looked = [[one for one in part if one[0] == families.PROVIDER_USABLE.name] for part in self.counted()]
        usable = [value for _, _, value in merged(looked)]
        return usable.count(1.0), len(usable)

    def measure(self, tally: Tally) -> None:
        """How many workers there are."""
        tally.put(families.WORKERS, value=len(self.serving()))
        tally.put(families.RESTARTS, value=self._restarts)

    def hurry(self) -> None:
        """Let workers that drain cut what is still open."""
        for hand in self.serving():
            hand.hurry()

    async def end(self, patience: float) -> None:
        """Let every worker leave, and kill those that did not within so many seconds. Nobody is replaced any more."""
        self._leaving = True
        for post in self._posts:
            if post.hand is None and post.task is not None:
                post.task.cancel()
            elif post.hand is not None:
                post.hand.drain() if patience else post.hand.kill()
        tasks = [post.task for post in self._posts if post.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience or None)
            for hand in self.serving() if late else ():
                _log.warning("worker.killed", worker=hand.index, pid=hand.pid)
                hand.kill()
            for task in late:
                await asyncio.wait([task], timeout=1.0)
                task.cancel()

    async def _fill(self, post: _Post) -> None:
        post.hand = await self._take(post.index)
        post.since = post.hand.heard = self._clock()
        _log.info("worker.ready", worker=post.index, pid=post.hand.pid)

    async def _keep(self, post: _Post) -> None:
        """Replace the worker of a post whenever it ends."""
        while True:
            if post.hand is not None:
                await self._until_end(post, post.hand)
            if self._leaving:
                return
            await self._sleep(post.pause)
            post.pause = min(post.pause * 2, LATEST)
            try:
                await self._fill(post)
                self._dismiss_if_late(post)
            except (OSError, ChannelError, G4FError) as error:
                _log.error("worker.not_started", worker=post.index, problem=str(error))

    def _dismiss_if_late(self, post: _Post) -> None:
        """A worker that came to serve when all were told to leave already must leave too."""
        if self._leaving and post.hand is not None:
            post.hand.kill()

    async def _until_end(self, post: _Post, hand: Hand) -> None:
        code = await hand.ended()
        post.hand = None
        self._gone = merged([self._gone, [one for one in hand.counted if FAMILIES[one[0]].kind is not Kind.GAUGE]])
        self._lost(post.index)
        if self._clock() - post.since >= STABLE:
            post.pause = SOONEST
        if not self._leaving:
            self._restarts += 1
            signal = -code if code < 0 else None
            _log.error("worker.ended", worker=post.index, pid=hand.pid, status=None if signal else code, signal=signal)

    async def _count(self, hand: Hand) -> None:
        try:
            hand.counted = _series(await hand.channel.ask("series", patience=PATIENCE))
            hand.heard = self._clock()
        except (TypeError, ValueError, KeyError) as error:  # no count at all: it is out of its mind
            _log.error("worker.babbles", worker=hand.index, pid=hand.pid, exception=type(error).__name__)
            hand.kill()
        except ChannelError:  # it is gone, or about to be, or it hangs: what it said last counts
            if self._clock() - hand.heard > SILENCE:
                _log.error("worker.hung", worker=hand.index, pid=hand.pid, seconds=round(SILENCE))
                hand.kill()


def _series(told: Iterable[tuple[str, list[str], Any]]) -> list[Series]:
    """What a worker counted. Raises TypeError, ValueError and KeyError for what nobody can add up."""
    series: list[Series] = []
    for name, labels, value in told:
        buckets = FAMILIES[name].buckets
        numbers, expected = (value, len(buckets) + 2) if buckets else ([value], 1)
        if len(numbers) != expected or not all(isinstance(number, int | float) for number in numbers):
            raise ValueError("not the numbers of its metric")
        series.append((name, [str(label) for label in labels], value))
    return series
