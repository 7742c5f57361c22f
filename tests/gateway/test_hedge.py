"""Two targets at once: the first content wins, the other call is closed, and no answer is ever put together."""

import asyncio

import pytest

from g4f.errors import ExhaustedError
from g4f.exchange.request import Request
from tests.support.replies import Completion, Gate, Hang, Status, Stream
from tests.support.upstream import Upstream


def hedged(*upstreams, hedge="after: 20ms, budget: 100", retries=0):
    names = "ABC"[: len(upstreams)]
    rows = "".join(f"  {n}: {{base_url: '{u.url}'}}\n" for n, u in zip(names, upstreams, strict=True))
    chain = ", ".join(names)
    return (
        f"defaults: {{retries: {retries}}}\nproviders:\n{rows}models: {{m: {{hedge: {{{hedge}}}, chain: [{chain}]}}}}"
    )


async def answered(bench, *, stream):
    payload = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    answer = await bench.gateway.answer(Request(id="r", model="m", payload=payload, stream=stream))
    try:
        wires = [frame.wire async for frame in answer]
    finally:
        await answer.aclose()
    text = (answer.completion.wire if answer.completion else b"".join(wires)).decode()
    return text, [(a.target.provider, a.outcome.value) for a in answer.journey.attempts]


async def left(upstream):
    """The call was cut from our side."""
    await upstream.requests[-1].ended.wait()
    assert upstream.requests[-1].closed


@pytest.mark.parametrize("stream", [False, True])
async def test_a_slow_first_target_is_overtaken_and_closed_without_blame(bench, stream):
    async with Upstream(Hang()) as a, Upstream(Completion("quick")) as b:
        one = bench(hedged(a, b))
        text, outcomes = await answered(one, stream=stream)
        await left(a)
        assert one.gateway.health.cooldown("A", None, "m") is None
    assert "quick" in text
    assert outcomes == [("A", "hedged"), ("B", "answered")]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_first_target_that_is_quick_enough_is_alone(bench, stream):
    async with Upstream(Completion("first")) as a, Upstream(Completion("second")) as b:
        text, outcomes = await answered(bench(hedged(a, b, hedge="after: 10s")), stream=stream)
        assert b.requests == []
    assert "first" in text
    assert outcomes == [("A", "answered")]


async def test_the_slow_first_target_may_still_win_and_only_its_answer_is_heard(bench):
    gate = Gate()
    async with Upstream(Stream([gate, "one ", "two"])) as a, Upstream(Hang()) as b:
        asking = asyncio.create_task(answered(bench(hedged(a, b)), stream=True))
        await b.received()
        gate.open()
        text, outcomes = await asking
        await left(b)
    assert "one " in text
    assert "two" in text
    assert outcomes == [("A", "answered"), ("B", "hedged")]


async def test_when_both_fail_the_rest_of_the_chain_follows(bench):
    async with Upstream(Hang()) as a, Upstream(Status(500)) as b, Upstream(Completion("third")) as c:
        one = bench(hedged(a, b, c).replace("retries: 0", "retries: 0, timeouts: {first_token: 200ms}"))
        text, outcomes = await answered(one, stream=True)
    assert "third" in text
    assert outcomes == [("A", "failed"), ("B", "failed"), ("C", "answered")]


async def test_a_first_target_that_fails_before_is_followed_as_ever(bench):
    async with Upstream(Status(500), Completion("again")) as a, Upstream(Completion("second")) as b:
        text, outcomes = await answered(bench(hedged(a, b, hedge="after: 10s", retries=1)), stream=False)
    assert "again" in text
    assert outcomes == [("A", "failed"), ("A", "answered")]


async def test_the_request_s_own_fault_ends_the_race(bench):
    async with Upstream(Hang()) as a, Upstream(Status(400)) as b:
        with pytest.raises(ExhaustedError) as caught:
            await answered(bench(hedged(a, b)), stream=False)
        await left(a)
    assert caught.value.status == 400
    assert [attempt["outcome"] for attempt in caught.value.attempts] == ["hedged", "failed"]


async def test_no_more_requests_are_hedged_than_the_budget_allows(bench):
    gate = Gate()
    async with Upstream(Stream([gate, "slow"])) as a, Upstream(Completion("quick")) as b:
        one = bench(hedged(a, b, hedge="after: 20ms, budget: 10"))
        asking = [asyncio.create_task(answered(one, stream=True)) for _ in range(20)]
        await asyncio.wait(asking, timeout=1, return_when=asyncio.ALL_COMPLETED)
        gate.open()
        await asyncio.gather(*asking)
        assert len(b.requests) == 2
        assert len(a.requests) == 20


async def test_a_client_that_leaves_during_a_race_closes_both(bench):
    async with Upstream(Hang()) as a, Upstream(Hang()) as b:
        one = bench(hedged(a, b))
        asking = asyncio.create_task(answered(one, stream=True))
        await b.received()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await left(a)
        await left(b)
        assert one.gateway.health.cooldown("A", None, "m") is None


async def test_p95_waits_until_enough_answers_are_known(bench):
    async with Upstream(Completion("first")) as a, Upstream(Completion("second")) as b:
        one = bench(hedged(a, b, hedge="after: p95, budget: 100"))
        for _ in range(25):
            await answered(one, stream=True)
        known = len(b.requests)
        a.script(Hang())
        text, outcomes = await answered(one, stream=True)
        assert "second" in text
        assert outcomes == [("A", "hedged"), ("B", "answered")]
        assert known <= 5
