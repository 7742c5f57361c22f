"""Budgets and books, as clients and operators meet them."""

import time

import pytest
from aiohttp.test_utils import TestServer

from g4f.api.app import build_app
from g4f.api.auth import Doorkeeper
from g4f.api.state import ServerState
from g4f.config.load import load_text
from g4f.gateway.gateway import Gateway
from g4f.gateway.snapshot import plan
from g4f.meter.journal import Journal
from g4f.meter.ledger import Ledger
from g4f.meter.meter import Meter
from tests.support.caller import chat
from tests.support.replies import Choose, Completion, Status, error
from tests.support.upstream import Upstream

USER = {"x-api-key": "user-key-of-sixteen-chars"}
OPERATOR = {"x-api-key": "operator-key-of-sixteen-ch"}


def written(url, budget, stream_usage="true"):
    return f"""
server:
  keys:
    - {{name: user, key: user-key-of-sixteen-chars, budget: {budget}}}
    - {{name: operator, key: operator-key-of-sixteen-ch, admin: true}}
providers:
  A: {{base_url: "{url}", stream_usage: {stream_usage}, prices: {{"*": {{input: 1, output: 1}}}}}}
models: {{m: {{chain: [A]}}}}
"""


@pytest.fixture
async def kept(aiohttp_client):
    """`await kept(yaml)` gives an HTTP client of a server that keeps books."""
    made = []

    async def start(text):
        first = plan(load_text(text), {})
        gateway, server = Gateway(first), first.config.server
        meter = Meter(gateway, Journal(), Ledger(None))
        made.append((gateway, meter))
        door = Doorkeeper(server.keys, extra=None, hosts=[], clock=time.monotonic, budgets=meter.budgets)
        state = ServerState(doorkeeper=door, server=server, limits=first.config.limits, journal=meter.journal)
        client = await aiohttp_client(TestServer(build_app(gateway, state, meter)))
        client.meter = meter
        return client

    yield start
    for gateway, meter in made:
        await gateway.close()
        meter.close()


async def usage(client, by="outcome"):
    async with client.get(f"/admin/usage?by={by}", headers=OPERATOR) as answer:
        assert answer.status == 200
        return (await answer.json())["rows"]


async def ask(client, **fields):
    async with client.post("/v1/chat/completions", json=chat("m", **fields), headers=USER) as answer:
        answer.seen = await answer.read()
        client.meter.journal.drain()
        return answer


async def test_a_spent_budget_is_a_429_until_its_window_ends(kept):
    async with Upstream(Completion(usage=(7, 3))) as upstream:
        client = await kept(written(upstream.url, "{tokens: 15, per: week}"))
        statuses = [(await ask(client)).status for _ in range(3)]
        last = await ask(client)
    assert statuses == [200, 200, 429]
    assert len(upstream.requests) == 2
    assert last.headers["x-should-retry"] == "false"
    assert 0 < int(last.headers["Retry-After"]) <= 7 * 86400
    assert (await last.json())["error"]["code"] == "budget_exceeded"


async def test_a_stream_is_counted_though_its_client_did_not_ask_for_it(kept):
    async with Upstream(Completion(usage=(7, 3))) as upstream:
        client = await kept(written(upstream.url, "{usd: 1}"))
        answer = await ask(client, stream=True)
    assert upstream.requests[0].json["stream_options"] == {"include_usage": True}
    assert answer.status == 200
    assert b'"usage":{' not in answer.seen.replace(b" ", b"")
    (row,) = await usage(client)
    assert (row["input_tokens"], row["output_tokens"], row["usd"], row["uncounted"]) == (7, 3, 0.00001, 0)


async def test_an_upstream_that_cannot_count_streams_is_asked_again_without_and_then_no_more(kept):
    refusal = Status(422, error("Extra inputs are not permitted: stream_options"))
    picky = Choose(lambda request: refusal if "stream_options" in request.json else Completion())
    async with Upstream(picky) as upstream:
        client = await kept(written(upstream.url, "{usd: 1}"))
        statuses = [(await ask(client, stream=True)).status for _ in range(2)]
    assert statuses == [200, 200]
    assert ["stream_options" in request.json for request in upstream.requests] == [True, False, False]
    (row,) = await usage(client)
    assert (row["calls"], row["uncounted"]) == (2, 2)


async def test_an_upstream_that_should_not_be_asked_to_count_is_not(kept):
    async with Upstream(Completion()) as upstream:
        client = await kept(written(upstream.url, "{usd: 1}", stream_usage="false"))
        await ask(client, stream=True)
    assert "stream_options" not in upstream.requests[0].json


async def test_usage_is_the_operators(kept):
    async with Upstream(Completion()) as upstream:
        client = await kept(written(upstream.url, "{usd: 1}"))
        async with client.get("/admin/usage", headers=USER) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (403, "admin_not_allowed")
        for query in ("by=colour", "since=yesterday"):
            async with client.get(f"/admin/usage?{query}", headers=OPERATOR) as answer:
                assert answer.status == 400


async def test_retried_attempts_are_booked_apart(kept):
    async with Upstream(Status(500), Completion(usage=(7, 3))) as upstream:
        client = await kept(written(upstream.url, "{usd: 1}"))
        assert (await ask(client)).status == 200
    rows = {row["outcome"]: row for row in await usage(client)}
    assert (rows["failed"]["calls"], rows["failed"]["input_tokens"]) == (1, 0)
    assert (rows["answered"]["calls"], rows["answered"]["input_tokens"]) == (1, 7)


def test_a_budget_of_dollars_over_what_has_no_price_is_worth_a_warning():
    text = written("http://127.0.0.1:9/v1", "{usd: 1}").replace('prices: {"*": {input: 1, output: 1}}', "retries: 1")
    (warning,) = load_text(text).warnings
    assert "no prices are known of A" in str(warning)


@pytest.mark.parametrize("budget", ["{}", "{per: day}", "{usd: -1}", "{usd: 1, per: fortnight}", "{tokens: 1.5}", "10"])
def test_a_budget_that_means_nothing_is_refused(budget):
    from g4f.errors import ConfigError

    with pytest.raises(ConfigError, match=r"g4f.yaml:4:\d+: server.keys\[0\].budget"):
        load_text(written("http://127.0.0.1:9/v1", budget))
