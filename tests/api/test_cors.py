"""CORS: pages of the origins that the file names, and no others."""

import pytest

from g4f.config.load import load_text
from g4f.errors import ConfigError
from tests.support.caller import chat

CHAT = "/v1/chat/completions"
PAGE, OTHER = "https://chat.example.com", "https://evil.example"
KEYS = "keys: [{name: k, key: a-key-of-sixteen-characters}]"
KEY = {"Authorization": "Bearer a-key-of-sixteen-characters"}
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type",
}


def config(origins: str, keys: str = KEYS) -> str:
    held = f", {keys}" if keys else ""
    return f"server: {{cors: {{origins: [{origins}]}}{held}}}\nmodels: {{m: {{chain: [Demo]}}}}\n"


def asks(origin: str, **more: str) -> dict[str, str]:
    return {"Origin": origin, **more}


async def test_a_preflight_of_a_named_origin_needs_no_key(serve):
    client = await serve(config(PAGE))
    answer = await client.options(CHAT, headers=asks(PAGE, **PREFLIGHT))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, PAGE)
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [OTHER, "null", PAGE + ".evil.example", PAGE.upper(), PAGE + ":443"])
async def test_another_origin_is_told_nothing(serve, origin):
    client = await serve(config(PAGE))
    answer = await client.options(CHAT, headers=asks(origin, **PREFLIGHT))
    assert answer.status == 401
    answer = await client.post(CHAT, json=chat("m"), headers=asks(origin, **KEY))
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Vary"] == "Origin"


async def test_an_answer_and_an_error_and_a_stream_may_be_read(serve):
    client = await serve(config(PAGE))
    for body, headers, status in (
        (chat("m"), KEY, 200),
        (chat("m", stream=True), KEY, 200),
        (chat("unknown"), KEY, 404),
        (chat("m"), {}, 401),
    ):
        answer = await client.post(CHAT, json=body, headers=asks(PAGE, **headers))
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, PAGE)
        assert "x-request-id" in answer.headers["Access-Control-Expose-Headers"]


async def test_without_the_section_nothing_is_allowed(serve):
    client = await serve("models: {m: {chain: [Demo]}}")
    answer = await client.options(CHAT, headers=asks("http://localhost:3000", **PREFLIGHT))
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_without_keys_a_named_origin_comes_in_and_no_other(serve):
    client = await serve(config(PAGE, keys=""))
    assert (await client.post(CHAT, json=chat("m"), headers=asks(PAGE))).status == 200
    assert (await client.post(CHAT, json=chat("m"), headers=asks(OTHER))).status == 403


async def test_every_origin_may_ask_where_it_brings_a_key(serve):
    client = await serve(config('"*"'))
    answer = await client.options(CHAT, headers=asks(OTHER, **PREFLIGHT))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    with pytest.raises(ConfigError, match="every web page"):
        load_text(config('"*"', keys=""))


async def test_odd_names_of_headers_are_not_repeated(serve):
    client = await serve(config(PAGE))
    odd = {**PREFLIGHT, "Access-Control-Request-Headers": "x; y=<b>"}
    answer = await client.options(CHAT, headers=asks(PAGE, **odd))
    assert "Access-Control-Allow-Headers" not in answer.headers


@pytest.mark.parametrize("origin", ["chat.example.com", PAGE + "/", PAGE + "/x", "HTTPS://A.EXAMPLE", "file://"])
def test_an_origin_is_written_as_a_browser_sends_it(origin):
    with pytest.raises(ConfigError, match="not an origin"):
        load_text(config(origin))
