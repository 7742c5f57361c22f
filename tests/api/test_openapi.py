"""/openapi.json and /docs: every route is in them, and what the server answers is what they say."""

import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from g4f.api.app import ROUTES
from g4f.api.openapi.document import document
from g4f.api.openapi.table import TABLE
from tests.support.caller import chat

CONFIG = "models: {m: {chain: [Demo]}, demo: {chain: [Demo]}}"
CHAT = "/v1/chat/completions"


def shown(path: str) -> str:
    """A route's path as the document has it: variables without their patterns."""
    return re.sub(r"\{(\w+)[^}]*\}", r"{\1}", path)


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", **document()}
    return jsonschema.Draft202012Validator(schema)


def test_every_route_is_described_and_nothing_else():
    assert set(TABLE) == {f"{route.method} {shown(route.path)}" for route in ROUTES}


def test_every_reference_leads_to_a_shape_that_is_a_schema():
    shapes = document()["components"]["schemas"]
    for schema in shapes.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert set(re.findall(r"#/components/schemas/(\w+)", str(document()))) <= set(shapes)


def test_operations_have_names_of_their_own():
    names = [told["operationId"] for methods in document()["paths"].values() for told in methods.values()]
    assert len(set(names)) == len(names) == len(ROUTES)


async def test_the_document_and_the_page_need_no_key_and_say_the_same(serve):
    client = await serve(f"server: {{keys: [{{name: k, key: a-key-of-sixteen-characters}}]}}\n{CONFIG}")
    written = await (await client.get("/openapi.json")).json()
    answer = await client.get("/docs")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    page = await answer.text()
    for path in written["paths"]:
        assert f"<code>{path}</code>" in page


async def test_the_page_loads_nothing_from_anywhere(serve):
    class Links(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.extend((tag, value) for name, value in attrs if name in ("src", "href"))
            assert tag not in ("script", "img", "iframe", "link", "form")

    found: list[tuple[str, str]] = []
    Links().feed(await (await (await serve(CONFIG)).get("/docs")).text())
    assert found
    assert all(value == "/openapi.json" or value.startswith("#") for _, value in found)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/models", "Models"),
        ("/v1/models/m", "Model"),
        ("/api/Demo/models", "Models"),
        ("/v1/providers", "Providers"),
        ("/v1/providers/Demo", "Provider"),
        ("/livez", "Status"),
        ("/admin/explain?model=m", "Explanation"),
        ("/v1/models/none", "Error"),
        ("/v1/nothing", "Error"),
        ("/admin/explain", "Error"),
    ],
)
async def test_answers_have_the_shape_that_is_documented(serve, path, name):
    validator(name).validate(await (await (await serve(CONFIG)).get(path)).json())


async def test_a_completion_has_the_shape_that_is_documented(serve):
    client = await serve(CONFIG)
    validator("ChatRequest").validate(chat("m", conversation_id="c"))
    answer = await client.post(CHAT, json=chat("m", conversation_id="c"))
    validator("ChatCompletion").validate(await answer.json())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({*document()["components"]["schemas"]["ChatRequest"]["properties"], "extra"} - {"messages", "model"})
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool", "x"]), "content": VALUES}), max_size=3
)
BODIES = st.fixed_dictionaries(
    {}, optional={"model": st.sampled_from(["m", "none", ""]) | VALUES, "messages": MESSAGES | VALUES}
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, more=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
async def test_whatever_is_asked_gets_a_documented_answer(asking, body, more):
    told = document()["paths"][CHAT]["post"]["responses"]
    async with asking.post(CHAT, json={**more, **body}) as answer:
        content = await answer.read()
        assert str(answer.status) in told, content
        assert answer.status < 500, content
        if answer.status != 200:
            validator("Error").validate(json.loads(content))


@pytest.fixture
async def asking(serve):
    return await serve(CONFIG)
