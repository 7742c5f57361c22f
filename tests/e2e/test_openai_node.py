"""The official OpenAI SDK for Node.js (`node/client.mjs`), against a daemon in front of scripted upstreams."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Serve
from tests.support.replies import Completion, Reply, Status, Stream, ToolCall, error
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

KEY = "a-key-of-sixteen-characters-or-more"
NODE = Path(__file__).parent / "node"
UPSTREAMS: dict[str, Reply] = {
    "good": Completion("all is well"),
    "tools": Completion(tool_calls=[ToolCall("weather", '{"city": "Oslo"}')]),
    "breaks": Stream(["one", " two"], end="cut"),
    "refuses": Status(400, error("no such thing", type="invalid_request_error", param="tools", code="invalid_type")),
    "limits": Status(429, headers={"Retry-After": "20"}),
}


@pytest.fixture
async def seen(serve: Serve) -> AsyncIterator[dict[str, Any]]:
    """What a program that uses the SDK saw."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the OpenAI SDK for Node.js was not tried")
    if not (NODE / "node_modules" / "openai").is_dir():
        pytest.skip("tests/e2e/setup.sh did not install the OpenAI SDK for Node.js: it was not tried")
    async with AsyncExitStack() as stack:
        urls = {name: (await stack.enter_async_context(Upstream(reply))).url for name, reply in UPSTREAMS.items()}
        daemon = await serve(
            json.dumps(
                {
                    "server": {"keys": [{"name": "test", "key": KEY}]},
                    "defaults": {"retries": 0},
                    "providers": {name: {"base_url": url} for name, url in urls.items()},
                    "models": {name: {"chain": [name]} for name in urls},
                }
            )
        )
        process = await asyncio.create_subprocess_exec(
            *(node, str(NODE / "client.mjs"), f"{daemon.url}/v1", KEY),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(daemon.config.parent)},
        )
        out, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        yield json.loads(out)


async def test_the_sdk_for_node_gets_answers_streams_tools_and_typed_errors(seen: dict[str, Any]):
    assert (seen["text"], seen["usage"]["total_tokens"], seen["provider"]) == ("all is well", 10, "good")
    assert seen["requestId"]
    assert set(UPSTREAMS) <= set(seen["models"])
    assert seen["retrieved"] == "good"
    assert seen["pieces"] == ["all", " is", " well"]
    assert seen["tools"] == [[{"name": "weather", "arguments": '{"city": "Oslo"}'}]] * 2

    assert seen["broken"]["pieces"] == ["one", " two"]
    assert seen["broken"]["error"]["name"] == "APIError"
    assert seen["broken"]["error"]["code"] == "upstream_disconnected"

    assert _told(seen["unknownModel"]) == ("NotFoundError", 404, "model_not_found")
    assert _told(seen["wrongKey"]) == ("AuthenticationError", 401, "invalid_api_key")
    assert _told(seen["badRequest"]) == ("BadRequestError", 400, "invalid_type")
    assert seen["badRequest"]["param"] == "tools"
    assert seen["unprocessable"]["name"] == "UnprocessableEntityError"
    assert seen["unprocessable"]["param"] == "temperature"
    assert _told(seen["rateLimited"]) == ("RateLimitError", 429, "rate_limit_exceeded")
    assert 15 < int(seen["rateLimited"]["retryAfter"]) <= 25


def _told(caught: dict[str, Any]) -> tuple[str, int, str]:
    return caught["name"], caught["status"], caught["code"]
