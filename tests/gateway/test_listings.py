"""Lists of models are asked for by one call at a time, kept for a while, and never when they failed."""

import asyncio

import pytest

from g4f.gateway.listings import GOOD_FOR, Listings


class Lister:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self):
        self.asked = 0
        self.go = asyncio.Event()
        self.error = None

    async def __call__(self):
        self.asked += 1
        await self.go.wait()
        if self.error:
            raise self.error
        return [f"model-{self.asked}"]


async def test_a_list_is_kept_for_a_while(clock):
    listings, lister = Listings(clock), Lister()
    lister.go.set()
    assert await listings.get("A", lister) == ["model-1"]
    assert await listings.get("A", lister) == ["model-1"]
    assert await listings.get("B", lister) == ["model-2"]
    clock.advance(GOOD_FOR)
    assert await listings.get("A", lister) == ["model-3"]


async def test_a_failure_is_for_all_who_waited_and_is_not_kept(clock):
    listings, lister = Listings(clock), Lister()
    lister.error = TimeoutError()
    waiting = [asyncio.ensure_future(listings.get("A", lister)) for _ in range(3)]
    await asyncio.sleep(0)
    lister.go.set()
    assert all(isinstance(got, TimeoutError) for got in await asyncio.gather(*waiting, return_exceptions=True))
    assert lister.asked == 1
    lister.error = None
    assert await listings.get("A", lister) == ["model-2"]


async def test_who_leaves_does_not_take_the_answer_from_the_others(clock):
    listings, lister = Listings(clock), Lister()
    first = asyncio.ensure_future(listings.get("A", lister))
    second = asyncio.ensure_future(listings.get("A", lister))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    lister.go.set()
    assert await second == ["model-1"]
