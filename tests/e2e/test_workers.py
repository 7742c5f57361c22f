"""Several processes on one port: they serve as one, and one that dies takes only its own requests with it."""

import asyncio
import os
import signal
from collections import Counter

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.support.caller import chat, get, post
from tests.support.replies import Choose, Completion, Gate, Stream
from tests.support.upstream import Upstream

USER = {"x-api-key": "user-key-of-sixteen-chars"}
LIMITED = {"x-api-key": "limited-key-of-sixteen-c"}
OPERATOR = {"x-api-key": "operator-key-of-sixteen-ch"}


def written(url, **changes):
    text = f"""
server:
  workers: 2
  reload: manual
  drain_timeout: 5s
  keys:
    - {{name: user, key: user-key-of-sixteen-chars}}
    - {{name: limited, key: limited-key-of-sixteen-c, rpm: 10}}
    - {{name: operator, key: operator-key-of-sixteen-ch, admin: true}}
providers: {{A: {{base_url: "{url}"}}}}
models: {{m: {{chain: [A]}}}}
"""
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


async def ask(daemon, headers=USER, **fields):
    """A request over a connection of its own."""
    return await post(f"{daemon.url}/v1/chat/completions", chat("m", **fields), headers)


async def state(daemon):
    return (await get(f"{daemon.url}/admin/state", OPERATOR)).json


async def samples(daemon):
    text = (await get(f"{daemon.url}/metrics", OPERATOR)).body.decode()
    families = text_string_to_metric_families(text)
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


async def logged_by(daemon, caller, count):
    """Wait until the log has so many requests of a caller, and no more."""
    async with asyncio.timeout(10):
        while len([line for line in daemon.log_lines("request.finished") if line["caller"] == caller]) != count:
            await asyncio.sleep(0.02)


async def total(daemon, name, **labels):
    return sum(value for n, has, value in await samples(daemon) if n == name and labels.items() <= has.items())


async def workers_of(daemon, count):
    """Wait until so many workers serve; returns their process ids by index."""
    async with asyncio.timeout(20):
        while len(found := (await state(daemon))["workers"]) < count:
            await asyncio.sleep(0.05)
    return {worker["worker"]: worker["pid"] for worker in found}


async def test_workers_count_limit_and_reload_as_one(serve):
    async with Upstream(Completion()) as upstream:
        daemon = await serve(written(upstream.url))
        await workers_of(daemon, 2)
        # Every worker refuses who has no key.
        assert {(await ask(daemon, {})).status for _ in range(8)} == {401}
        statuses = Counter([(await ask(daemon, LIMITED)).status for _ in range(14)])
        assert statuses == {200: 10, 429: 4}
        assert await total(daemon, "g4fd_caller_requests_total", caller="limited") == 14
        await logged_by(daemon, "limited", 14)
        await reload_all_or_none(daemon, upstream)


async def reload_all_or_none(daemon, upstream):
    daemon.config.write_text(written(upstream.url, **{"models:": "modles:"}))
    refused = await post(f"{daemon.url}/admin/reload", {}, OPERATOR)
    assert (refused.status, refused.json["result"]) == (409, "refused")
    daemon.config.write_text(written(upstream.url, **{"m: {": "n: {chain: [A]}, m: {"}))
    tried = await post(f"{daemon.url}/admin/reload", {"canary": "50%", "for": "1s"}, OPERATOR)
    assert (tried.status, tried.json["generation"]) == (202, 2)
    async with asyncio.timeout(20):
        while (now := await state(daemon))["trial"]["verdict"] == "going_on":
            await asyncio.sleep(0.05)
    assert (now["trial"]["verdict"], now["generation"]) == ("applied", 2)
    assert [worker["generation"] for worker in now["workers"]] == [2, 2]
    models = [(await get(f"{daemon.url}/v1/models/n", USER)).status for _ in range(8)]
    assert set(models) == {200}


async def test_a_worker_that_is_killed_loses_its_own_requests_and_no_other(serve):
    gate = Gate()
    held = Choose(lambda request: Stream(["a", gate, "b"]) if request.json.get("stream") else Completion())
    async with Upstream(held) as upstream:
        daemon = await serve(written(upstream.url))
        pids = await workers_of(daemon, 2)
        asking = [asyncio.ensure_future(ask(daemon, stream=True)) for _ in range(24)]
        await gate.arrived(24)
        open_requests = {w["worker"]: w["open_requests"] for w in (await state(daemon))["workers"]}
        assert sum(open_requests.values()) == 25  # and the one that asks
        # A file that is wrong by now does not keep the new worker from serving by the last good one.
        daemon.config.write_text("modles: {}")
        os.kill(pids[0], signal.SIGKILL)
        during = [(await ask(daemon)).status for _ in range(20)]
        gate.open()
        results = await asyncio.gather(*asking, return_exceptions=True)
        lost = [result for result in results if isinstance(result, aiohttp.ClientError)]
        assert during == [200] * 20
        assert len(lost) <= open_requests[0]
        assert len(results) - len(lost) >= open_requests[1] - 1
        for answer in results:
            assert isinstance(answer, aiohttp.ClientError) or answer.events[-1] == "[DONE]"
        after = await workers_of(daemon, 2)
        assert after[0] != pids[0]
        assert after[1] == pids[1]
        assert {(await ask(daemon, {})).status for _ in range(8)} == {401}
        assert {(await ask(daemon)).status for _ in range(8)} == {200}
        assert await total(daemon, "g4fd_worker_restarts_total") == 1
        await drain_all(daemon, upstream)


async def drain_all(daemon, upstream):
    gate = Gate()
    upstream.script(Stream(["a", gate, "b"]))
    asking = [asyncio.ensure_future(ask(daemon, stream=True)) for _ in range(6)]
    await gate.arrived(6)
    daemon.terminate()
    await daemon.logged("server.draining", count=3)
    gate.open()
    answers = await asyncio.gather(*asking)
    assert {answer.events[-1] for answer in answers} == {"[DONE]"}
    assert await daemon.stop() == 0
