"""Walking a chain: what is tried, how often, how long, and what is said when nothing answers."""

import asyncio

import pytest

from g4f.errors import ExhaustedError, ProviderNotWorkingError
from tests.support.replies import Completion, Hang, Status, Stream
from tests.support.upstream import Upstream


def chain(*upstreams, defaults="retries: 1", **fields):
    """A file whose model `m` has these upstreams, A, B, C, ..., as its chain."""
    names = "ABCDEFGH"[: len(upstreams)]
    rows = "\n".join(
        f"  {n}: {{base_url: '{u if isinstance(u, str) else u.url}'}}" for n, u in zip(names, upstreams, strict=True)
    )
    return f"defaults: {{{defaults}}}\nproviders:\n{rows}\nmodels: {{m: {{chain: [{', '.join(names)}]}}}}"


async def test_a_target_that_fails_once_is_tried_again_after_a_jittered_pause(bench):
    async with Upstream(Status(500), Completion("second")) as a:
        b = bench(chain(a))
        assert "second" in await b.ask()
    assert b.path == "A!server_error > A"
    assert b.slept == [0.125]


async def test_the_next_target_answers_when_the_retries_are_used_up(bench):
    async with Upstream(Status(500)) as a, Upstream(Completion("good")) as c:
        b = bench(chain(a, c))
        assert "good" in await b.ask()
    assert b.path == "A!server_error > A!server_error > B"


async def test_what_was_cooled_down_is_not_tried_until_its_time(bench):
    limited = Status(429, headers={"Retry-After": "20"})
    async with Upstream(limited, Completion("again")) as a, Upstream(Completion("good")) as c:
        b = bench(chain(a, c))
        await b.ask()
        assert b.path == "A!rate_limited > B"
        b.clock.advance(19)
        await b.ask()
        assert b.path == "B"
        b.clock.advance(2)
        assert "again" in await b.ask()
    assert b.path == "A"


async def test_every_key_is_tried_before_the_next_provider_and_cools_down_by_itself(bench):
    async with Upstream(Status(429, headers={"Retry-After": "20"}), Completion("two")) as a:
        text = (
            f"providers: {{A: {{base_url: '{a.url}', keys: [{{name: k1, key: one}}, {{name: k2, key: two}}]}}}}\n"
            "models: {m: {chain: [A]}}"
        )
        b = bench(text)
        assert "two" in await b.ask()
        used = [request.headers["authorization"] for request in a.requests]
        assert sorted(used) == ["Bearer one", "Bearer two"]
        await b.ask()
        assert a.requests[2].headers["authorization"] == used[1]


async def test_a_dead_host_is_not_tried_with_its_other_keys(bench):
    text = (
        "defaults: {retries: 0}\n"
        "providers: {A: {base_url: 'http://127.0.0.1:1/v1', keys: [{name: k1, key: one}, {name: k2, key: two}]}}\n"
        "models: {m: {chain: [A, Demo]}}"
    )
    b = bench(text)
    await b.ask()
    assert b.path == "A!connect > Demo"


@pytest.mark.parametrize("stream", [False, True])
async def test_one_deadline_is_divided_so_that_the_last_target_still_answers(bench, stream):
    async with Upstream(Hang()) as a, Upstream(Hang()) as c, Upstream(Completion("last")) as d:
        b = bench(chain(a, c, d, defaults="timeouts: {total: 500ms}"))
        async with asyncio.timeout(0.5):
            assert "last" in await b.ask(stream=stream)
    assert b.path == "A!timeout > B!timeout > C"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_silent_target_is_left_after_its_first_token_time(bench, stream):
    async with Upstream(Hang()) as a, Upstream(Completion("good")) as c:
        b = bench(chain(a, c, defaults="timeouts: {first_token: 30ms}"))
        assert "good" in await b.ask(stream=stream)
        await a.requests[0].ended.wait()
        assert a.requests[0].closed
    assert b.path == "A!timeout > B"


async def test_a_stream_that_breaks_before_its_content_is_replaced(bench):
    role = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
    async with Upstream(Stream([role], end="cut")) as a, Upstream(Completion("good")) as c:
        b = bench(chain(a, c, defaults="retries: 0"))
        assert "good" in await b.ask(stream=True)
    assert b.path == "A!disconnected > B"


async def test_the_request_s_own_fault_is_answered_in_the_upstream_s_words(bench):
    body = {
        "error": {
            "message": "temperature is odd",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": "odd",
        }
    }
    async with Upstream(Status(400, body)) as a, Upstream() as c:
        b = bench(chain(a, c))
        with pytest.raises(ExhaustedError) as caught:
            await b.ask()
        assert c.requests == []
    error = caught.value
    assert (error.status, error.message, error.param, error.code) == (400, "temperature is odd", "temperature", "odd")


async def test_different_failures_are_told_each_with_its_provider(bench):
    async with Upstream(Status(500)) as a, Upstream(Status(401)) as c:
        b = bench(chain(a, c, defaults="retries: 0"))
        with pytest.raises(ExhaustedError) as caught:
            await b.ask()
    assert (caught.value.status, caught.value.code) == (502, "all_attempts_failed")
    assert "A: server_error 500" in caught.value.message
    assert "B: auth 401" in caught.value.message


async def test_with_everything_cooling_down_the_client_is_told_when_to_come_back(bench):
    async with Upstream(Status(429, headers={"Retry-After": "30"})) as a:
        b = bench(chain(a))
        with pytest.raises(ExhaustedError) as first:
            await b.ask()
        b.clock.advance(10)
        with pytest.raises(ProviderNotWorkingError) as second:
            await b.ask()
        assert len(a.requests) == 1
    assert (first.value.status, round(first.value.retry_after)) == (429, 30)
    assert (second.value.status, round(second.value.retry_after)) == (503, 20)


async def test_an_error_never_holds_the_key_it_was_made_with(bench):
    echo = Status(500, {"error": {"message": "bad key sk-canary-0123456789 for you"}})
    async with Upstream(echo) as a:
        text = f"providers: {{A: {{base_url: '{a.url}', key: sk-canary-0123456789}}}}\nmodels: {{m: {{chain: [A]}}}}"
        with pytest.raises(ExhaustedError) as caught:
            await bench(text).ask()
    assert "canary" not in caught.value.message


async def test_a_cancelled_request_closes_its_upstream_call_and_blames_nobody(bench):
    async with Upstream(Hang(), Completion()) as a:
        b = bench(chain(a))
        asking = asyncio.create_task(b.ask())
        request = await a.received()
        asking.cancel()
        await request.ended.wait()
        assert request.closed
        await b.ask()
    assert b.path == "A"
