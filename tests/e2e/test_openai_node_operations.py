"""The official OpenAI SDK for Node.js does everything but chat (`node/operations.mjs`), with a daemon that has Demo."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.support.replies import Status
from tests.support.upstream import Upstream

pytestmark = pytest.mark.e2e

KEY = "a-key-of-sixteen-characters-or-more"
NODE = Path(__file__).parent / "node"


async def test_the_sdk_for_node_embeds_draws_hears_and_speaks(serve: Serve):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the OpenAI SDK for Node.js was not tried")
    if not (NODE / "node_modules" / "openai").is_dir():
        pytest.skip("tests/e2e/setup.sh did not install the OpenAI SDK for Node.js: it was not tried")
    # This SDK asks for base64 and takes it for granted: an upstream that only has lists must not be noticed.
    lists = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -2]}], "model": "x"}
    async with Upstream(Status(200, lists)) as upstream:
        daemon = await serve(
            json.dumps(
                {
                    "server": {"keys": [{"name": "test", "key": KEY}]},
                    "providers": {"Lists": {"base_url": upstream.url}},
                    "models": {"m": {"chain": ["Demo"]}, "lists": {"chain": ["Lists"]}},
                }
            )
        )
        process = await asyncio.create_subprocess_exec(
            *(node, str(NODE / "operations.mjs"), f"{daemon.url}/v1", KEY),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(daemon.config.parent)},
        )
        out, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    seen = json.loads(out)
    assert (seen["dimensions"], seen["numbers"], seen["lists"]) == (64, True, [0.5, -2])
    assert seen["flagged"] is False
    assert seen["text"].startswith("This is Demo")
    assert "".join(seen["pieces"]) == seen["text"]
    assert seen["drawn"] == ["iVBORw0K"] * 2
    assert seen["linked"].startswith(f"{daemon.url}/media/")
    assert seen["varied"] == 1
    assert (seen["spoken"], seen["speechType"]) == ("RIFF", "audio/wav")
    assert "9 bytes" in seen["heard"]
    assert "00:00:01,000" in seen["subtitles"]
    assert seen["events"] == ["transcript.text.done"]
    said, kept, asked = seen["response"]
    assert (said.startswith("This is Demo"), kept, asked) == (True, said, 1)
    assert (seen["responseEvents"][0], seen["responseEvents"][-1]) == ("response.created", "response.completed")
    assert seen["pictureEvents"] == ["image_generation.completed"]
    assert seen["refused"] == {"name": "NotFoundError", "status": 404, "code": "model_not_found"}
