"""A steady stream of chats over kept-alive connections, each judged: whole, visibly cut, or failed.

The load is open: a request starts when it is due, whether or not earlier ones have ended. Nothing is kept of an
answer but its verdict, so that hours of load cost no memory.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import aiohttp

from tests.support.caller import chat

Verdict = Literal["whole", "cut", "failed"]
#: Failures that are kept in words.
REMEMBERED = 20


@dataclass(slots=True)
class Tally:
    """What came of the requests so far. `cut`: broke off after its first content, with an error the client can see."""

    whole: int = 0
    cut: int = 0
    failed: int = 0
    attempts: Counter[str] = field(default_factory=Counter)
    """By `x-g4f-attempts`."""
    failures: list[str] = field(default_factory=list)
    newest: int = 0
    """The highest `x-g4f-generation` seen."""
    went_back: int = 0
    """Answers that carried a lower generation than one that had ended before they were asked for."""

    @property
    def requests(self) -> int:
        return self.whole + self.cut + self.failed

    def count(self, verdict: Verdict, why: str = "") -> None:
        setattr(self, verdict, getattr(self, verdict) + 1)
        if verdict == "failed" and len(self.failures) < REMEMBERED:
            self.failures.append(why)


class Load:
    """`async with Load(url, rate=200, text="...") as load:` asks until the block ends, then lets the last ones end.

    Models are taken in turn, and every second request is streamed. `text` is what a whole answer says.
    """

    def __init__(
        self,
        url: str,
        *,
        rate: float,
        text: str,
        models: tuple[str, ...] = ("m",),
        connections: int = 0,
        seed: int = 1,
    ) -> None:
        self.tally = Tally()
        self._url = f"{url}/v1/chat/completions"
        self._rate = rate
        self._text = text
        self._models = models
        self._connections = connections
        self._dice = random.Random(seed)
        self._running: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()
        self._paced: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self._connections)
        session = aiohttp.ClientSession(connector=connector)
        self._session = await self._stack.enter_async_context(session)
        self._paced = asyncio.ensure_future(self._pace())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._paced is not None
        self._paced.cancel()
        await asyncio.wait([self._paced])
        if self._running:
            await asyncio.wait(self._running)
        await self._stack.aclose()

    async def _pace(self) -> None:
        number, begun = 0, time.monotonic()
        while True:
            await asyncio.sleep(max(0.0, begun + number / self._rate - time.monotonic()))
            body = chat(self._models[number % len(self._models)], stream=self._dice.random() < 0.5)
            task = asyncio.ensure_future(self._one(body))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            number += 1

    async def _one(self, body: Mapping[str, Any]) -> None:
        before = self.tally.newest
        try:
            async with self._session.post(self._url, json=body) as answer:
                verdict, why = judge(answer.status, await answer.read(), self._text, stream=body["stream"])
                self._look_at(answer.headers, before)
        except aiohttp.ClientError as error:
            verdict, why = "failed", f"dropped: {type(error).__name__}"
        self.tally.count(verdict, why)

    def _look_at(self, headers: Mapping[str, str], before: int) -> None:
        generation = int(headers.get("x-g4f-generation", "0"))
        self.tally.went_back += generation < before
        self.tally.newest = max(self.tally.newest, generation)
        self.tally.attempts[headers.get("x-g4f-attempts", "none")] += 1


def judge(status: int, body: bytes, text: str, *, stream: bool) -> tuple[Verdict, str]:
    """The verdict on an answer that should say `text`, and what is wrong with one that failed."""
    if status != 200:
        return "failed", f"{status}: {body[:300]!r}"
    try:
        return _stream(body, text) if stream else _whole(body, text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "failed", f"not an answer: {body[-300:]!r}"


def _whole(body: bytes, text: str) -> tuple[Verdict, str]:
    said = json.loads(body)["choices"][0]["message"]["content"]
    return ("whole", "") if said == text else ("failed", f"another text: {said!r}")


def _stream(body: bytes, text: str) -> tuple[Verdict, str]:
    wire = body.decode()
    events = [line.removeprefix("data: ") for line in wire.split("\n\n") if line.startswith("data: ")]
    done = events[-1] == "[DONE]"
    parsed = [json.loads(event) for event in events if event != "[DONE]"]
    broken = "error" in parsed[-1]
    said = "".join(_texts(parsed, lambda choice: choice["delta"].get("content") or ""))
    if done and not broken and wire.endswith("\n\n") and said == text:
        return "whole", ""
    if broken and not done and said and text.startswith(said):
        return "cut", ""
    return "failed", f"neither whole nor visibly cut: {wire[-300:]!r}"


def _texts(events: list[dict[str, Any]], of: Callable[[dict[str, Any]], str]) -> list[str]:
    return [of(choice) for event in events for choice in event.get("choices", ())]
