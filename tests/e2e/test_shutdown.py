"""A daemon that is told to stop finishes what it can, says so where it cannot, and leaves in time."""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Serve
from tests.support.caller import chat, get, post, text_of
from tests.support.daemon import ROOT, Daemon
from tests.support.files import atomic_write, write_config
from tests.support.replies import Choose, Completion, Gate, Hang, Stream
from tests.support.upstream import Upstream
from tests.support.wire import Wire

pytestmark = pytest.mark.e2e


def config(url: str, server: str) -> str:
    return f"""
        server: {{{server}}}
        defaults: {{retries: 0}}
        providers: {{P: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [P]}}}}
        """


def ask(daemon: Daemon, **fields: object):
    return post(f"{daemon.url}/v1/chat/completions", chat("m", **fields))


async def ended(daemon: Daemon, within: float) -> int:
    """Wait for the process to end by itself; returns its exit code."""
    async with asyncio.timeout(within):
        return await daemon._running().wait()


def many_models(count: int) -> str:
    rows = "\n".join(f"  m{number}: {{chain: [Demo]}}" for number in range(count))
    return f"models:\n{rows}\n"


async def test_readiness_fails_first_and_requests_are_still_taken_for_a_while(serve: Serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate, " two"])) as upstream:
        daemon = await serve(config(upstream.url, "shutdown_delay: 60s"))
        running = asyncio.ensure_future(ask(daemon, stream=True))
        await gate.arrived()
        daemon.terminate()
        await daemon.logged("server.draining")
        ready = await get(f"{daemon.url}/readyz")
        assert (ready.status, ready.headers["connection"]) == (503, "close")
        assert (await get(f"{daemon.url}/livez")).status == 200
        upstream.script(Completion("late"))
        late = await ask(daemon)
        assert (late.text, late.headers["connection"]) == ("late", "close")
        gate.open()
        assert text_of((await running).events) == "one two"
        daemon.terminate()
        assert await ended(daemon, 5) == 0


async def test_running_streams_end_well_while_idle_connections_and_the_listener_close(serve: Serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate, " two"])) as upstream:
        daemon = await serve(config(upstream.url, "drain_timeout: 60s"))
        idle = await Wire.dial("127.0.0.1", int(daemon.url.rpartition(":")[2]))
        await idle.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await idle.read_until(b"}")
        running = [asyncio.ensure_future(ask(daemon, stream=True)) for _ in range(20)]
        await gate.arrived(20)
        daemon.terminate()
        async with asyncio.timeout(5):
            await idle.gone.wait()
        await idle.stop()
        with pytest.raises(aiohttp.ClientConnectorError):
            await get(f"{daemon.url}/livez")
        gate.open()
        for answer in await asyncio.gather(*running):
            assert (text_of(answer.events), answer.events[-1]) == ("one two", "[DONE]")
        assert await ended(daemon, 5) == 0
        assert (await daemon.logged("server.stopped"))["open_requests"] == 0


async def test_what_does_not_end_in_time_is_told_that_the_server_is_shutting_down(serve: Serve):
    gate = Gate()
    by = Choose(lambda request: Stream(["one", gate]) if request.json["messages"][0]["content"] == "talk" else Hang())
    async with Upstream(by) as upstream:
        daemon = await serve(config(upstream.url, "drain_timeout: 300ms"))
        url = f"{daemon.url}/v1/chat/completions"
        begun = asyncio.ensure_future(post(url, chat("m", "talk", stream=True)))
        await gate.arrived()
        waiting = [asyncio.ensure_future(ask(daemon, stream=stream)) for stream in (True, False)]
        await upstream.received(3)
        asked = time.monotonic()
        daemon.terminate()
        assert await ended(daemon, 5) == 0
        assert time.monotonic() - asked < 0.3 + 1
        cut = await begun
        assert (cut.status, text_of(cut.events[:-1])) == (200, "one")
        error = json.loads(cut.events[-1])["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == "shutting_down"
        for answer in await asyncio.gather(*waiting):
            assert (answer.status, answer.json["error"]["code"]) == (503, "shutting_down")
            assert (answer.headers["connection"], answer.headers["retry-after"]) == ("close", "1")
        assert all(request.closed for request in upstream.requests)


async def test_a_client_that_never_reads_does_not_hold_the_daemon_up(serve: Serve):
    async with Upstream(Completion("y" * (16 << 20))) as upstream:
        daemon = await serve(config(upstream.url, "drain_timeout: 300ms"))
        deaf = await Wire.dial("127.0.0.1", int(daemon.url.rpartition(":")[2]))
        deaf._open().pause_reading()
        body = json.dumps(chat("m")).encode()
        request = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        await deaf.write(request.encode() + body)
        await (await upstream.received()).ended.wait()
        daemon.terminate()
        assert await ended(daemon, 4) == 0
        await deaf.stop()


async def test_a_second_signal_is_immediate(serve: Serve):
    gate = Gate()
    async with Upstream(Stream(["one", gate])) as upstream:
        daemon = await serve(config(upstream.url, "drain_timeout: 60s, shutdown_delay: 60s"))
        running = asyncio.ensure_future(ask(daemon, stream=True))
        await gate.arrived()
        daemon.terminate()
        await daemon.logged("server.draining")
        daemon.terminate()
        assert await ended(daemon, 2) == 0
        assert json.loads((await running).events[-1])["error"]["code"] == "shutting_down"


async def test_a_stop_during_start_up_ends_it(tmp_path: Path):
    file = write_config(tmp_path / "g4f.yaml", many_models(20_000))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "g4f.cli.daemon", "--config", str(file), "--listen", "127.0.0.1:0"),
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        while not _catches(process.pid, signal.SIGTERM):
            await asyncio.sleep(0.005)
        process.terminate()
        _, err = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in err
    assert b"server.ready" not in err


async def test_a_stop_during_a_reload_ends_in_order(serve: Serve):
    daemon = await serve("models: {m: {chain: [Demo]}}")
    atomic_write(daemon.config, many_models(20_000))
    daemon.reload()
    daemon.terminate()
    assert await ended(daemon, 20) == 0
    assert "Traceback" not in daemon.output()
    assert daemon.log_lines("server.stopped")


async def test_no_answer_names_the_software_below(serve: Serve):
    daemon = await serve("models: {m: {chain: [Demo]}}")
    for path in ("/livez", "/v1/models", "/nowhere"):
        assert (await get(f"{daemon.url}{path}")).headers["server"] == "g4fd"
    assert (await ask(daemon, stream=True)).headers["server"] == "g4fd"
    wire = await Wire.dial("127.0.0.1", int(daemon.url.rpartition(":")[2]))
    await wire.write(b"NONSENSE\r\n\r\n")
    refusal = await wire.read_until(b"\r\n\r\n")
    assert refusal.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert b"server: g4fd\r\n" in refusal.lower()
    assert b"python" not in refusal.lower()
    await wire.stop()


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal (`SigCgt` of proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt:")).split()[1]
    return bool(int(mask, 16) >> (number - 1) & 1)
