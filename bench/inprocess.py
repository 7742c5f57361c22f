"""A Python program with a client library in it, which asks the mock upstream and counts what that costs itself.

Run by the interpreter of the library's own environment, so it needs nothing but that library. Arguments: a JSON object
with `library`, `base_url`, `key`, `config`, `model`, `messages`, `tokens`, `token`, `stream`, `concurrency`, `seconds`
and `warm_up`; prints a `bench.load.Measured` as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ENOUGH_ANSWERS = 30
STRETCH = 10

Create = Callable[..., Awaitable[Any]]


def g4f(job: dict[str, Any]) -> Create:
    from g4f.client import AsyncClient

    return AsyncClient(config=job["config"]).chat.completions.create


def openai(job: dict[str, Any]) -> Create:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=job["base_url"], api_key=job["key"])
    return client.chat.completions.create


def litellm(job: dict[str, Any]) -> Create:
    from litellm import acompletion

    job["model"] = f"openai/{job['model']}"

    async def create(**fields: Any) -> Any:
        return await acompletion(api_base=job["base_url"], api_key=job["key"], **fields)

    return create


def aiohttp(job: dict[str, Any]) -> Create:
    """What a program does that needs no library: one session, and the JSON of each answer."""
    from aiohttp import ClientSession

    url, headers = f"{job['base_url']}/chat/completions", {"Authorization": f"Bearer {job['key']}"}
    sessions: list[ClientSession] = []

    async def create(**fields: Any) -> Any:
        if not sessions:
            sessions.append(ClientSession(headers=headers))
        if not fields.get("stream"):
            async with sessions[0].post(url, json=fields) as answer:
                return told("message", await answer.json())
        return chunks(await sessions[0].post(url, json=fields))

    async def chunks(answer: Any) -> AsyncIterator[Any]:
        async with answer:
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    yield told("delta", json.loads(line[6:]))

    return create


def told(part: str, answer: dict[str, Any]) -> Any:
    """An answer's text where the other libraries have it."""
    texts = [SimpleNamespace(content=choice[part].get("content")) for choice in answer["choices"]]
    return SimpleNamespace(choices=[SimpleNamespace(**{part: text}) for text in texts])


LIBRARIES = {"aiohttp": aiohttp, "g4f": g4f, "openai": openai, "litellm": litellm}


class Asker:
    """Asks from `concurrency` tasks until it is told to stop."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._create = LIBRARIES[job["library"]](job)
        self.counting = False
        self.stop = False
        self.answers = 0
        self.tokens = 0
        self.latencies: list[float] = []
        self.firsts: list[float] = []
        self.errors: Counter[str] = Counter()

    async def ask(self) -> None:
        while not self.stop and sum(self.errors.values()) < 20:
            started = time.perf_counter()
            try:
                told = await (self._streamed if self._job["stream"] else self._whole)(started)
            except Exception as error:  # noqa: BLE001 - whatever a library raises is one failed answer
                self.errors[type(error).__name__] += 1
                continue
            if told != self._job["tokens"]:
                self.errors["tokens missing"] += 1
            elif self.counting:
                self.answers += 1
                self.tokens += told
                self.latencies.append(time.perf_counter() - started)

    async def _whole(self, started: float) -> int:
        answer = await self._create(model=self._job["model"], messages=self._job["messages"])
        return str(answer.choices[0].message.content).count(self._job["token"])

    async def _streamed(self, started: float) -> int:
        told = 0
        answer = await self._create(model=self._job["model"], messages=self._job["messages"], stream=True)
        async for chunk in answer:
            if chunk.choices and chunk.choices[0].delta.content:
                if not told and self.counting:
                    self.firsts.append(time.perf_counter() - started)
                told += chunk.choices[0].delta.content.count(self._job["token"])
        return told


def percentiles(seconds: list[float]) -> tuple[float, float] | None:
    if not seconds:
        return None
    ordered = sorted(seconds)
    return tuple(1e6 * ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.99))  # type: ignore[return-value]


def rss_mib() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


async def main(job: dict[str, Any]) -> None:
    asker = Asker(job)
    tasks = [asyncio.create_task(asker.ask()) for _ in range(job["concurrency"])]
    await asyncio.sleep(job["warm_up"])
    begun, cpu = time.perf_counter(), time.process_time()
    asker.counting = True
    await asyncio.sleep(job["seconds"])
    # As in `bench.load`: a window is stretched until it holds a sample.
    while asker.answers < ENOUGH_ANSWERS and time.perf_counter() - begun < STRETCH * job["seconds"]:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    asker.counting, asker.stop = False, True
    measured = {
        "answers": asker.answers,
        "tokens": asker.tokens,
        "errors": dict(asker.errors),
        "wall": wall,
        "cpu": cpu,
        "rss": rss_mib(),
        "latency_us": percentiles(asker.latencies),
        "first_us": percentiles(asker.firsts),
    }
    print(json.dumps(measured), flush=True)
    await asyncio.wait(tasks, timeout=2)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
