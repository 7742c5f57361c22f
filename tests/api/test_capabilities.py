"""What a request needs beyond text decides who is asked, and a refusal says who could have been."""

import pytest

from tests.support.replies import Completion
from tests.support.upstream import Upstream

CHAT = "/v1/chat/completions"
HEAR = [{"role": "user", "content": [{"type": "input_audio"}]}]
PICTURE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


def over(upstream: Upstream) -> str:
    return f"""
        providers:
          Plain: {{base_url: '{upstream.url}', capabilities: [stream]}}
          Lab: {{base_url: '{upstream.url}'}}
        models:
          blind: {{chain: [Plain]}}
          text-only: {{capabilities: [stream, tools], chain: [Lab]}}
          seeing: {{capabilities: [stream, vision, json], chain: [Plain, Lab/eye]}}
    """


@pytest.mark.parametrize(
    ("model", "fields", "needs", "could"),
    [
        ("blind", {"messages": [{"role": "user", "content": PICTURE}]}, "vision", "seeing can"),
        ("text-only", {"messages": [{"role": "user", "content": PICTURE}]}, "vision", "seeing can"),
        ("blind", {"response_format": SCHEMA}, "json", "seeing can"),
        ("blind", {"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools", "text-only can"),
        ("blind", {"messages": HEAR, "response_format": SCHEMA}, "audio, json", "no model here can"),
    ],
)
async def test_nobody_who_can_is_a_400_that_names_who_could(serve, model, fields, needs, could):
    async with Upstream(Completion("x")) as upstream:
        client = await serve(over(upstream))
        hello = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
        answer = await client.post(CHAT, json=hello | fields)
        error = (await answer.json())["error"]
        assert (answer.status, error["code"]) == (400, "unsupported")
        assert f"The request needs {needs}: {could}" in error["message"]
        assert upstream.requests == []


async def test_the_next_target_that_can_answers(serve):
    async with Upstream(Completion("I see.")) as upstream:
        client = await serve(over(upstream))
        answer = await client.post(CHAT, json={"model": "seeing", "messages": [{"role": "user", "content": PICTURE}]})
        assert (answer.status, answer.headers["x-g4f-provider"]) == (200, "Lab")
        assert answer.headers["x-g4f-trail"].startswith("Plain=lacks_capability")


async def test_models_say_what_they_can_do(serve):
    async with Upstream() as upstream:
        client = await serve(over(upstream))
        cards = {card["id"]: card for card in (await (await client.get("/v1/models")).json())["data"]}
        assert cards["text-only"]["capabilities"] == ["stream", "tools"]
        assert (cards["seeing"]["vision"], cards["blind"]["vision"]) == (True, False)
        shown = await (await client.post("/api/show", json={"model": "seeing"})).json()
        assert shown["capabilities"] == ["completion", "vision"]


async def test_explain_takes_what_a_request_would_need(serve):
    async with Upstream() as upstream:
        client = await serve(over(upstream))
        found = await (await client.get("/admin/explain?model=blind&needs=vision,json")).json()
        assert found["skipped"][0]["detail"] == "no json, vision"
        assert found["able"] == ["seeing"]
        assert (await client.get("/admin/explain?model=blind&needs=sight")).status == 400
