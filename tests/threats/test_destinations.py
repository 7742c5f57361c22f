"""Where a request goes and what it carries is the file's to say, whatever the request itself says."""

import copy
import json
import random

import pytest

from tests.support.caller import chat
from tests.support.replies import Completion
from tests.support.upstream import Upstream
from tests.threats.knocking import knock
from tests.threats.surface import MUTATORS

KEY = "0123456789abcdef"
PROVIDER_KEY = "the-provider-s-own-key"
FILE = """
server: {{keys: [{{name: k, key: "{key}"}}]}}
providers: {{P: {{base_url: "{url}", key: {provider_key}}}}}
models: {{m: {{chain: [P]}}}}
"""
#: Fields in which other gateways, SDKs and their users put an address, a credential or a choice of where to go.
FIELDS = (
    *(
        "base_url",
        "baseUrl",
        "api_base",
        "api_endpoint",
        "endpoint",
        "url",
        "host",
        "proxies",
        "proxy_url",
        "http_client",
    ),
    *(
        "api_key",
        "apiKey",
        "key",
        "token",
        "authorization",
        "Authorization",
        "headers",
        "extra_headers",
        "default_headers",
    ),
    *("extra_body", "extra_query", "litellm_params", "litellm_metadata", "model_list", "fallbacks", "deployment_id"),
    *(
        "custom_llm_provider",
        "vertex_credentials",
        "aws_region_name",
        "organization",
        "provider_kwargs",
        "config",
        "__class__",
    ),
    *(
        "webhook",
        "callback_url",
        "callbacks",
        "redirect",
        "target",
        "azure_endpoint",
        "api_version",
        "transport",
        "mounts",
    ),
)
#: Headers that a proxy or a framework might believe.
HEADERS = (
    *("X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Base-URL"),
    *(
        "x-portkey-custom-host",
        "x-portkey-config",
        "x-upstream",
        "Proxy-Authorization",
        "Destination",
        "Referer",
        "Origin",
    ),
    *("openai-organization", "x-goog-api-key", "api-key", "x-api-base", "Cookie"),
)


def _body(rng: random.Random, canary: str) -> dict:
    """A chat with the canary in some places: in fields of a telling name, on any level, as text, list or object."""
    body = chat("m", tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}])
    body["metadata"] = {"a": "b"}
    places = [body, body["messages"][0], body["tools"][0], body["tools"][0]["function"], body["metadata"]]
    for _ in range(rng.randint(1, 5)):
        values = [
            canary,
            [canary],
            {"url": canary, "base_url": canary, "api_key": KEY},
            [{"url": canary}],
            {"Authorization": canary},
        ]
        rng.choice(places)[rng.choice(FIELDS)] = copy.deepcopy(rng.choice(values))
    return body


async def test_no_field_header_or_parameter_of_a_request_chooses_where_it_goes(serve) -> None:
    rng = random.Random(1)
    async with Upstream(Completion()) as upstream, Upstream(Completion()) as sink:
        text = FILE.format(key=KEY, url=upstream.url, provider_key=PROVIDER_KEY)
        client = await serve(text, **{"x-api-key": KEY})
        for _ in range(150):
            headers = {rng.choice(HEADERS): sink.url.removesuffix("/v1") for _ in range(2)}
            params = {rng.choice(FIELDS): sink.url}
            answer = await client.post(
                "/v1/chat/completions", json=_body(rng, sink.url), headers=headers, params=params
            )
            assert answer.status in (200, 400, 422), await answer.text()
        assert sink.connections == 0
        assert len(upstream.requests) > 100
    for request in upstream.requests:
        assert request.key == PROVIDER_KEY
        assert KEY not in json.dumps(dict(request.headers))
        assert request.path == "/v1/chat/completions"
        assert request.headers["host"] == f"127.0.0.1:{upstream.port}"
        assert {"cookie", "x-forwarded-for", "forwarded", "origin", "referer"}.isdisjoint(request.headers)


@pytest.mark.parametrize(
    "name", ["http://{sink}/v1", "//{sink}", "P@{sink}", "P/../{sink}", "{sink}", "p", "P ", "P\0", "\uff30"]
)
async def test_a_provider_is_a_name_of_the_file_or_unknown(serve, name) -> None:
    async with Upstream(Completion()) as upstream, Upstream(Completion()) as sink:
        text = FILE.format(key=KEY, url=upstream.url, provider_key=PROVIDER_KEY)
        client = await serve(text, **{"x-api-key": KEY})
        wanted = name.format(sink=f"127.0.0.1:{sink.port}")
        answer = await client.post("/v1/chat/completions", json=chat("m", provider=wanted))
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "provider_not_found")
        assert (sink.connections, upstream.connections) == (0, 0)


async def test_no_way_to_write_a_provider_into_a_path_finds_another_one(serve) -> None:
    async with Upstream(Completion()) as upstream:
        text = FILE.format(key=KEY, url=upstream.url, provider_key=PROVIDER_KEY)
        client = await serve(text)
        names = ("os", "__class__", "..", "g4f.providers", "p", "DEMO", "a" * 5000)
        found = {
            (name, way): await knock(
                client.port,
                "POST",
                mutate(f"/api/{name}/chat/completions"),
                (f"x-api-key: {KEY}",),
                json.dumps(chat("m")),
            )
            for name in names
            for way, mutate in MUTATORS.items()
        }
        assert upstream.connections == 0
    assert {case: status for case, status in found.items() if status not in (400, 404, 405, 414)} == {}
