"""Every refusal has OpenAI's form, all four keys, and says what to do."""

import pytest

from tests.support.caller import chat
from tests.support.replies import Status
from tests.support.upstream import Upstream

FILE = "models: {demo: {chain: [Demo]}}"
JSON = {"Content-Type": "application/json"}
CHAT = {"model": "demo", "messages": [{"role": "user", "content": "hi"}]}


async def error_of(answer):
    body = await answer.json()
    assert {"message", "type", "param", "code"} <= set(body["error"])
    return body["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"model": NaN}', b"\xff", b'{"model": "\\ud800"}'])
async def test_what_is_no_json_object_is_400(serve, body):
    client = await serve(FILE)
    answer = await client.post("/v1/chat/completions", data=body, headers=JSON)
    await error_of(answer)
    assert answer.status == 400


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 3}, "model"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"stream": "yes"}, "stream"),
        ({"temperature": "hot"}, "temperature"),
    ],
)
async def test_a_missing_or_mistyped_field_is_422_and_named(serve, change, param):
    client = await serve(FILE)
    answer = await client.post("/v1/chat/completions", json={**CHAT, **change})
    assert (answer.status, (await error_of(answer))["param"]) == (422, param)


async def test_an_unknown_model_is_404(serve):
    client = await serve(FILE)
    answer = await client.post("/v1/chat/completions", json={**CHAT, "model": "demi"})
    error = await error_of(answer)
    assert (answer.status, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert "'demo'" in error["message"]


async def test_an_unknown_provider_is_404(serve):
    client = await serve(FILE)
    answer = await client.post("/api/Nobody/chat/completions", json=CHAT)
    assert (answer.status, (await error_of(answer))["code"]) == (404, "provider_not_found")


@pytest.mark.parametrize("proxy", ["http://evil.example:8080", "corporate"])
async def test_a_request_cannot_choose_its_proxy(serve, proxy):
    client = await serve(FILE)
    answer = await client.post("/v1/chat/completions", json={**CHAT, "proxy": proxy})
    assert (answer.status, (await error_of(answer))["code"]) == (403, "proxy_not_allowed")


async def test_a_wrong_method_is_405_and_says_what_is_right(serve):
    client = await serve(FILE)
    answer = await client.get("/v1/chat/completions")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    await error_of(answer)


async def test_a_body_over_the_limit_is_413(serve):
    client = await serve("server: {max_body: 1KiB}\n" + FILE)
    answer = await client.post("/v1/chat/completions", json={**CHAT, "user": "x" * 2000})
    assert (answer.status, (await error_of(answer))["code"]) == (413, "body_too_large")


async def test_every_answer_has_a_request_id(serve):
    client = await serve(FILE)
    for answer in (await client.get("/v1/models"), await client.get("/nowhere")):
        assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/chat/completions/", "/v1/chat/completions"),
        ("/v1//embeddings", "/v1/embeddings"),
        ("/api/Demo/v1/chat/completions", "/api/Demo/chat/completions"),
        ("/v2/chat", None),
    ],
)
async def test_a_base_url_with_a_part_too_many_or_too_few_is_told_the_right_path(serve, path, meant):
    client = await serve("models: {m: {chain: [Demo]}}")
    answer = await client.post(path, json=chat("m"))
    error = (await answer.json())["error"]
    hint = "GET /v1/models is a good start." if meant is None else f"Did you mean {meant}?"
    assert (answer.status, error["code"]) == (404, "unknown_url")
    assert error["message"] == f"There is no POST {path}. {hint}"


@pytest.mark.parametrize(("status", "wait", "repeats"), [(401, {}, False), (429, {"Retry-After": "20"}, True)])
async def test_a_client_is_not_told_to_sleep_for_what_takes_longer_than_it_sleeps(serve, status, wait, repeats):
    async with Upstream(Status(status, headers=wait)) as upstream:
        row = f"{{base_url: '{upstream.url}', key: k-1}}"
        client = await serve(f"providers: {{A: {row}}}\nmodels: {{m: {{chain: [A]}}}}")
        await client.post("/v1/chat/completions", json=chat("m"))
        answer = await client.post("/v1/chat/completions", json=chat("m"))
    assert (answer.status, (await error_of(answer))["code"]) == (503, "no_provider_available")
    assert ("x-should-retry" not in answer.headers) is repeats
