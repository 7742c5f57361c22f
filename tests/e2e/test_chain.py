"""A chain of real sockets: who answers, what is tried, and what the caller is told of it."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from datetime import datetime

import aiohttp
import openai
import pytest

from tests.conftest import Serve
from tests.support.caller import Answer, chat, post, text_of
from tests.support.daemon import Daemon
from tests.support.replies import Choose, Close, Completion, End, Gate, Hang, Html, Redirect, Status, Stream
from tests.support.upstream import Upstream
from tests.support.wire import refused_url

pytestmark = pytest.mark.e2e

LIMITED = Status(429, headers={"Retry-After": "20"})


def three(a: str, b: str, c: str) -> str:
    return f"""
        defaults: {{retries: 0}}
        providers:
          A: {{base_url: "{a}"}}
          B: {{base_url: "{b}"}}
          C: {{base_url: "{c}"}}
        models:
          m: {{chain: [A, B, C]}}
        """


async def ask(daemon: Daemon, **fields: object) -> Answer:
    return await post(f"{daemon.url}/v1/chat/completions", chat("m", **fields))


async def explain(daemon: Daemon, *options: str) -> str:
    """What the command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "g4f.cli.daemon", "explain", "m", "--url", daemon.url, *options),
        stdout=asyncio.subprocess.PIPE,
        env={"HOME": str(daemon.config.parent), "LC_ALL": "C.UTF-8"},
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_a_chain_falls_through_refusal_and_rate_limit_to_the_one_that_answers(serve: Serve):
    async with Upstream(LIMITED) as b, Upstream(Completion("from C")) as c:
        daemon = await serve(three(refused_url(), b.url, c.url))
        answer = await ask(daemon)
        assert (answer.status, answer.text) == (200, "from C")
        assert answer.headers["x-g4f-provider"] == "C"
        assert answer.headers["x-g4f-attempts"] == "3"
        assert answer.headers["x-g4f-trail"] == "A=connect, B=rate_limited"
        assert answer.headers["x-request-id"]


async def test_the_next_request_goes_straight_to_the_one_that_answers(serve: Serve):
    async with Upstream(LIMITED) as b, Upstream(Completion("from C")) as c:
        daemon = await serve(three(refused_url(), b.url, c.url))
        await ask(daemon)
        again = await ask(daemon)
        assert again.text == "from C"
        assert again.headers["x-g4f-attempts"] == "1"
        assert again.headers["x-g4f-trail"] == "A=cooldown, B=cooldown"
        assert (len(b.requests), len(c.requests)) == (1, 2)


async def test_explain_says_who_is_skipped_and_until_when(serve: Serve):
    async with Upstream(LIMITED) as b, Upstream() as c:
        daemon = await serve(three(refused_url(), b.url, c.url))
        await ask(daemon)
        text = await explain(daemon)
        found = json.loads(await explain(daemon, "--json"))
    lines = {line.split()[1].partition("/")[0]: line for line in text.splitlines()[1:]}
    assert "cooldown (after connect) until" in lines["A"]
    assert "cooldown (after rate_limited) until" in lines["B"]
    until = lines["B"].partition("until ")[2][:8]
    datetime.strptime(until, "%H:%M:%S")
    assert [target["provider"] for target in found["targets"]] == ["C"]
    waits = {skip["provider"]: skip["for"] for skip in found["skipped"]}
    assert 0 < waits["A"] <= 6
    assert 15 < waits["B"] <= 24  # Retry-After 20, stretched by up to a fifth
    assert (len(b.requests), len(c.requests)) == (1, 1)  # explaining costs no call


async def test_a_stream_is_replaced_until_its_first_content(serve: Serve):
    role_only = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
    async with (
        Upstream(Stream([role_only], end="cut")) as a,
        Upstream(Hang()) as b,
        Upstream(Completion("all of C")) as c,
    ):
        text = three(a.url, b.url, c.url).replace("retries: 0", "retries: 0, timeouts: {first_token: 300ms}")
        answer = await ask(await serve(text), stream=True)
        assert text_of(answer.events) == "all of C"
        assert answer.events[-1] == "[DONE]"
        assert answer.headers["x-g4f-trail"] == "A=disconnected, B=timeout"


@pytest.mark.parametrize("end", ["eof", "cut", "reset", "hang"])
async def test_a_stream_that_dies_after_content_ends_in_an_error_and_is_never_continued_by_another(
    serve: Serve, end: End
):
    gate = Gate()
    dying = Stream(["one", " two", " three", gate], end=end)
    async with Upstream(dying) as a, Upstream(Completion("from C")) as c:
        text = three(a.url, c.url, c.url).replace("retries: 0", "retries: 2, timeouts: {idle: 500ms}")
        daemon = await serve(text)
        got = ""
        async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key="none", max_retries=0) as client:
            stream = await client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "count"}], stream=True
            )
            with pytest.raises(openai.APIError) as raised:
                async for event in stream:
                    got += event.choices[0].delta.content or ""
                    if got == "one two three":
                        gate.open()
        assert got == "one two three"
        assert raised.value.code == ("upstream_timeout" if end == "hang" else "upstream_disconnected")
        assert (len(a.requests), len(c.requests)) == (1, 0)


async def test_a_broken_stream_has_an_error_event_and_no_done(serve: Serve):
    async with Upstream(Stream(["one"], end="eof")) as a:
        answer = await ask(await serve(three(a.url, a.url, a.url)), stream=True)
    *_, last = answer.events
    assert set(json.loads(last)["error"]) == {"message", "type", "param", "code"}
    assert "[DONE]" not in answer.events
    assert text_of(answer.events[:-1]) == "one"


BROKEN = {
    "closes": Close(),
    "resets": Close(rst=True),
    "breaks-off": Close(after=120),
    "fails": Status(500),
    "overloaded": Status(503),
    "refuses-key": Status(401),
    "knows-no-model": Status(404),
    "web-page": Html(),
    "redirects": Redirect("http://127.0.0.1:1/v1"),
    "says-nothing": Completion(""),
}


@pytest.mark.parametrize("stream", [False, True])
async def test_whatever_breaks_before_content_the_next_one_answers(serve: Serve, stream: bool):
    async with AsyncExitStack() as stack:
        good = await stack.enter_async_context(Upstream(Completion("saved")))
        bad = {name: await stack.enter_async_context(Upstream(reply)) for name, reply in BROKEN.items()}
        daemon = await serve(
            json.dumps(
                {
                    "defaults": {"retries": 0},
                    "providers": {name: {"base_url": one.url} for name, one in {"good": good, **bad}.items()},
                    "models": {name: {"chain": [name, "good"]} for name in bad},
                }
            )
        )
        url = f"{daemon.url}/v1/chat/completions"
        answers = {name: await post(url, chat(name, stream=stream)) for name in bad}
    got = {name: text_of(answer.events) if stream else answer.text for name, answer in answers.items()}
    assert got == dict.fromkeys(BROKEN, "saved")
    assert {name: len(one.requests) for name, one in bad.items()} == dict.fromkeys(BROKEN, 1)
    assert all(answer.headers["x-g4f-trail"].startswith(f"{name}=") for name, answer in answers.items())


async def test_an_exhausted_chain_lists_every_attempt_and_tells_clients_not_to_retry(serve: Serve):
    async with Upstream(Status(500)) as a, Upstream(LIMITED) as b:
        answer = await ask(await serve(three(a.url, b.url, refused_url())))
    error = answer.json["error"]
    assert answer.status in (502, 503)
    assert answer.headers["x-should-retry"] == "false"
    assert [(one["provider"], one["failure"], one["status"]) for one in error["attempts"]] == [
        ("A", "server_error", 500),
        ("B", "rate_limited", 429),
        ("C", "connect", None),
    ]
    assert all(one["ms"] >= 0 and one["model"] == "m" for one in error["attempts"])


async def test_a_request_with_every_target_cooling_down_is_told_when_to_come_back_and_calls_nobody(serve: Serve):
    async with Upstream(LIMITED) as b:
        daemon = await serve(three(b.url, b.url, b.url))
        await ask(daemon)
        calls = len(b.requests)
        answer = await ask(daemon)
        assert answer.status in (429, 503)
        assert 0 < int(answer.headers["retry-after"]) <= 25
        assert len(b.requests) == calls


async def test_a_refused_key_is_set_aside_and_the_other_ones_serve(serve: Serve):
    async with Upstream(Choose(lambda request: Completion() if request.key == "right" else Status(401))) as a:
        daemon = await serve(
            f"""
            providers:
              A:
                base_url: "{a.url}"
                keys: [{{name: stale, key: wrong}}, {{name: good, key: right}}]
            models:
              m: {{chain: [A]}}
            """
        )
        answers = [await ask(daemon) for _ in range(20)]
        found = json.loads(await explain(daemon, "--json"))
    assert {answer.status for answer in answers} == {200}
    assert sum(request.key == "wrong" for request in a.requests) == 1
    assert [(skip["key"], skip["detail"]) for skip in found["skipped"]] == [("stale", "after auth")]
    assert "wrong" not in daemon.output()


async def test_several_keys_share_the_load_by_weight(serve: Serve):
    async with Upstream() as a:
        daemon = await serve(
            f"""
            providers:
              A:
                base_url: "{a.url}"
                keys: [{{name: one, key: first}}, {{name: two, key: second, weight: 9}}]
            models:
              m: {{chain: [A]}}
            """
        )
        await asyncio.gather(*(ask(daemon) for _ in range(200)))
    light = sum(request.key == "first" for request in a.requests)
    assert len(a.requests) == 200
    assert 3 <= light <= 50  # 20 are expected; less likely than 1 in 10**6 to be outside


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_before_the_answer_cancels_the_upstream(serve: Serve, stream: bool):
    async with Upstream(Hang()) as a:
        daemon = await serve(three(a.url, a.url, a.url))
        asking = asyncio.ensure_future(ask(daemon, stream=stream))
        request = await a.received()
        asking.cancel()
        async with asyncio.timeout(5):
            await request.ended.wait()
        assert request.closed
        assert len(a.requests) == 1
        assert (await daemon.logged("request.finished"))["status"] == 499
        assert not daemon.log_lines("attempt.failed")  # nobody is to blame
        assert json.loads(await explain(daemon, "--json"))["skipped"] == []


async def test_a_client_that_leaves_within_a_stream_cancels_the_upstream(serve: Serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate, "two"])) as a:
        daemon = await serve(three(a.url, a.url, a.url))
        async with aiohttp.request("POST", f"{daemon.url}/v1/chat/completions", json=chat("m", stream=True)) as answer:
            await answer.content.readuntil(b"one")
            await gate.arrived()
        request = a.requests[0]
        async with asyncio.timeout(5):
            await request.ended.wait()
        assert request.closed
        assert a.open_connections == 0
