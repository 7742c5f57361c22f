"""A fresh machine: no key, no network, the example as it is shipped."""

import asyncio
import contextlib
import json
import socket
import sys
from pathlib import Path

import openai
import pytest

from tests.conftest import Serve
from tests.support.caller import chat, get, post, text_of
from tests.support.daemon import Daemon

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).parents[2] / "g4f.example.yaml"

#: Imports the package and prints which heavy modules came along, and every audited event that reaches for the network.
IMPORT = """
import json, sys
reached = []
sys.addaudithook(lambda event, args: reached.append(event) if event.startswith("socket.") else None)
before = set(sys.modules)
import g4f
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"modules": sorted(new), "reached": reached, "version": g4f.__version__}))
"""


@pytest.fixture
async def example(serve: Serve) -> Daemon:
    """The shipped example. Ollama's port is left alone unless somebody listens there."""
    return await serve(EXAMPLE.read_text("utf-8"))


def _ollama_runs() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 11434)) == 0


@pytest.mark.skipif(_ollama_runs(), reason="an Ollama on this machine would answer in Demo's place")
@pytest.mark.parametrize("stream", [False, True])
async def test_the_example_answers_without_a_key_and_without_a_network(example: Daemon, stream: bool):
    answer = await post(f"{example.url}/v1/chat/completions", chat("fast", stream=stream))
    assert answer.status == 200
    assert answer.headers["x-g4f-provider"] == "Demo"
    assert answer.headers["x-g4f-trail"] == "OpenAI=no_key, OpenRouter=no_key, Ollama=connect"
    assert (text_of(answer.events) if stream else answer.text).strip()


async def test_the_example_calls_a_tool(example: Daemon):
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    async with openai.AsyncOpenAI(base_url=f"{example.url}/v1", api_key="none") as client:
        answer = await client.chat.completions.create(
            model="demo", messages=[{"role": "user", "content": "Oslo?"}], tools=[tool], tool_choice="required"
        )
    calls = answer.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls] == ["weather"]
    assert json.loads(calls[0].function.arguments) == {}


async def test_liveness_and_readiness_need_no_key_and_everything_else_does(serve: Serve):
    daemon = await serve(EXAMPLE.read_text("utf-8"), environ={"G4F_API_KEY": "a-key-of-sixteen-characters"})
    for path in ("/livez", "/readyz"):
        assert (await get(daemon.url + path)).status == 200
    for path in ("/v1/models", "/v1/models/demo", "/v1/providers", "/v1/providers/Demo", "/api/Demo/models"):
        assert (await get(daemon.url + path)).status == 401, path
        assert (await get(daemon.url + path, {"x-api-key": "a-key-of-sixteen-characters"})).status == 200, path
    for path in ("/admin/explain?model=demo", "/nothing"):
        assert (await get(daemon.url + path)).status == 401, path


async def test_nothing_is_contacted_before_a_request_asks_for_it(serve: Serve):
    daemon = await serve(EXAMPLE.read_text("utf-8"))
    assert _calls(daemon) == 0
    answer = await post(f"{daemon.url}/v1/chat/completions", chat("demo"))
    assert answer.headers["x-g4f-provider"] == "Demo"
    assert _calls(daemon) == 0


async def test_an_unused_daemon_stops_at_once_and_well(example: Daemon):
    assert await example.stop() == 0
    assert [line["event"] for line in example.log_lines()][-1] == "server.stopped"


async def test_a_bad_file_at_the_start_is_told_with_its_place_and_78(tmp_path: Path):
    (tmp_path / "g4f.yaml").write_text("models:\n  m:\n    chian: [Demo]\n", "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "g4f.cli.daemon", "--config", "g4f.yaml"),
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
    )
    _, told = await process.communicate()
    assert process.returncode == 78
    assert "g4f.yaml:3:5: models.m.chian: unknown key; did you mean chain?" in told.decode().splitlines()


async def test_importing_the_package_loads_nothing_heavy_and_opens_no_socket(tmp_path: Path):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", IMPORT), stdout=asyncio.subprocess.PIPE, cwd=tmp_path, env={"HOME": str(tmp_path)}
    )
    out, _ = await process.communicate()
    found = json.loads(out)
    assert found["version"]
    assert found["reached"] == []
    assert {"aiohttp", "pydantic", "pydantic_settings", "yaml", "orjson", "structlog", "asyncio"}.isdisjoint(
        found["modules"]
    )


def _calls(daemon: Daemon) -> int:
    """How many TCP connections a daemon has but for those that came in at its port (proc(5), net/tcp)."""
    pid, port = daemon.pid, int(daemon.url.rpartition(":")[2])
    own = set()
    for number in list(Path(f"/proc/{pid}/fd").iterdir()):
        with contextlib.suppress(FileNotFoundError):  # closed in the meantime
            own.add(number.readlink().name)
    tables = [Path(f"/proc/{pid}/net/{name}").read_text("ascii") for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return sum(f"socket:[{row[9]}]" in own and not row[1].endswith(f":{port:04X}") for row in rows)
