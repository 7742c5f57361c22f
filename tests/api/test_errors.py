"""Every refusal has OpenAI's form, all four keys, and says what to do."""

import pytest

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
