"""`g4f api`, and the application under gunicorn, as processes."""

import asyncio
import re
import sys
from pathlib import Path

import openai
import pytest

from tests.support.caller import chat, get, post
from tests.support.daemon import Daemon
from tests.support.replies import Completion
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

KEY = {"g4f-api-key": "your-secret-key"}


async def test_it_serves_without_a_file_and_asks_for_its_key(tmp_path):
    words = ["api", "--port", "0", "--debug", "--g4f-api-key", "your-secret-key", "--model", "gpt-4o"]
    async with Daemon(tmp_path / "none.yaml", program="g4f", words=words) as daemon:
        assert (await get(f"{daemon.url}/v1/models")).status == 401
        async with openai.AsyncOpenAI(base_url=f"{daemon.url}/v1", api_key="your-secret-key") as client:
            answer = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
            listed = [model.id async for model in client.models.list()]
        assert "This is Demo" in (answer.choices[0].message.content or "")
        assert {"llama-3.1-8b", "Ollama"} <= set(listed)
        daemon.reload()
        await daemon.logged("config.no_file")
        assert "your-secret-key" not in daemon.output()


async def test_its_options_stand_over_a_file(tmp_path):
    async with Upstream(Completion("from A")) as a, Upstream(Completion("from B")) as b:
        file = tmp_path / "g4f.yaml"
        file.write_text(
            f"providers: {{A: {{base_url: '{a.url}'}}, B: {{base_url: '{b.url}'}}}}\nmodels: {{m: {{chain: [A, B]}}}}\n"
        )
        words = ["api", "--config", str(file), "--bind", "127.0.0.1:0", "--provider", "B", "--timeout", "300"]
        async with Daemon(file, program="g4f.cli", words=words) as daemon:
            assert (await post(f"{daemon.url}/v1/chat/completions", chat("m"))).text == "from B"
            assert (await post(f"{daemon.url}/v1/chat/completions", chat("m", provider="A"))).text == "from A"


async def test_several_workers_without_a_file_all_ask_for_the_key(tmp_path):
    words = ["api", "--port", "0", "--g4f-api-key", "your-secret-key", "--workers", "2", "--gui"]
    async with Daemon(tmp_path / "none.yaml", program="g4f", words=words) as daemon:
        ready = await daemon.logged("server.ready")
        assert (ready["workers"], ready.get("file")) == (2, None)
        assert ready["chat"] == f"{daemon.url}/chat/"
        assert (await get(ready["chat"])).status == 200
        for _ in range(10):
            assert (await get(f"{daemon.url}/v1/models")).status == 401
        assert "This is Demo" in (await post(f"{daemon.url}/v1/chat/completions", chat("gpt-4o"), KEY)).text


async def test_gunicorn_runs_several_workers_that_all_ask_for_the_key(tmp_path):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gunicorn", "g4f.api:create_app", "--workers", "2", "--bind", "127.0.0.1:0"),
        *("--worker-class", "aiohttp.GunicornUVLoopWebWorker", "--no-control-socket"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "G4F_API_KEY": "your-secret-key",
        },
    )
    assert process.stdout is not None
    try:
        said = b""
        async with asyncio.timeout(30):
            while said.count(b"Booting worker") < 2:
                said += await process.stdout.readline()
        (url,) = re.findall(rb"Listening at: (http://[0-9.:]+)", said)
        answers = [await get(f"{url.decode()}/v1/models") for _ in range(20)]
        assert {answer.status for answer in answers} == {401}
        answer = await post(f"{url.decode()}/v1/chat/completions", chat("gpt-4o"), KEY)
        assert "This is Demo" in answer.text
    finally:
        process.terminate()
        async with asyncio.timeout(15):
            await process.communicate()
