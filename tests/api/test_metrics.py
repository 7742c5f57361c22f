"""GET /metrics: who may read it, and that it agrees with what clients saw."""

import asyncio
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.caller import chat
from tests.support.replies import Completion, Gate, Status, Stream
from tests.support.upstream import Upstream

KEYS = """
server:
  keys:
    - {name: user, key: user-key-of-sixteen-chars}
    - {name: scraper, key: scrape-key-of-sixteen-chars, metrics: true}
    - {name: operator, key: operator-key-of-sixteen-ch, admin: true}
models: {m: {chain: [Demo]}}
"""


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


async def scrape(client):
    async with client.get("/metrics") as answer:
        assert answer.status == 200
        families = text_string_to_metric_families(await answer.text())
        return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def total(samples, name, **labels):
    return sum(value for (n, has), value in samples.items() if n == name and labels.items() <= dict(has).items())


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("user-key-of-sixteen-chars", 403),
        ("scrape-key-of-sixteen-chars", 200),
        ("operator-key-of-sixteen-ch", 200),
        ("x", 401),
    ],
)
async def test_metrics_need_a_key_that_may_read_them(serve, key, status):
    client = await serve(KEYS)
    async with client.get("/metrics", headers=bearer(key)) as answer:
        assert answer.status == status
        if status == 403:
            assert (await answer.json())["error"]["code"] == "metrics_not_allowed"


async def test_a_scrape_under_load_agrees_with_what_clients_saw(serve):
    async with Upstream(Status(500), Completion(), Status(429), Completion(), Completion()) as upstream:
        text = f"""
providers: {{A: {{base_url: "{upstream.url}"}}}}
models: {{m: {{chain: [A, Demo]}}, d: {{chain: [Demo]}}}}
"""
        client = await serve(text)

        async def ask(model, stream):
            async with client.post("/v1/chat/completions", json=chat(model, stream=stream)) as answer:
                await answer.read()
                return model if model in ("m", "d") else "other", str(answer.status)

        asked = [ask(("m", "d", "nope")[n % 3], n % 2 == 0) for n in range(60)]
        seen = Counter(await asyncio.gather(*asked))
        samples = await scrape(client)
    for (model, status), count in seen.items():
        assert total(samples, "g4fd_requests_total", model=model, status=status) == count
    assert total(samples, "g4fd_attempts_total", provider="A") == len(upstream.requests)
    assert total(samples, "g4fd_attempts_total", outcome="answered") == seen["m", "200"] + seen["d", "200"]
    assert total(samples, "g4fd_request_duration_seconds_count", endpoint="/v1/chat/completions") == 60


async def test_an_open_request_is_in_flight_and_not_yet_counted(serve):
    gate = Gate()
    async with Upstream(Stream(["hi", gate])) as upstream:
        client = await serve(f'{{providers: {{A: {{base_url: "{upstream.url}"}}}}, models: {{m: {{chain: [A]}}}}}}')
        async with client.post("/v1/chat/completions", json=chat("m", stream=True)) as answer:
            await answer.content.readline()
            during = await scrape(client)
            gate.open()
            await answer.read()
        after = await scrape(client)
    assert total(during, "g4fd_requests_in_flight") == 1
    assert total(during, "g4fd_upstream_connections", state="busy") == 1
    assert total(during, "g4fd_requests_total", model="m") == 0
    assert total(after, "g4fd_requests_in_flight") == 0
    assert total(after, "g4fd_requests_total", model="m") == 1


async def test_a_cooldown_shows_while_it_lasts(serve):
    async with Upstream(Status(401)) as upstream:
        text = f"""
providers: {{A: {{base_url: "{upstream.url}", keys: [{{name: main, key: sk-canary-0123456789}}]}}}}
models: {{m: {{chain: [A, Demo]}}}}
"""
        client = await serve(text)
        async with client.post("/v1/chat/completions", json=chat("m")) as answer:
            assert answer.status == 200
        async with client.get("/metrics") as answer:
            assert "canary" not in await answer.text()
        samples = await scrape(client)
    assert total(samples, "g4fd_key_usable", provider="A", key="main") == 0
    assert total(samples, "g4fd_cooldowns_active", scope="key", failure="auth") == 1
    assert total(samples, "g4fd_cooldowns_total", provider="A", failure="auth") == 1
    assert total(samples, "g4fd_cooldown_remaining_seconds", provider="A") > 0
