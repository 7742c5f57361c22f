"""The daemon under a supervisor such as systemd: what it tells, and the sockets it takes over."""

import asyncio
import os
import re
import signal
import socket
import textwrap
import time

import aiohttp
import pytest

from tests.support.caller import chat, get, post
from tests.support.files import atomic_write, write_config
from tests.support.replies import Status
from tests.support.supervisor import Supervisor, listening
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

DEMO = "models: {m: {chain: [Demo]}}\n"


def chained(url: str) -> str:
    return f'''
        defaults: {{retries: 0}}
        providers: {{P: {{base_url: "{url}"}}}}
        models: {{m: {{chain: [P, Demo]}}}}
        '''


@pytest.fixture
def config(tmp_path):
    return write_config(tmp_path / "g4f.yaml", DEMO)


async def test_it_says_ready_when_it_serves_reloading_when_it_reloads_and_stopping_when_it_stops(config):
    async with Supervisor(config) as supervisor:
        assert await supervisor.hear("READY=1") == ["READY=1", "STATUS=generation 1, 1 of 1 providers healthy"]
        assert (await get(f"{supervisor.daemon.url}/readyz")).status == 200
        before = time.monotonic_ns() // 1000
        atomic_write(config, DEMO + "log: {level: debug}\n")
        supervisor.daemon.reload()
        told = await supervisor.hear("RELOADING=1")
        assert before <= int(told[1].removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1000
        assert await supervisor.hear("READY=1") == ["READY=1", "STATUS=generation 2, 1 of 1 providers healthy"]
        supervisor.daemon.terminate()
        stopping = await supervisor.hear("STOPPING=1")
        assert stopping[1].startswith("STATUS=draining, 0 open requests")
        assert int(stopping[2].removeprefix("EXTEND_TIMEOUT_USEC=")) == 40_000_000


async def test_a_signal_is_answered_even_where_nothing_changed_and_a_bad_file_shows_in_the_status(config):
    async with Supervisor(config, abstract=True) as supervisor:
        await supervisor.hear("READY=1")
        supervisor.daemon.reload()
        await supervisor.hear("RELOADING=1")
        assert (await supervisor.hear("READY=1"))[1] == "STATUS=generation 1, 1 of 1 providers healthy"
        atomic_write(config, "modles: {}\n")
        supervisor.daemon.reload()
        status = (await supervisor.hear("READY=1"))[1]
        assert re.match(r"STATUS=generation 1, .*; the file as it is now is refused: .*g4f\.yaml:1:1: modles: ", status)


async def test_the_status_follows_the_providers(tmp_path):
    async with Upstream(Status(401)) as upstream:
        config = write_config(tmp_path / "g4f.yaml", chained(upstream.url))
        async with Supervisor(config) as supervisor:
            assert "2 of 2" in (await supervisor.hear("READY=1"))[1]
            assert (await post(f"{supervisor.daemon.url}/v1/chat/completions", chat("m"))).status == 200
            assert await supervisor.hear("STATUS=generation 1, 1 of 2") == [
                "STATUS=generation 1, 1 of 2 providers healthy"
            ]


async def test_the_watchdog_is_fed_by_the_loop_and_starves_with_it(config):
    async with Supervisor(config, environ={"WATCHDOG_USEC": "200000"}) as supervisor:
        for _ in range(3):
            await supervisor.hear("WATCHDOG=1", within=1)
        os.kill(supervisor.daemon.pid, signal.SIGSTOP)
        supervisor.heard()
        with pytest.raises(TimeoutError):
            await supervisor.hear("WATCHDOG=1", within=0.4)
        os.kill(supervisor.daemon.pid, signal.SIGCONT)
        await supervisor.hear("WATCHDOG=1", within=1)


async def test_it_serves_on_every_socket_it_is_given_over_ip_and_unix(tmp_path, config):
    path = str(tmp_path / "g4fd.sock")
    sockets = {
        "four": listening(socket.AF_INET, ("127.0.0.1", 0)),
        "six": listening(socket.AF_INET6, ("::1", 0)),
        "file": listening(socket.AF_UNIX, path),
    }
    async with Supervisor(config, sockets=sockets) as supervisor:
        await supervisor.hear("READY=1")
        for url in (
            f"http://127.0.0.1:{sockets['four'].getsockname()[1]}",
            f"http://[::1]:{sockets['six'].getsockname()[1]}",
        ):
            assert (await post(f"{url}/v1/chat/completions", chat("m"))).status == 200
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
            async with session.post("http://localhost/v1/chat/completions", json=chat("m")) as answer:
                assert answer.status == 200
    for opened in sockets.values():
        opened.close()


async def test_a_restart_behind_an_inherited_socket_refuses_nobody(config):
    opened = listening(socket.AF_INET, ("127.0.0.1", 0))
    url = f"http://127.0.0.1:{opened.getsockname()[1]}"
    async with Supervisor(config, sockets={"g4fd": opened}) as supervisor:
        assert (await get(f"{url}/livez")).status == 200
        assert await supervisor.daemon.stop() == 0
    waiting = asyncio.ensure_future(get(f"{url}/livez"))
    async with Supervisor(config, sockets={"g4fd": opened}):
        assert (await waiting).status == 200
    opened.close()


async def test_a_public_socket_needs_keys_whatever_address_the_file_names(tmp_path):
    config = write_config(tmp_path / "g4f.yaml", "server: {listen: 127.0.0.1:0}\n" + DEMO)
    opened = listening(socket.AF_INET, ("0.0.0.0", 0))
    supervisor = Supervisor(config, sockets={"g4fd": opened})
    with pytest.raises(AssertionError, match=r"ended with 78:\n.*listen 0\.0\.0\.0:\d+ without keys"):
        await supervisor.__aenter__()
    supervisor.close()
    opened.close()


async def test_a_socket_that_cannot_be_served_on_refuses_the_start(tmp_path, config):
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    supervisor = Supervisor(config, sockets={"odd": datagrams})
    with pytest.raises(AssertionError, match=r"ended with 78:\n.*descriptor 3 \(odd\): is not a listening"):
        await supervisor.__aenter__()
    supervisor.close()
    datagrams.close()


async def test_several_workers_are_one_daemon_to_systemd(tmp_path):
    opened = listening(socket.AF_INET, ("127.0.0.1", 0))
    url = f"http://127.0.0.1:{opened.getsockname()[1]}"
    async with Upstream(Status(401)) as upstream:
        text = f"server: {{workers: 2}}\n{textwrap.dedent(chained(upstream.url))}"
        config = write_config(tmp_path / "g4f.yaml", text)
        environ = {"WATCHDOG_USEC": "1000000"}
        async with Supervisor(config, sockets={"g4fd": opened}, environ=environ) as supervisor:
            serving = "STATUS=generation 1, 2 of 2 workers serve, "
            assert (await supervisor.hear("READY=1"))[1] == f"{serving}2 of 2 providers healthy"
            await supervisor.hear("WATCHDOG=1")
            assert (await post(f"{url}/v1/chat/completions", chat("m"))).status == 200
            await supervisor.hear(f"{serving}1 of 2 providers healthy")
            atomic_write(config, "modles: {}\n")
            supervisor.daemon.reload()
            await supervisor.hear("RELOADING=1")
            assert "the file as it is now is refused" in (await supervisor.hear("READY=1"))[1]
            supervisor.daemon.terminate()
            stopping = await supervisor.hear("STOPPING=1")
            assert stopping[1].startswith("STATUS=draining, ")
            assert await supervisor.daemon.stop() == 0
    opened.close()
