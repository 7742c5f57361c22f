"""Answers that are given again to whoever asks the very same: only for models whose file says so.

The same is the whole request, of the same caller, under the same configuration. Only a whole answer is kept, never an
error or one that a filter took; a stream is given again as the frames that it consisted of. What is kept is bounded for
each model, and the answer that was used least recently goes first. Who asks for a whole answer that another one is
getting already waits for it, and gets it or its error too; a stream goes at the pace of its client, so nobody waits for
one.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson

from g4f.errors import G4FError
from g4f.exchange.answer import Completion, Frame, Usage
from g4f.exchange.request import Request
from g4f.gateway.answer import Answer, Heard
from g4f.gateway.record import AttemptRecord, Journey
from g4f.router.health import Health
from g4f.router.resolution import Target
from g4f.router.table import CacheRules

#: Answers kept for one model, however small.
MOST_ANSWERS: Final = 10_000
#: Bytes that an answer costs beside its own.
OVERHEAD: Final = 512
#: What was asked for costs nobody anything the second time.
_NOTHING: Final = Usage(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A whole answer: `completion` or `frames`. `until` is on the gateway's clock."""

    target: Target
    until: float
    finish: str | None
    media_type: str | None
    dropped: tuple[str, ...]
    completion: Completion | None = None
    frames: tuple[Frame, ...] = ()

    @property
    def size(self) -> int:
        whole = len(self.completion.wire) if self.completion else 0
        return OVERHEAD + whole + sum(len(frame.wire) + OVERHEAD for frame in self.frames)


class _Shelf:
    """The answers of one model."""

    def __init__(self) -> None:
        self.answers: OrderedDict[bytes, Kept] = OrderedDict()
        self.size = 0
        self.coming: dict[bytes, asyncio.Future[bool]] = {}

    def drop(self, key: bytes) -> None:
        kept = self.answers.pop(key, None)
        self.size -= kept.size if kept else 0


class Cache:
    """All answers that are kept. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shelves: dict[str, _Shelf] = {}
        self._digest = ""

    def place(self, request: Request, caller: str, route: str, rules: CacheRules, digest: str) -> "Place":
        """Where the answer to a request is, or will be. Under another configuration nothing of before is found."""
        if digest != self._digest:
            self._digest, self._shelves = digest, {}
        shelf = self._shelves.setdefault(route, _Shelf())
        return Place(self._clock, shelf, rules, request, caller)


class Place:
    """The place of one request's answer."""

    def __init__(
        self, clock: Callable[[], float], shelf: _Shelf, rules: CacheRules, request: Request, caller: str
    ) -> None:
        self._clock = clock
        self._shelf = shelf
        self._key = _key(request, caller)
        self._rules = rules
        control = request.cache_control or ""
        self._looks = "no-cache" not in control and "no-store" not in control
        self._keeps = "no-store" not in control
        self._shares = self._looks and not request.stream

    async def found(self) -> Kept | None:
        """The answer, if there is one or one is coming. Raises the G4FError that another one's request ended with."""
        while (kept := self.find()) is None and self._shares:
            coming = self._shelf.coming.get(self._key)
            if coming is None or await asyncio.shield(coming):
                return self.find()
        return kept

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While an answer is got: others wait for it. Where it was not to be had, because its client left, the next one
        of them gets it; where it was not kept, each of them gets its own."""
        if not self._shares or self._key in self._shelf.coming:
            yield
            return
        told = self._shelf.coming[self._key] = asyncio.get_running_loop().create_future()
        try:
            yield
            told.set_result(True)
        except G4FError as error:
            told.set_exception(error)
            told.exception()  # nobody may be waiting
            raise
        except BaseException:
            told.set_result(False)
            raise
        finally:
            del self._shelf.coming[self._key]

    def find(self) -> Kept | None:
        """The answer, if there is one that the request would take."""
        kept = self._shelf.answers.get(self._key) if self._looks else None
        if kept is None:
            return None
        if kept.until <= self._clock():
            self._shelf.drop(self._key)
            return None
        self._shelf.answers.move_to_end(self._key)
        return kept

    def keep(self, answer: Answer, frames: tuple[Frame, ...]) -> None:
        """Keep a whole answer, if the request allows it."""
        record = answer.record
        kept = Kept(
            target=record.target,
            until=self._clock() + self._rules.ttl,
            finish=answer.finish,
            media_type=record.media_type,
            dropped=record.dropped,
            completion=answer.completion,
            frames=frames,
        )
        if not self._keeps or kept.size > self._rules.max_size or kept.finish == "content_filter":
            return
        shelf = self._shelf
        shelf.drop(self._key)
        shelf.answers[self._key] = kept
        shelf.size += kept.size
        while shelf.size > self._rules.max_size or len(shelf.answers) > MOST_ANSWERS:
            shelf.drop(next(iter(shelf.answers)))

    @property
    def most(self) -> int:
        return self._rules.max_size


class Cached(Heard):
    """As `Answer`, kept when it was whole."""

    cache = "miss"

    def __init__(self, *parts: Any, place: Place) -> None:
        super().__init__(*parts)
        self._place = place
        self._frames: list[Frame] = []
        self._size = 0

    async def hear(self) -> None:
        if self.completion is not None:
            self._place.keep(self, ())

    async def __anext__(self) -> Frame:
        try:
            frame = await super().__anext__()
        except StopAsyncIteration:
            if self._size <= self._place.most:
                self._place.keep(self, tuple(self._frames))
            raise
        self._size += len(frame.wire) + OVERHEAD
        if self._size <= self._place.most:
            self._frames.append(frame)
        else:
            self._frames.clear()
        return frame


class Replayed(Heard):
    """An answer that was kept."""

    cache = "hit"

    def __init__(self, kept: Kept, journey: Journey, generation: int, health: Health) -> None:
        record = AttemptRecord(target=kept.target, number=0)
        record.answered, record.media_type, record.dropped = True, kept.media_type, kept.dropped
        # An answer without frames is a completion; one with frames has no stream of its own to close.
        super().__init__(record, kept.completion or Completion(b""), journey, generation, health, _nothing)
        if kept.completion is None:
            self.completion = None
        self._kept = kept
        self._frames = iter(kept.frames)

    async def hear(self) -> None:
        """It was heard when it was given."""

    @property
    def usage(self) -> Usage | None:
        return _NOTHING

    @property
    def finish(self) -> str | None:
        return self._kept.finish

    async def __anext__(self) -> Frame:
        for frame in self._frames:
            return frame
        raise StopAsyncIteration


async def _nothing() -> None:
    """There is nothing to give back."""


def _key(request: Request, caller: str) -> bytes:
    """What makes two requests the same."""
    asked = {
        "caller": caller,
        "operation": request.operation,
        "dialect": request.dialect,
        "model": request.model,
        "provider": request.provider,
        "stream": request.stream,
        "reasoning": request.reasoning_names,
        "payload": request.payload,
        "native": request.native,
        "passed": None if request.passed is None else dict(request.passed),
    }
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS, default=str)).digest()
