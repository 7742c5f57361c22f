"""One upstream gets as many connections at a time as the file lets requests in."""

import asyncio

import pytest

from g4f.config.load import load_text
from g4f.gateway.snapshot import Snapshot, plan
from g4f.providers import transport
from g4f.providers.transport import Pools
from tests.support.replies import Hang
from tests.support.upstream import Upstream


async def reaching(upstream, pool, requests):
    """How many of so many requests at once reach the upstream, and do not wait for another one's end."""
    prepared = pool.prepare("POST", f"{upstream.url}/chat/completions", {})
    sending = [asyncio.create_task(pool.send(prepared, b"{}", connect=5)) for _ in range(requests)]
    async with asyncio.timeout(5):
        while len(upstream.requests) < pool.busy or not pool.busy:
            await asyncio.sleep(0)
    reached = len(upstream.requests)
    for task in sending:
        task.cancel()
    await asyncio.wait(sending)
    return reached


@pytest.mark.parametrize(("inflight", "reach"), [(1, 2), (4, 4)])
async def test_an_upstream_is_asked_as_often_at_once_as_the_file_lets_requests_in(monkeypatch, inflight, reach):
    monkeypatch.setattr(transport, "MAX_CONNECTIONS", 2)
    async with Upstream(Hang()) as upstream:
        rows = f'providers: {{A: {{base_url: "{upstream.url}"}}}}\nmodels: {{m: {{chain: [A]}}}}'
        text = f"limits: {{inflight: {inflight}}}\n{rows}"
        pools = Pools()
        snapshot = Snapshot(plan(load_text(text), {}), pools, 1)
        route, pool = pools.take(upstream.url, None)
        assert await reaching(upstream, pool, 6) == reach
        await pools.give_back(route)
        await snapshot.retire()
