"""What else decides about the next target: the file, the budget, the deadline, a proxy, this machine."""

import asyncio
import errno
import json

import pytest

from g4f import log
from g4f.errors import ExhaustedError, G4FError
from g4f.exchange.failure import Failure, FailureKind
from g4f.providers.breakage import failure_of
from tests.support.replies import Completion, Hang, Status, Stream, delta
from tests.support.upstream import Upstream

TOO_LONG = Status(
    400, {"error": {"message": "too long", "type": "x", "param": None, "code": "context_length_exceeded"}}
)
FILTERED = Completion("", choice={"finish_reason": "content_filter"})


def chain(*upstreams, model="", **defaults):
    names = "ABC"[: len(upstreams)]
    rows = "".join(
        f"  {n}: {{base_url: '{u if isinstance(u, str) else u.url}'}}\n" for n, u in zip(names, upstreams, strict=True)
    )
    said = json.dumps({"retries": 0, **defaults})
    return f"defaults: {said}\nproviders:\n{rows}models: {{m: {{{model}chain: [{', '.join(names)}]}}}}"


class FilteredStream:
    """A stream that ends by the filter before it says anything."""

    async def play(self, wire, request):
        events = [delta(request, {"role": "assistant", "content": ""}), delta(request, {}, finish="content_filter")]
        return await Stream(events).play(wire, request)


async def test_a_context_that_is_too_long_falls_back_only_where_the_file_says_so(bench):
    async with Upstream(TOO_LONG) as a, Upstream(Completion("larger")) as b:
        with pytest.raises(ExhaustedError) as caught:
            await bench(chain(a, b)).ask()
        assert caught.value.code == "context_length_exceeded"
        one = bench(chain(a, b, fallback_on=["context_length"]))
        assert "larger" in await one.ask()
        assert one.gateway.health.cooldown("A", None, "m") is None
        off = bench(chain(a, b, model="fallback_on: [], ", fallback_on=["context_length"]))
        with pytest.raises(ExhaustedError):
            await off.ask()
        on = bench(chain(a, b, model="fallback_on: [context_length], "))
        assert "larger" in await on.ask()


@pytest.mark.parametrize(("stream", "reply"), [(False, FILTERED), (True, FilteredStream())])
async def test_a_filtered_answer_is_an_answer_unless_the_file_says_otherwise(bench, stream, reply):
    async with Upstream(reply) as a, Upstream(Completion("said")) as b:
        text = await bench(chain(a, b)).ask(stream=stream)
        assert "content_filter" in text
        assert b.requests == []
        one = bench(chain(a, b, fallback_on=["content_filter"]))
        assert "said" in await one.ask(stream=stream)
        assert one.path == "A!content_filter > B"
        assert one.gateway.health.cooldown("A", None, "m") is None


@pytest.mark.parametrize(("stream", "reply"), [(False, FILTERED), (True, FilteredStream())])
async def test_a_filtered_answer_is_given_after_all_if_nobody_says_more(bench, stream, reply):
    async with Upstream(reply) as a, Upstream(Status(500)) as b:
        one = bench(chain(a, b, fallback_on=["content_filter"]))
        assert "content_filter" in await one.ask(stream=stream)
    assert one.path == "A > B!server_error"


async def test_a_stream_that_said_something_before_the_filter_is_committed(bench):
    events = ["some", b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}\n\n']
    async with Upstream(Stream(events)) as a, Upstream(Completion("said")) as b:
        assert "some" in await bench(chain(a, b, fallback_on=["content_filter"])).ask(stream=True)
        assert b.requests == []


async def test_the_deadline_in_the_midst_of_a_fallback_is_a_504_with_the_attempts(bench):
    async with Upstream(Hang()) as a, Upstream(Hang()) as b:
        with pytest.raises(ExhaustedError) as caught:
            await bench(chain(a, b, timeouts={"total": "200ms"})).ask()
    assert (caught.value.status, caught.value.code) == (504, "deadline_exceeded")
    assert [attempt["provider"] for attempt in caught.value.attempts] == ["A", "B"]


async def test_when_all_upstreams_fail_the_calls_are_at_most_a_fifth_more_than_the_requests(bench):
    async with Upstream(Status(503)) as a, Upstream(Status(503)) as b, Upstream(Status(503)) as c:
        one = bench(chain(a, b, c, retries=2))
        requests = 2000
        for _ in range(requests):
            with pytest.raises(G4FError):
                await one.ask()
            one.clock.advance(0.01)
        calls = sum(len(upstream.requests) for upstream in (a, b, c))
    assert calls <= 1.2 * requests + 3
    assert calls < 200


async def test_retries_are_refused_beyond_the_budget_but_a_fallback_never_is(bench):
    async with Upstream(Status(500)) as a, Upstream(Completion("good")) as b:
        one = bench(chain(a, b, retries=1))
        for _ in range(5):
            a.script(Status(500), Completion("retried"))
            assert await one.ask()
        assert len(a.requests) == 5 + 3
        assert len(b.requests) == 2


async def test_a_target_that_began_to_cool_down_meanwhile_is_passed_over(bench):
    async with Upstream(Hang()) as a, Upstream(Status(429, headers={"Retry-After": "60"})) as b, Upstream() as c:
        one = bench(chain(a, b, c, timeouts={"answer": "300ms"}))
        slow = asyncio.create_task(one.ask())
        await a.received()
        limited = Failure(kind=FailureKind.RATE_LIMITED, message="", retry_after=60)
        one.gateway.health.failed("B", None, "m", limited)
        await slow
        assert b.requests == []
        assert len(c.requests) == 1


async def test_a_broken_proxy_is_passed_by_another_route_and_never_directly(bench):
    async with Upstream(Completion("direct")) as a, Upstream(Completion("other")) as b:
        text = (
            "defaults: {retries: 0}\nproxies: {dead: 'http://127.0.0.1:1'}\nproviders:\n"
            f"  A: {{base_url: '{a.url}', proxy: dead}}\n  A2: {{base_url: '{a.url}', proxy: dead}}\n"
            f"  B: {{base_url: '{b.url}'}}\nmodels: {{m: {{chain: [A, A2, B]}}}}"
        )
        one = bench(text)
        assert "other" in await one.ask()
        assert one.path == "A!proxy > B"
        assert "other" in await one.ask()
        assert one.path == "B"
        assert a.requests == []
        assert one.gateway.health.cooldown("A", None, "m") is None


async def test_a_machine_without_files_gives_up_at_once_and_blames_nobody(bench, monkeypatch):
    async with Upstream() as a, Upstream() as b:
        one = bench(chain(a, b, retries=1))

        async def full(*_, **__):
            raise OSError(errno.EMFILE, "Too many open files")

        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", full)
        with pytest.raises(ExhaustedError) as caught:
            await one.ask()
        assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "overloaded", 1.0)
        assert len(caught.value.attempts) == 1
        assert list(one.gateway.health.cooling()) == []


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_what_this_machine_lacks_is_not_the_upstream_s_fault(number):
    assert failure_of(OSError(number, "")).kind is FailureKind.LOCAL


async def test_a_key_that_is_refused_is_told_about_once(bench, monkeypatch):
    lines = []
    monkeypatch.setattr(log.get(), "error", lambda event, **fields: lines.append({"event": event, **fields}))
    async with Upstream(Status(401)) as a:
        text = (
            f"providers: {{A: {{base_url: '{a.url}', keys: [{{name: main, key: CANARY}}]}}}}\n"
            "models: {m: {chain: [A]}, n: {chain: [A]}}"
        )
        one = bench(text)
        for model in ("m", "n", "m"):
            with pytest.raises(G4FError):
                await one.ask(model)
    (line,) = lines
    seconds = line.pop("seconds")
    assert 300 <= seconds <= 360
    told = {"event": "key.disabled", "provider": "A", "key": "main", "failure": "auth", "upstream_status": 401}
    assert line == told
    assert {"seconds", *line} <= log.FIELDS
