"""A `base_url` with the version of its dialect's API at its end."""

import pytest

from g4f.providers.endpoint import root_of
from tests.support.replies import Status

PATHS = {
    "anthropic": "/v1/messages",
    "cohere": "/v2/chat",
    "gemini": "/v1beta/models/up:generateContent",
    "ollama": "/api/chat",
}


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        *((dialect, "/team") for dialect in PATHS),
        ("anthropic", "/team/v1/"),
        ("cohere", "/team/v1"),
        ("cohere", "/team/v2"),
        ("gemini", "/team/v1beta"),
        ("gemini", "/team/v1beta/"),
        ("ollama", "/team/api"),
    ],
)
async def test_a_version_at_the_end_of_an_address_is_not_asked_for_twice(serve, upstream, dialect, written):
    root = upstream.url.removesuffix("/v1")
    client = await serve(
        f"""
        defaults: {{retries: 0}}
        providers:
          Lab: {{base_url: "{root}{written}", dialect: {dialect}, keyless: true}}
        models:
          m: {{chain: [Lab/up]}}
        """
    )
    upstream.script(Status(400))
    await client.post("/v1/chat/completions", json={"model": "m", "messages": [{"role": "user", "content": "hi"}]})
    assert [request.path for request in upstream.requests] == [f"/team{PATHS[dialect]}"]


@pytest.mark.parametrize("address", ["http://api", "http://h/myapi", "http://h/api/more", "http://h/v1"])
def test_only_a_whole_last_part_of_the_path_is_a_version(address):
    assert root_of(address, ("/api",)) == address
