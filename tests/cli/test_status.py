"""`g4fd status`: how a running daemon does, on a terminal under traffic and in a pipe."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from g4f.cli import exits
from g4f.cli.statuspage import page
from g4f.gateway.trial import Verdict
from g4f.meter.reading import counted
from tests.conftest import Serve
from tests.support.caller import chat, post
from tests.support.daemon import ROOT, Daemon
from tests.support.files import atomic_write
from tests.support.replies import Completion, Status
from tests.support.terminal import Terminal
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e


def config(url: str) -> str:
    return f"""
        defaults: {{retries: 0}}
        providers: {{Good: {{base_url: "{url}"}}, Bad: {{base_url: "{url}", key: a-key, models: {{m: bad}}}}}}
        models: {{m: {{chain: [Bad, Good]}}}}
        """


def ask(daemon: Daemon):
    return post(f"{daemon.url}/v1/chat/completions", chat("m"))


def words(daemon: Daemon, *more: str) -> list[str]:
    return [sys.executable, "-m", "g4f.cli.daemon", "status", "--url", daemon.url, *more]


def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "TERM": "xterm"}


async def run(daemon: Daemon, tmp_path: Path, *more: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *words(daemon, *more), env=environ(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_in_a_pipe_it_is_shown_once_with_what_is_wrong(serve: Serve, tmp_path):
    async with Upstream(Status(401), Completion()) as upstream:
        daemon = await serve(config(upstream.url))
        assert (await ask(daemon)).status == 200
        atomic_write(daemon.config, "modles: {}")
        daemon.reload()
        await daemon.logged("config.refused")
        code, out, err = await run(daemon, tmp_path)
        assert (code, err) == (exits.WELL, "")
        assert "generation 1" in out
        assert "THE FILE IS REFUSED: " in out
        assert "modles" in out
        (bad,) = [line.split() for line in out.splitlines() if line.startswith("  Bad")]
        assert bad[:3] == ["Bad", "1", "1"]
        assert "auth, again in 5m" in " ".join(bad) or "auth, again in 6m" in " ".join(bad)
        assert [line.split() for line in out.splitlines() if line.startswith("  Good")] == [["Good", "1", "0", "ok"]]
        code, out, _ = await run(daemon, tmp_path, "--json")
        assert json.loads(out)["counts"]["models"]["m"] == {"requests": 1, "errors": 0}
        assert code == exits.WELL


async def test_on_a_terminal_it_is_live_until_q_and_waits_for_a_daemon_that_restarts(serve: Serve, tmp_path):
    async with Upstream(Completion()) as upstream:
        daemon = await serve(config(upstream.url))

        async def traffic() -> None:
            while True:
                await ask(daemon)

        load = asyncio.ensure_future(traffic())
        with Terminal(words(daemon, "--every", "0.2"), environ=environ(tmp_path), cwd=tmp_path) as terminal:
            await asyncio.to_thread(terminal.until, "REQUESTS/S")
            terminal.forget()
            await asyncio.to_thread(terminal.until, "/s requests")
            load.cancel()
            await daemon.stop()
            await asyncio.to_thread(terminal.until, "No daemon answers")
            terminal.type("q")
            assert await asyncio.to_thread(terminal.ended) == exits.WELL
            assert terminal.shown.endswith("\x1b[?1049l")


def test_without_a_daemon_it_exits_2(capsys):
    from g4f.cli import daemon

    assert daemon.main(["status", "--url", "http://127.0.0.1:1"]) == exits.USAGE
    assert "No daemon answers" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        daemon.main(["status", "--every", "0"])


SCRAPE = """\
# HELP g4fd_requests_total requests
g4fd_requests_total{endpoint="chat",model="a \\"quoted\\" {name}",status="200"} 3.0
g4fd_requests_total{endpoint="chat",model="a \\"quoted\\" {name}",status="502"} 1.0
g4fd_requests_total{endpoint="models",model="",status="200"} 9.0
g4fd_attempts_total{provider="P",outcome="answered",failure=""} 5.0
g4fd_attempts_total{provider="P",outcome="failed",failure="connect"} 2.0
nonsense
"""

STATE = {
    "version": "1",
    "uptime_seconds": 3661,
    "generation": 2,
    "file": "f",
    "models": 1,
    "open_requests": 0,
    "loop_lag_seconds": 0.001,
    "draining": True,
    "reload": {},
    "workers": [{"worker": 0, "open_requests": 3}, {"worker": 1, "open_requests": 4}],
    "trial": {"verdict": Verdict.GOING_ON.value, "percent": 10, "generation": 3},
    "providers": [{"name": "P", "usable": True}],
    "cooldowns": [
        {"provider": "P", "key": "one", "model": None, "proxy": None, "failure": "quota", "for": 61.4},
        {"provider": "P", "key": "one", "model": None, "proxy": None, "failure": "quota", "for": 31.4},  # a worker's
        {"provider": "P", "key": None, "model": "m", "proxy": None, "failure": "auth", "for": 120.0},
        {"provider": None, "key": None, "model": None, "proxy": "office", "failure": "proxy", "for": 0.2},
    ],
}


def test_the_page_has_totals_first_and_rates_then():
    first = counted(SCRAPE, 10.0)
    assert first.requests == {'a \\"quoted\\" {name}': 4}
    assert (first.errors['a \\"quoted\\" {name}'], first.calls["P"], first.failures["P"]) == (1, 7, 2)
    later = counted(SCRAPE.replace("3.0", "13.0"), 15.0)
    assert later.since(first).requests == {'a \\"quoted\\" {name}': 2}
    restarted = counted(SCRAPE.replace("3.0", "0.0"), 15.0)
    assert restarted.since(first).requests == {'a \\"quoted\\" {name}': 0}
    text = "\n".join(page("u", STATE, later, before=first))
    for told in (
        "up 1h1m",
        "DRAINING",
        "10 %",
        "key one: quota, again in 1m1s",
        "proxy office",
        "2.0/s requests",
        "2 workers: 3, 4 open",
    ):
        assert told in text
    assert text.count("quota") == 1
