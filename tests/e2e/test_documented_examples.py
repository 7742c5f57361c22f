"""The examples that users were given, run as they are against `g4f api` started as they were told to."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemon import ROOT, Daemon
from tests.support.http import Request, answer
from tests.support.replies import Completion
from tests.support.upstream import Upstream
from tests.support.wire import Wire

pytestmark = pytest.mark.e2e

EXAMPLES, NODE = Path(__file__).parent / "examples", Path(__file__).parent / "node"
PICTURE = "https://example.com/generated-image.jpg"


class Image:
    """An upstream's picture."""

    async def play(self, wire: Wire, request: Request) -> bool:
        body = {"created": 1677652288, "data": [{"url": PICTURE}]}
        await wire.write(answer(200, {}, json.dumps(body).encode()))
        return True


class Server:
    """A running `g4f api`, its scripted providers, and the examples run against it."""

    def __init__(self, daemon: Daemon, copilot: Upstream, place: Path) -> None:
        self.copilot = copilot
        self._daemon = daemon
        self._place = place

    async def run(self, *program: str, **environ: str) -> str:
        """What an example prints."""
        process = await asyncio.create_subprocess_exec(
            *program,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._place,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self._place), "URL": self._daemon.url, **environ},
        )
        out, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return out.decode()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    words = [
        *("api", "--port", "0", "--debug", "--gui", "--g4f-api-key", "your-secret-key", "--provider", "Copilot"),
        *("--model", "gpt-4o-mini", "--proxy", "http://proxy.example.com:8080", "--timeout", "300"),
    ]
    async with AsyncExitStack() as stack:
        copilot = await stack.enter_async_context(Upstream(Completion("Hello! How can I help you today?")))
        images = await stack.enter_async_context(Upstream(Image()))
        file = tmp_path / "g4f.yaml"
        file.write_text(
            json.dumps(
                {
                    "providers": {
                        "Copilot": {
                            "adapter": None,
                            "dialect": "openai",
                            "base_url": copilot.url,
                            "url": "https://copilot.microsoft.com",
                        },
                        "PollinationsAI": {"dialect": "openai", "base_url": images.url},
                    },
                    "models": {
                        "gpt-4o": {"chain": ["Copilot"]},
                        "gpt-4o-mini": {"chain": ["Copilot"]},
                        "dall-e-3": {"chain": ["PollinationsAI"], "operations": ["image-generation"]},
                    },
                }
            )
        )
        cookies = [{"domain": ".copilot.microsoft.com", "name": "session", "value": "x"}]
        (tmp_path / "cookies.json").write_text(json.dumps(cookies))
        daemon = await stack.enter_async_context(Daemon(file, program="g4f", words=words))
        yield Server(daemon, copilot, tmp_path)


async def test_the_requests_with_curl(server: Server):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    printed = await server.run("sh", str(EXAMPLES / "requests.sh"))
    chat, image, pinned, conversation, cookies, models, provider = map(json.loads, printed.splitlines())
    assert (chat["object"], chat["model"], chat["provider"]) == ("chat.completion", "gpt-4o-mini", "Copilot")
    assert chat["choices"][0]["message"]["content"] == "Hello! How can I help you today?"
    assert set(chat["usage"]) >= {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert image["data"] == [{"url": PICTURE}]
    assert pinned["model"] == "gpt-4"
    assert conversation["conversation_id"] == "conv-123"
    assert cookies == [{"filename": "cookies.json", "domains": ["copilot.microsoft.com"]}]
    assert _by_id(models)["gpt-4o"]["object"] == "model"
    assert _by_id(models)["Copilot"]["provider"] is True
    assert (provider["provider"], provider["working"], provider["url"]) == (
        "Copilot",
        True,
        "https://copilot.microsoft.com",
    )


def _by_id(models: Mapping[str, Any]) -> dict[str, Any]:
    return {model["id"]: model for model in models["data"]}


async def test_the_examples_in_python(server: Server):
    printed = await server.run(sys.executable, str(EXAMPLES / "openai_client.py"))
    assert printed.splitlines() == ["Hello! How can I help you today?"] * 2 + [PICTURE]
    assert server.copilot.requests[0].key == ""  # the server's own key goes to nobody


async def test_the_examples_in_javascript(server: Server):
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "openai-v3").is_dir():
        pytest.skip("tests/e2e/setup.sh did not install the OpenAI SDKs for Node.js: the examples were not tried")
    code = (EXAMPLES / "clients.cjs").read_text()
    printed = await server.run(node, "--input-type=commonjs", "-e", code, NODE_PATH=str(NODE / "node_modules"))
    assert printed.splitlines() == ["Hello! How can I help you today?"] * 2


async def test_the_example_with_langchain(server: Server):
    pytest.importorskip("langchain_openai", reason="langchain-openai is not installed: its example was not tried")
    printed = await server.run(sys.executable, str(EXAMPLES / "langchain_client.py"), PYTHONPATH=str(ROOT))
    assert printed.splitlines() == ["Hello! How can I help you today?"] * 2
