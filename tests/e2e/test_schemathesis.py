"""Schemathesis asks a daemon whatever its own OpenAPI document allows and forbids: nothing breaks, and every answer is
one of those that the document names, in the shape that it has there."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.support.replies import Choose, Completion, Models, Reply, Status, Stream
from tests.support.upstream import Request, Upstream

pytestmark = pytest.mark.e2e

#: Cases of each operation beside those that its shape gives; with more the same is said in more ways.
CASES = "2"
#: Names that lead somewhere, where a name is a part of the path.
_KNOWN = """
[parameters]
"path.provider" = ["Demo", "Lab"]
"path.model" = ["m", "demo", "none"]
"path.call" = ["generateContent", "streamGenerateContent", "countTokens", "other"]
"""
#: Other names for what is tried under its first one; and the end of the daemon.
LEFT_OUT = (
    r"^/api/\{provider\}/(images|media|audio|rerank|moderations|responses)|/(images|media)/generate$|^/admin/drain$"
)
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def _moody(request: Request) -> Reply:
    """An upstream that answers, streams, breaks off or refuses, by what it is told."""
    replies: tuple[Reply, ...] = (Completion(), Completion(), Stream(["half"], end="cut"), Status(400))
    return replies[sum(request.body) % len(replies)]


@pytest.mark.timeout(170)
async def test_no_request_that_the_document_allows_or_forbids_gets_an_answer_that_it_does_not_name(
    serve: Serve, tmp_path: Path
):
    pytest.importorskip("schemathesis", reason="schemathesis is not installed: the API was not tried by it")
    async with Upstream(Choose(_moody)) as upstream:
        upstream.models = Models(["one", "two"])
        daemon = await serve(
            json.dumps(
                {
                    "server": {"web": True},
                    "defaults": {"retries": 0},
                    "limits": {"inflight": 100},
                    "providers": {"Lab": {"base_url": upstream.url}},
                    "models": {"m": {"chain": ["Lab", "Demo"]}, "*": {"chain": ["Demo"]}},
                }
            )
        )
        (tmp_path / "schemathesis.toml").write_text(_KNOWN)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{daemon.url}/openapi.json", "--checks", CHECKS),
            *("--phases", "coverage,fuzzing", "--max-examples", CASES, "--seed", "1", "--no-color"),
            *("--continue-on-failure", "--exclude-path-regex", LEFT_OUT, "--max-failures", "20"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"},
        )
        said, _ = await process.communicate()
    told = said.decode()
    assert process.returncode == 0, told[-8000:]
    assert "Test cases:" in told, told
