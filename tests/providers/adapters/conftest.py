"""A server in front of scripted services, asked by the official SDK."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from tests.api.conftest import serve
from tests.support.upstream import Upstream

__all__ = ["serve"]

KEY = "service-key-0123456789abcdef"


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def front(serve: Any, upstream: Upstream) -> AsyncIterator[Any]:
    """`await front("ElevenLabs", "speech", base="")` serves a provider's row from the scripted service: `client`, and
    `client.sdk` that asks it. The model `m` is the provider's `model`."""
    opened = []

    async def start(
        provider: str, operations: str = "chat", *, model: str = "up", path: str = "", key: str | None = KEY
    ) -> Any:
        keys = f", key: {key}" if key else ""
        client = await serve(
            f"""
            defaults: {{retries: 0}}
            providers:
              {provider}: {{base_url: "{upstream.url.removesuffix("/v1")}{path}"{keys}}}
              Spare: {{base_url: "{upstream.url}", operations: [chat]}}
            models:
              m: {{chain: [{provider}/{model}], operations: [{operations}]}}
            """
        )
        client.sdk = openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0)
        opened.append(client.sdk)
        return client

    yield start
    for sdk in opened:
        await sdk.close()
