"""Several answers as one stream, where a provider gives fewer: those that are missing are asked for, all at once.

The provider's own stream goes out as it comes. Each further call gets the next index, and its chunks the id of the
first. Of a call that fails before it has said anything nothing is said; one that breaks off breaks the stream.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from g4f.dialects.openai.wire import chunks_of, event_of
from g4f.exchange.answer import Frame, Usage
from g4f.exchange.failure import AttemptFailed
from g4f.gateway import several
from g4f.providers.types import Adapter, Call, Frames

Json = dict[str, Any]

#: Frames that wait for the client; then the calls wait, too.
_MOST_WAITING = 64


async def stream(adapter: Adapter, call: Call) -> AsyncGenerator[Frame]:
    """The frames of as many answers as the request wants, if the provider gives any. Raises AttemptFailed as the
    adapter does."""
    alternatives = _Alternatives()
    try:
        async with aclosing(adapter.stream(call)) as frames:
            async for frame in frames:
                yield alternatives.own(frame)
    except AttemptFailed as failed:
        if alternatives.indexes or not several.is_for_n(failed.failure):
            raise
    given = len(alternatives.indexes)
    single = several.single(call)
    calls = [replace(single) for _ in range(several.wanted(call.request) - given)]
    async with aclosing(_at_once([adapter.stream(one) for one in calls], needed=not given)) as answers:
        async for place, frame in answers:
            if not given:
                call.dropped = calls[place].dropped
            yield alternatives.further(place, frame)
    yield alternatives.end()


class _Alternatives:
    """Puts the chunks of several calls together. `indexes` are the answers so far."""

    def __init__(self) -> None:
        self.indexes: set[int] = set()
        self._places: dict[int, int] = {}
        self._head: Json = {}
        self._usages: list[Usage] = []
        self._counts: list[Json] = []

    def own(self, frame: Frame) -> Frame:
        """A frame of the provider's own answer to the whole request."""
        chunks = self._kept(frame)
        self.indexes.update(choice["index"] for chunk in chunks for choice in chunk["choices"])
        return _of(chunks, frame)

    def further(self, place: int, frame: Frame) -> Frame:
        """A frame of the call at `place`, which gives one more answer."""
        index = self._places.setdefault(place, len(self.indexes))
        self.indexes.add(index)
        chunks = [
            {**chunk, **self._head, "choices": [{**choice, "index": index} for choice in chunk["choices"][:1]]}
            for chunk in self._kept(frame)
        ]
        return _of(chunks, frame)

    def end(self) -> Frame:
        """What follows all answers: the tokens of all calls."""
        wire = b""
        if self._counts:
            usage = several.counts_together([chunk["usage"] for chunk in self._counts])
            wire = event_of({**self._counts[0], "usage": usage})
        return Frame(wire, usage=several.usages_together(self._usages), last=True)

    def _kept(self, frame: Frame) -> list[Json]:
        """The chunks of a frame but those that are about the tokens of the whole, which come at the end."""
        if frame.usage is not None:
            self._usages.append(frame.usage)
        chunks: list[Json] = chunks_of(frame.wire)
        if chunks and not self._head:
            self._head = {"id": chunks[0]["id"], "created": chunks[0]["created"]}
        self._counts += [chunk for chunk in chunks if not chunk["choices"] and chunk.get("usage")]
        return [chunk for chunk in chunks if chunk["choices"]]


def _of(chunks: Sequence[Json], frame: Frame) -> Frame:
    return Frame(b"".join(map(event_of, chunks)), content=frame.content, finish=frame.finish)


async def _at_once(streams: Sequence[Frames], *, needed: bool) -> AsyncGenerator[tuple[int, Frame]]:
    """The frames of several streams as they come, each with the place of its stream, from its first content on. Raises
    the failure of one that has begun; where one is `needed`, also of those that have not, if none has."""
    queue: asyncio.Queue[tuple[int, Frame | Exception | None]] = asyncio.Queue(_MOST_WAITING)
    tasks = [asyncio.create_task(_read(place, frames, queue)) for place, frames in enumerate(streams)]
    held: dict[int, list[Frame]] = {place: [] for place in range(len(streams))}
    failed: Exception | None = None
    left = len(streams)
    try:
        while left:
            place, came = await queue.get()
            if isinstance(came, Frame):
                if place in held:
                    held[place].append(came)
                    if not (came.content or came.finish):
                        continue
                for frame in held.pop(place, [came]):
                    yield place, frame
                continue
            if came is not None and (place not in held or not isinstance(came, AttemptFailed)):
                raise came
            failed, left = failed or came, left - 1
        if failed is not None and needed and len(held) == len(streams):
            raise failed
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(place: int, frames: Frames, queue: "asyncio.Queue[tuple[int, Frame | Exception | None]]") -> None:
    try:
        async with aclosing(frames):
            async for frame in frames:
                await queue.put((place, frame))
        await queue.put((place, None))
    except Exception as error:  # noqa: BLE001 - who reads the queue raises it, or passes it over
        await queue.put((place, error))
