"""Who may come in."""

import hashlib

import pytest
from aiohttp.test_utils import make_mocked_request

from g4f.api.app import ROUTES
from g4f.api.auth import Doorkeeper
from g4f.api.middleware import OPEN_ROUTES
from g4f.config.server import InboundKey
from g4f.errors import AuthenticationError
from tests.support.clock import Clock

KEY = "0123456789abcdef"
FILE = f"""
server:
  web: true
  keys:
    - {{name: all, key: {KEY!r}}}
    - {{name: some, key: "fedcba9876543210", models: ["demo", "small-*"]}}
    - {{name: slow, key: "slowslowslowslow", rpm: 2}}
models: {{demo: {{chain: [Demo]}}, other: {{chain: [Demo]}}, small-one: {{chain: [Demo]}}}}
"""
CHAT = {"model": "demo", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer {KEY}"},
        {"Authorization": f"Bearer   {KEY} "},
        {"g4f-api-key": KEY},
        {"x-api-key": KEY},
        {"x-api-key": KEY, "Authorization": f"Bearer {KEY}"},
    ],
)
async def test_a_key_is_taken_in_each_of_its_forms(serve, headers):
    client = await serve(FILE)
    assert (await client.post("/v1/chat/completions", json=CHAT, headers=headers)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer "},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": KEY + "0"},
        {"x-api-key": "k" * 7000},
        {"x-api-key": "schlüssel"},
        {"Cookie": f"key={KEY}"},
    ],
)
async def test_anything_else_is_401(serve, headers):
    client = await serve(FILE)
    answer = await client.post("/v1/chat/completions", json=CHAT, headers=headers)
    error = (await answer.json())["error"]
    assert (answer.status, error["code"], set(error)) == (401, "invalid_api_key", {"message", "type", "param", "code"})


async def test_two_different_keys_are_refused(serve):
    client = await serve(FILE)
    headers = {"x-api-key": KEY, "Authorization": "Bearer wrong"}
    assert (await client.get("/v1/models", headers=headers)).status == 400


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_but_the_liveness_ones_needs_a_key(serve, route):
    client = await serve(FILE)
    path = route.path.replace("{provider}", "Demo").replace("{model:.+}", "demo")
    status = (await client.request(route.method, path)).status
    assert status == (200 if route.kwargs.get("name") in OPEN_ROUTES else 401)


async def test_an_unknown_path_tells_a_stranger_nothing(serve):
    client = await serve(FILE)
    assert (await client.get("/nowhere")).status == 401
    assert (await client.get("/nowhere", headers={"x-api-key": KEY})).status == 404


OTHER = "a-key-that-only-its-hash-is-known-of"
HASHED = f"""
server:
  keys:
    - {{name: old, key: {KEY!r}, expires: "2020-01-01"}}
    - {{name: new, key: "sha256:{hashlib.sha256(OTHER.encode()).hexdigest().upper()}", expires: "2999-01-01T00:00:00Z"}}
models: {{demo: {{chain: [Demo]}}}}
"""


async def test_a_key_may_be_known_by_its_hash_alone(serve):
    client = await serve(HASHED)
    assert (await client.get("/v1/models", headers={"x-api-key": OTHER})).status == 200
    written = HASHED.partition("sha256:")[2].partition('"')[0]
    for presented in (written, f"sha256:{written}", OTHER + "x"):
        assert (await client.get("/v1/models", headers={"x-api-key": presented})).status == 401


async def test_an_expired_key_is_401_and_says_so(serve):
    client = await serve(HASHED)
    answer = await client.get("/v1/models", headers={"x-api-key": KEY})
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (401, "invalid_api_key")
    assert "expired" in error["message"]


def test_a_key_is_good_until_the_moment_it_expires():
    clock = Clock()
    key = InboundKey(name="k", key=KEY, expires=clock() + 10)
    keeper = Doorkeeper([key], extra=None, hosts=[], clock=clock, now=clock)
    request = make_mocked_request("GET", "/", headers={"x-api-key": KEY})
    clock.advance(9.9)
    assert keeper.identify(request).name == "k"
    clock.advance(0.1)
    with pytest.raises(AuthenticationError):
        keeper.identify(request)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1:1337", 200),
        ("http://[::1]:8080", 200),
        ("https://LOCALHOST", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://127.0.0.1@evil.example", 403),
        ("http://localhost:80@evil.example", 403),
        ("file://localhost", 403),
        ("null", 403),
        ("", 403),
        ("http://[::1", 403),
        ("localhost", 403),
    ],
)
async def test_without_keys_a_page_of_another_origin_is_refused(serve, origin, status):
    client = await serve("models: {demo: {chain: [Demo]}}")
    headers = {"Host": "localhost", "Origin": origin}
    answer = await client.post("/v1/chat/completions", json=CHAT, headers=headers)
    assert answer.status == status
    if status == 403:
        assert (await answer.json())["error"]["code"] == "origin_not_allowed"


async def test_with_keys_a_page_may_have_any_origin_if_it_has_a_key(serve):
    client = await serve(FILE, **{"x-api-key": KEY})
    assert (await client.get("/v1/models", headers={"Origin": "https://app.example"})).status == 200


async def test_a_model_outside_a_key_s_scope_does_not_exist_for_it(serve):
    client = await serve(FILE, **{"x-api-key": "fedcba9876543210"})
    assert (await client.post("/v1/chat/completions", json={**CHAT, "model": "small-one"})).status == 200
    refused = await client.post("/v1/chat/completions", json={**CHAT, "model": "other"})
    assert (refused.status, (await refused.json())["error"]["code"]) == (404, "model_not_found")
    listed = await (await client.get("/v1/models")).json()
    assert [card["id"] for card in listed["data"] if not card["provider"]] == ["demo", "small-one"]


async def test_a_key_over_its_rate_gets_429_and_is_told_when(serve):
    client = await serve(FILE, **{"x-api-key": "slowslowslowslow"})
    answers = [await client.post("/v1/chat/completions", json=CHAT) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 30


@pytest.mark.parametrize("host", ["evil.example", "evil.example:1337", "127.0.0.1.evil.example", "[::2]:1337", ""])
async def test_without_keys_only_local_names_are_answered(serve, host):
    client = await serve("models: {demo: {chain: [Demo]}}")
    answer = await client.get("/v1/models", headers={"Host": host})
    assert (answer.status, (await answer.json())["error"]["code"]) == (403, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1337", "127.0.0.1:1337", "[::1]:1337"])
async def test_local_names_are_answered_without_a_key(serve, host):
    client = await serve("models: {demo: {chain: [Demo]}}")
    assert (await client.get("/v1/models", headers={"Host": host})).status == 200
