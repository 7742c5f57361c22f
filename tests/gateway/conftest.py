"""A gateway over a configuration that a test writes, with its clock and dice in the test's hand."""

import pytest

from g4f.config.load import load_text
from g4f.exchange.request import Request
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from tests.support.clock import Clock


class Bench:
    """`await bench.ask("m")` is one request; `bench.path` says what it tried, `bench.slept` how long it backed off."""

    def __init__(self, text: str) -> None:
        self.clock = Clock()
        self.slept: list[float] = []
        self.path = ""
        self.gateway = Gateway(plan(load_text(text), {}), clock=self.clock, dice=lambda: 0.5, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)

    async def ask(self, model: str = "m", *, stream: bool = False, **fields: object) -> str:
        payload = {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream}
        answer = await self.gateway.answer(Request(id="r", model=model, payload=payload, stream=stream, **fields))
        try:
            wires = [frame.wire async for frame in answer]
        finally:
            await answer.aclose()
        tried = [
            f"{a.target.provider}!{a.failure.kind}" if a.failure else a.target.provider for a in answer.journey.attempts
        ]
        self.path = " > ".join(tried)
        return (answer.completion.wire if answer.completion else b"".join(wires)).decode()


@pytest.fixture
async def bench():
    """`bench(yaml)` makes a gateway."""
    made: list[Bench] = []

    def make(text: str) -> Bench:
        made.append(Bench(text))
        return made[-1]

    yield make
    for one in made:
        await one.gateway.close()
