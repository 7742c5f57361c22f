"""The end of a daemon: running answers get their time, and what is cut says so."""

import asyncio
import json

import aiohttp
import pytest

from tests.conftest import Serve
from tests.support.caller import chat, get, post, text_of
from tests.support.replies import Gate, Stream
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e


def file(upstream: Upstream, drain: str = "30s") -> str:
    return (
        f"server: {{drain_timeout: {drain}}}\n"
        f'providers: {{A: {{base_url: "{upstream.url}"}}}}\nmodels: {{m: {{chain: [A]}}}}\n'
    )


async def test_a_stream_that_runs_when_the_daemon_is_told_to_stop_comes_to_its_end(serve: Serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate, " two"])) as a:
        daemon = await serve(file(a))
        stream = asyncio.ensure_future(post(f"{daemon.url}/v1/chat/completions", chat("m", stream=True)))
        await gate.arrived()
        daemon.terminate()
        await daemon.logged("server.draining")
        with pytest.raises(aiohttp.ClientConnectorError):
            while True:  # the listener closes in the same step that logs
                await get(f"{daemon.url}/readyz")
        gate.open()
        answer = await stream
        assert (text_of(answer.events), answer.events[-1]) == ("one two", "[DONE]")
        assert await daemon.stop() == 0


@pytest.mark.parametrize("hurried", [False, True], ids=["after the drain timeout", "at a second signal"])
async def test_a_stream_that_is_cut_ends_in_an_error_and_without_done(serve: Serve, hurried: bool):
    gate = Gate()
    async with Upstream(Stream(["one", gate])) as a:
        daemon = await serve(file(a, "30s" if hurried else "100ms"))
        stream = asyncio.ensure_future(post(f"{daemon.url}/v1/chat/completions", chat("m", stream=True)))
        await gate.arrived()
        daemon.terminate()
        if hurried:
            await daemon.logged("server.draining")
            daemon.terminate()
        events = (await stream).events
        assert text_of(events[:-1]) == "one"
        assert json.loads(events[-1])["error"]["code"] == "shutting_down"
        async with asyncio.timeout(5):
            await a.requests[0].ended.wait()
        assert a.requests[0].closed
        assert await daemon.stop() == 0
