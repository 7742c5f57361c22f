"""A daemon that was killed knows, when it is back, what it had learnt."""

import asyncio
import json
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from tests.support.caller import chat, post
from tests.support.daemon import Daemon
from tests.support.files import write_config
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

CANARY = "canary-4c1f9d77e1f04f0a"


def config(a: str, b: str, key: str = CANARY) -> str:
    return f"""
        state: file:state
        defaults: {{retries: 0}}
        providers:
          A: {{base_url: "{a}", keys: [{{name: main, key: {key}}}]}}
          B: {{base_url: "{b}"}}
        models:
          m: {{chain: [A, B]}}
        """


async def ask(daemon: Daemon) -> str:
    answer = await post(f"{daemon.url}/v1/chat/completions", chat("m"))
    return answer.headers.get("x-g4f-trail", "")


async def explained(daemon: Daemon) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "g4f.cli.daemon", "explain", "m", "--url", daemon.url),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C.UTF-8"},
    )
    out, _ = await process.communicate()
    return out.decode()


async def saved(directory: Path) -> list[dict]:
    """The cooldowns, once there are any on the disk."""
    async with asyncio.timeout(10):
        while True:
            document = directory / "state" / "cooldowns.json"
            found = json.loads(document.read_bytes())["cooldowns"] if document.exists() else []
            if found:
                return found
            await asyncio.sleep(0.02)


async def kill_9(daemon: Daemon) -> None:
    os.kill(daemon.pid, 9)
    await daemon.stop()


async def test_a_cooldown_is_still_there_after_kill_9(tmp_path):
    limited = Status(429, headers={"Retry-After": "120"})
    async with Upstream(limited) as a, Upstream(Completion()) as b:
        file = write_config(tmp_path / "g4f.yaml", config(a.url, b.url))
        async with Daemon(file) as daemon:
            assert await ask(daemon) == "A=rate_limited"
            await saved(tmp_path)
            await kill_9(daemon)
        async with Daemon(file) as daemon:
            assert daemon.log_lines("state.restored")[0]["cooldowns"] == 1
            assert "A/m key main" in await explained(daemon)
            assert "skipped: cooldown (after rate_limited)" in await explained(daemon)
            assert await ask(daemon) == "A=cooldown"
        assert len(a.requests) == 1


async def test_another_key_does_not_inherit_the_cooldown(tmp_path):
    async with Upstream(Status(401), Completion()) as a, Upstream(Completion()) as b:
        file = write_config(tmp_path / "g4f.yaml", config(a.url, b.url))
        async with Daemon(file) as daemon:
            assert await ask(daemon) == "A=auth"
            await saved(tmp_path)
            await kill_9(daemon)
        write_config(file, config(a.url, b.url, key="another-key-5b0a11c2"))
        async with Daemon(file) as daemon:
            assert daemon.log_lines("state.restored")[0]["cooldowns"] == 0
            assert await ask(daemon) == ""


async def test_a_stop_saves_what_the_last_second_taught(tmp_path):
    async with Upstream(Status(401)) as a, Upstream(Completion()) as b:
        file = write_config(tmp_path / "g4f.yaml", config(a.url, b.url))
        async with Daemon(file) as daemon:
            await ask(daemon)
            assert await daemon.stop() == 0
        kept = tmp_path / "state" / "cooldowns.json"
        assert [c["kind"] for c in json.loads(kept.read_bytes())["cooldowns"]] == ["auth"]
        assert CANARY not in kept.read_text()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b'{"version": 1, "sal', b"\x00" * 4096, b"[[[["])
async def test_a_damaged_file_is_said_once_and_serves_all_the_same(tmp_path, content):
    (tmp_path / "state").mkdir(0o700)
    (tmp_path / "state" / "cooldowns.json").write_bytes(content)
    async with Upstream() as a, Upstream() as b:
        async with Daemon(write_config(tmp_path / "g4f.yaml", config(a.url, b.url))) as daemon:
            assert await ask(daemon) == ""
            assert len(daemon.log_lines("state.ignored")) == 1


async def test_a_directory_that_cannot_be_used_is_said_at_start_and_serves_all_the_same(tmp_path):
    (tmp_path / "state").write_text("a file in its place")
    async with Upstream() as a, Upstream() as b:
        async with Daemon(write_config(tmp_path / "g4f.yaml", config(a.url, b.url))) as daemon:
            assert await ask(daemon) == ""
            (said,) = daemon.log_lines("state.unavailable")
            assert said["level"] == "warning"
            assert said["problem"] == "file exists"


async def test_a_changed_place_is_said_to_need_a_restart(tmp_path):
    async with Upstream() as a, Upstream() as b:
        file = write_config(tmp_path / "g4f.yaml", config(a.url, b.url))
        async with Daemon(file) as daemon:
            write_config(file, config(a.url, b.url).replace("file:state", "file:elsewhere"))
            daemon.reload()
            assert "state changed" in (await daemon.logged("config.needs_restart"))["problem"]
            assert not (tmp_path / "elsewhere").exists()


async def test_a_conversation_outlives_a_daemon_that_was_killed(tmp_path):
    async with Upstream(Completion("nice to meet you")) as a:
        path = write_config(tmp_path / "g4f.yaml", config(a.url, a.url))
        for prompt in ("I am Ada", "Who am I?"):
            async with Daemon(path) as daemon:
                answer = await post(f"{daemon.url}/v1/chat/completions", chat("m", prompt, conversation_id="c"))
                assert answer.json["conversation_id"] == "c"
                os.kill(daemon.pid, signal.SIGKILL)
        said = [message["content"] for message in a.requests[1].json["messages"]]
    assert said == ["I am Ada", "nice to meet you", "Who am I?"]
    (kept,) = (tmp_path / "state").glob("conversation.*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
