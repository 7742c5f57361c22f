"""What a key may use, and what the server takes on."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f.api.admission import Allowance, Bucket, estimate
from g4f.api.auth import Doorkeeper
from g4f.api.keys import STATE
from g4f.config.server import InboundKey
from g4f.errors import LimitExceededError
from g4f.exchange.answer import Usage
from tests.support.caller import chat
from tests.support.clock import Clock
from tests.support.replies import Completion, Gate, Status, Stream
from tests.support.upstream import Upstream

CHAT = "/v1/chat/completions"


def config(url, limits="{}", **key):
    of_key = "".join(f", {name}: {value}" for name, value in key.items())
    return f"""
server: {{keys: [{{name: k, key: "0123456789abcdef"{of_key}}}]}}
limits: {limits}
defaults: {{retries: 0}}
providers: {{P: {{base_url: "{url}"}}}}
models: {{m: {{chain: [P]}}}}
"""


async def start(serve, *args, **key):
    return await serve(config(*args, **key), **{"x-api-key": "0123456789abcdef"})


async def code(answer):
    return answer.status, (await answer.json())["error"]["code"]


def test_a_bucket_fills_with_time_and_never_over_a_minute_s_worth():
    bucket = Bucket(60, now=0.0)
    bucket.take(60)
    assert bucket.wait(10, now=0.0) == pytest.approx(10)
    assert bucket.wait(10, now=10.0) == 0
    assert bucket.wait(61, now=10_000.0) == pytest.approx(1)


def test_more_use_than_estimated_is_made_up_for_later():
    clock = Clock()
    allowance = Allowance("k", clock, tpm=600)
    with allowance.admit(400) as ticket:
        ticket.reserve(100)
        ticket.settle(Usage(input_tokens=100, output_tokens=800))
    with pytest.raises(LimitExceededError) as refused:
        allowance.admit(0)
    assert refused.value.retry_after == pytest.approx(300 / 10)
    clock.advance(31.1)
    with allowance.admit(0) as ticket:
        ticket.reserve(10)


def test_a_request_that_got_no_answer_used_nothing():
    allowance = Allowance("k", Clock(), tpm=600, rpm=10, concurrency=1)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), allowance.admit(0) as ticket:
            ticket.reserve(600)
            raise ZeroDivisionError
    assert allowance.open == 0


def test_an_answer_without_usage_is_charged_as_estimated():
    allowance = Allowance("k", Clock(), tpm=600)
    with allowance.admit(0) as ticket:
        ticket.reserve(600)
        ticket.settle(None)
    with pytest.raises(LimitExceededError):
        allowance.admit(40)


def test_a_request_larger_than_the_limit_is_told_that_waiting_is_of_no_use():
    with pytest.raises(LimitExceededError) as refused:
        Allowance("k", Clock(), tpm=100).admit(4000)
    assert refused.value.retry_after is None
    assert "this request alone needs about 1000" in refused.value.message


def test_a_reload_changes_the_limits_and_not_what_was_used():
    clock = Clock()
    allowance = Allowance("k", clock, rpm=2, concurrency=1)
    held = allowance.admit(0)
    allowance.change(Allowance("renamed", clock, rpm=4, tpm=100, concurrency=2))
    second = allowance.admit(0)
    with pytest.raises(LimitExceededError):
        allowance.admit(0)
    for ticket in (held, second):
        ticket.__exit__(None, None, None)
    assert allowance.open == 0
    with pytest.raises(LimitExceededError):
        allowance.admit(0)


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 50), st.integers(-1, 200)), max_size=60))
def test_whatever_is_admitted_the_rate_holds_and_nothing_leaks(steps):
    clock = Clock()
    allowance = Allowance("k", clock, rpm=30, tpm=100, concurrency=3)
    begun, admitted, open_tickets = clock(), 0, []
    for pause, tokens, used in steps:
        clock.advance(pause)
        try:
            ticket = allowance.admit(tokens * 4)
        except LimitExceededError:
            while open_tickets:
                open_tickets.pop().__exit__(None, None, None)
            continue
        admitted += 1
        open_tickets.append(ticket)
        try:
            ticket.reserve(tokens)
        except LimitExceededError:
            continue
        if used >= 0:
            ticket.settle(Usage(input_tokens=used, output_tokens=0))
        assert allowance.open == len(open_tickets) <= 3
        assert allowance.tokens.level <= 100
    assert admitted <= 30 + math.ceil((clock() - begun) / 2)
    while open_tickets:
        open_tickets.pop().__exit__(None, None, None)
    assert allowance.open == 0


@pytest.mark.parametrize(
    ("payload", "tokens"),
    [
        ({}, 100),
        ({"max_tokens": 50}, 150),
        ({"max_completion_tokens": 20, "max_tokens": 50}, 120),
        ({"max_tokens": 50, "n": 3}, 250),
        ({"max_tokens": -5}, 100),
        ({"max_tokens": 5.0, "n": 2.0}, 110),
        ({"max_tokens": None, "n": None}, 100),
    ],
)
def test_an_estimate_is_the_input_and_the_most_that_may_come_back(payload, tokens):
    assert estimate(400, payload) == tokens


async def test_a_key_has_so_many_requests_open_and_no_more(serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate])) as upstream:
        client = await start(serve, upstream.url, concurrency=1)
        held = await client.post(CHAT, json=chat("m", stream=True))
        refused = await client.post(CHAT, json=chat("m"))
        assert await code(refused) == (429, "rate_limit_exceeded")
        assert refused.headers["Retry-After"] == "1"
        gate.open()
        await held.read()
        upstream.script(Completion())
        assert (await client.post(CHAT, json=chat("m"))).status == 200
        assert len(upstream.requests) == 2


async def test_tokens_are_counted_as_the_upstream_counts_them(serve):
    async with Upstream(Completion(usage=(900, 500))) as upstream:
        client = await start(serve, upstream.url, tpm=1000)
        assert (await client.post(CHAT, json=chat("m"))).status == 200
        refused = await client.post(CHAT, json=chat("m"))
        assert await code(refused) == (429, "rate_limit_exceeded")
        assert 20 <= int(refused.headers["Retry-After"]) <= 60
        assert len(upstream.requests) == 1


async def test_a_failed_chain_costs_no_tokens(serve):
    async with Upstream(Status(400)) as upstream:
        client = await start(serve, upstream.url, tpm=1000)
        for _ in range(3):
            assert (await client.post(CHAT, json=chat("m", max_tokens=900))).status == 400


async def test_a_request_that_asks_for_more_tokens_than_there_are_is_not_sent_on(serve):
    async with Upstream() as upstream:
        client = await start(serve, upstream.url, tpm=1000)
        assert await code(await client.post(CHAT, json=chat("m", max_tokens=1000))) == (429, "rate_limit_exceeded")
        assert len(upstream.requests) == 0


async def test_more_requests_than_the_server_takes_on_are_refused_and_probes_are_not(serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate])) as upstream:
        client = await start(serve, upstream.url, "{inflight: 1}")
        held = await client.post(CHAT, json=chat("m", stream=True))
        refused = await client.post(CHAT, json=chat("m"))
        assert await code(refused) == (503, "overloaded")
        assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/readyz")).status == (await client.get("/livez")).status == 200
        gate.open()
        await held.read()
        upstream.script(Completion())
        assert (await client.post(CHAT, json=chat("m"))).status == 200


async def test_a_late_loop_refuses_new_requests_and_probes_it_does_not(serve):
    async with Upstream() as upstream:
        client = await start(serve, upstream.url, "{loop_lag: 200ms}")
        lag = client.app[STATE].lag
        lag.measured(0.3)
        lag.measured(0.3)
        refused = await client.post(CHAT, json=chat("m"))
        assert await code(refused) == (503, "overloaded")
        assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/readyz")).status == 200
        lag.measured(0.1)
        assert (await client.post(CHAT, json=chat("m"))).status == 200


def test_a_reload_is_no_refill_and_forgets_no_open_request():
    clock = Clock()

    def keeper(**limits):
        key = InboundKey(name="k", key="0123456789abcdef", **limits)
        return Doorkeeper([key], extra=None, hosts=[], clock=clock)

    old = keeper(rpm=2, concurrency=5)
    ticket = old.callers[0].allowance.admit(0)
    new = keeper(rpm=2, concurrency=1)
    new.succeed(old)
    allowance = new.callers[0].allowance
    with pytest.raises(LimitExceededError, match="1 requests open"):
        allowance.admit(0)
    ticket.__exit__(None, None, None)
    with allowance.admit(0):
        pass
    with pytest.raises(LimitExceededError, match="2 requests a minute"):
        allowance.admit(0)
