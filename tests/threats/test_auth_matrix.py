"""Every route x every form of a key x every way to write its path: nobody comes in who has no key.

The routes are those of the server itself, so that a new one is in the matrix from the moment it exists.
"""

import pytest

from g4f.api.app import ROUTES
from g4f.api.middleware import OPEN_ROUTES
from tests.threats.knocking import knock
from tests.threats.surface import FORMS, KEY, MUTATORS, TWO_KEYS, routes

FILE = f"""
server: {{keys: [{{name: k, key: {KEY!r}, admin: true}}]}}
models: {{demo: {{chain: [Demo]}}}}
"""
LOCKED = [(method, path) for method, path in routes() if path.strip("/") not in OPEN_ROUTES]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")


async def test_no_form_but_a_right_key_opens_any_route(serve):
    client = await serve(FILE)
    found = {
        (method, path, name): await knock(client.port, method, path, lines)
        for method, path in LOCKED
        for name, lines in FORMS.items()
    }
    assert {case: status for case, status in found.items() if status != 401} == {}


async def test_a_right_key_beside_a_wrong_one_opens_nothing(serve):
    client = await serve(FILE)
    found = {
        (method, path, name): await knock(client.port, method, path, lines)
        for method, path in LOCKED
        for name, lines in TWO_KEYS.items()
    }
    assert {case: status for case, status in found.items() if status != 400} == {}


@pytest.mark.parametrize("lines", [(), ("x-api-key: wrong",)], ids=["without a key", "with a wrong key"])
async def test_no_way_to_write_a_path_gets_past_the_key(serve, lines):
    client = await serve(FILE)
    found = {
        (method, path, name): await knock(client.port, method, mutate(path), lines)
        for method, path in LOCKED
        for name, mutate in MUTATORS.items()
    }
    assert {case: status for case, status in found.items() if status not in (400, 401)} == {}


async def test_no_way_to_write_the_liveness_paths_is_as_open_as_they_are(serve):
    client = await serve(FILE)
    ways = {name: mutate for name, mutate in MUTATORS.items() if name not in _SAME_PATH}
    found = {
        (path, name): await knock(client.port, "GET", way("/" + path))
        for path in OPEN_ROUTES
        for name, way in ways.items()
        if way("/" + path) not in _OPEN_PATHS
    }
    assert {case: status for case, status in found.items() if status not in (400, 401)} == {}


_OPEN_PATHS = {route.path for route in ROUTES if route.kwargs.get("name") in OPEN_ROUTES}

#: These are the same path to every server: a query, a fragment that no client sends, a letter that needed no escape,
#: and what changes nothing in a path of one segment.
_SAME_PATH = (
    *("as it is", "query", "key in the query", "fragment", "encoded letter"),
    *("double slash inside", "encoded slash"),
)


async def test_no_other_method_gets_past_the_key(serve):
    client = await serve(FILE)
    found = {(method, path): await knock(client.port, method, path) for _, path in LOCKED for method in METHODS}
    assert {case: status for case, status in found.items() if status not in (400, 401)} == {}


@pytest.mark.parametrize(
    "name", ["x-api-key: ", "g4f-api-key: ", "x-goog-api-key:\t ", "Authorization: Bearer ", "authorization: bearer  "]
)
async def test_a_right_key_opens_every_route_in_each_of_its_forms(serve, name):
    client = await serve(FILE)
    found = {(method, path): await knock(client.port, method, path, (f"{name}{KEY} \t",)) for method, path in routes()}
    assert {case: status for case, status in found.items() if status in (0, 401, 403)} == {}


async def test_a_nul_in_a_key_is_refused_as_broken_http(serve):
    client = await serve(FILE)
    assert await knock(client.port, "GET", "/v1/models", (f"x-api-key: {KEY}\0",)) == 400


#: A body that every route which takes a model can read.
ANYTHING = {
    "model": "demo",
    "max_tokens": 5,
    "messages": [{"role": "user", "content": "x"}],
    **dict.fromkeys(("input", "prompt", "query", "contents"), "x"),
    "documents": ["x"],
    "content": {"parts": [{"text": "x"}]},
    "requests": [{"content": {"parts": [{"text": "x"}]}}],
    "image": "data:image/png;base64,aGk=",
    "file": "data:audio/wav;base64,aGk=",
}
ASKING = [
    path for method, path in routes() if method == "POST" and not path.startswith(("/admin/", "/v1/upload_cookies"))
]


async def asked(serve, key: str) -> dict[str, list[int]]:
    """The statuses with which each route that takes a model answers a key, twice."""
    client = await serve(f"server: {{keys: [{{name: k, key: {KEY!r}, {key}}}]}}\nmodels: {{demo: {{chain: [Demo]}}}}")
    found = {}
    for path in ASKING:
        found[path] = []
        for _ in range(2):
            answer = await client.post(path, json=ANYTHING, headers={"x-goog-api-key": KEY})
            found[path].append(answer.status)
    return found


async def test_what_a_key_may_not_use_does_not_exist_for_it_on_any_route(serve):
    found = await asked(serve, "models: [other]")
    assert {path: said for path, said in found.items() if said != [404, 404]} == {}


async def test_an_expired_key_is_refused_on_every_route(serve):
    found = await asked(serve, 'expires: "2001-01-01"')
    assert {path: said for path, said in found.items() if said != [401, 401]} == {}


async def test_the_rate_of_a_key_counts_on_every_route(serve):
    for path, said in (await asked(serve, "rpm: 1")).items():
        first = path == ASKING[0]
        assert [status == 429 for status in said] == [not first, True], path
