"""What is served, in the shapes of the REST document."""

import asyncio

from tests.support.caller import chat
from tests.support.replies import Completion, Hang, Models
from tests.support.upstream import Upstream

FILE = """
ignored_providers: [Out]
providers:
  Out: {base_url: "http://127.0.0.1:1/v1"}
  Lab: {base_url: "http://127.0.0.1:1/v1", description: "ours", url: "http://lab"}
models:
  demo: {aliases: [d], chain: [Demo, Lab/x]}
  "org/*": {chain: [Lab]}
"""


async def test_models_are_listed_with_their_aliases_and_the_providers_to_pick(serve):
    client = await serve(FILE)
    listed = await (await client.get("/v1/models")).json()
    assert listed["object"] == "list"
    assert [(card["id"], card["provider"]) for card in listed["data"]] == [
        ("demo", False),
        ("d", False),
        ("Lab", True),
        ("Demo", True),
    ] or {card["id"] for card in listed["data"]} == {"demo", "d", "Lab", "Demo"}
    assert all(card["object"] == "model" and card["created"] == 0 for card in listed["data"])


async def test_one_model_is_found_by_name_alias_and_pattern(serve):
    client = await serve(FILE)
    for name in ("demo", "d", "org/some-model"):
        card = await (await client.get(f"/v1/models/{name}")).json()
        assert (card["id"], card["object"]) == (name, "model")
    assert (await client.get("/v1/models/nope")).status == 404


async def test_providers_are_described(serve):
    client = await serve(FILE)
    listed = await (await client.get("/v1/providers")).json()
    cards = {card["provider"]: card for card in listed["data"]}
    assert set(cards) == {"Out", "Lab", "Demo"}
    assert (cards["Out"]["working"], cards["Lab"]["working"]) == (False, True)
    assert cards["Lab"]["models"] == ["x"]
    one = await (await client.get("/v1/providers/Lab")).json()
    assert (one["description"], one["url"], one["stream"], one["auth"]) == ("ours", "http://lab", True, False)
    assert (await client.get("/v1/providers/Nope")).status == 404


async def test_a_provider_that_cannot_be_asked_lists_what_the_file_knows(serve):
    client = await serve(FILE)
    listed = await (await client.get("/api/Lab/models")).json()
    assert [card["id"] for card in listed["data"]] == ["x"]
    demo = await (await client.get("/api/Demo/models")).json()
    assert [card["id"] for card in demo["data"]] == ["demo"]
    assert (await client.get("/api/Nope/models")).status == 404
    assert (await client.get("/api/Out/models")).status == 503


async def test_a_client_that_leaves_while_a_provider_lists_its_models_closes_the_call(serve):
    async with Upstream() as upstream:
        upstream.models = Hang()
        client = await serve(f"providers: {{A: {{base_url: '{upstream.url}'}}}}\nmodels: {{m: {{chain: [A]}}}}")
        asking = asyncio.ensure_future(client.get("/api/A/models"))
        request = await upstream.received()
        asking.cancel()
        await request.ended.wait()
        assert request.closed


async def test_a_provider_s_own_models_are_listed_live(serve):
    async with Upstream() as upstream:
        upstream.models = Models(["one", "two"])
        client = await serve(f"providers: {{A: {{base_url: '{upstream.url}'}}}}\nmodels: {{m: {{chain: [A]}}}}")
        listed = await (await client.get("/api/A/models")).json()
    assert [card["id"] for card in listed["data"]] == ["one", "two"]


async def test_what_a_model_is_for_is_told_with_it(serve):
    client = await serve(
        """
        providers:
          Lab: {base_url: "http://127.0.0.1:1/v1", capabilities: [stream, vision], models: {drawn: own-drawn}}
        models:
          talk: {chain: [Lab]}
          drawn: {chain: [Lab], operations: [image-generation, image-edit]}
          dall-e-3: {chain: [Lab/x]}
        """
    )
    listed = await (await client.get("/v1/models")).json()
    cards = {card["id"]: card for card in listed["data"]}
    assert (cards["talk"]["image"], cards["talk"]["vision"]) == (False, True)
    assert cards["talk"]["capabilities"] == ["stream", "vision"]
    assert (cards["drawn"]["image"], cards["drawn"]["vision"]) == (True, False)
    assert cards["drawn"]["operations"] == ["image-edit", "image-generation"]
    assert cards["dall-e-3"]["image"]
    lab = await (await client.get("/v1/providers/Lab")).json()
    assert lab["models"] == ["own-drawn", "talk", "x"]
    assert (lab["image_models"], lab["vision_models"]) == (["own-drawn", "x"], ["talk"])


async def test_a_providers_models_are_asked_for_once_however_many_want_them(serve):
    async with Upstream() as upstream:
        upstream.models = Models(["one", "dall-e-3"])
        client = await serve(f"providers: {{Lab: {{base_url: {upstream.url}}}}}\nmodels: {{m: {{chain: [Lab]}}}}")
        answers = await asyncio.gather(*(client.get("/api/Lab/models") for _ in range(5)))
        cards = [(await answer.json())["data"] for answer in answers]
        assert [(card["id"], card["image"]) for card in cards[0]] == [("one", False), ("dall-e-3", True)]
        assert all(other == cards[0] for other in cards)
        assert len(upstream.requests) == 1


async def test_a_model_says_what_is_known_of_its_context_and_its_price(serve):
    client = await serve(
        """
        providers: {Lab: {base_url: "http://127.0.0.1:1/v1", prices: {"x*": {input: 0.5, output: 2}}}}
        models: {m: {chain: [Lab/x1, Demo], context: 8192}, other: {chain: [Lab/y]}}
        """
    )
    card = await (await client.get("/v1/models/m")).json()
    assert (card["context_length"], card["pricing"]) == (8192, {"input": 0.5, "output": 2.0, "cached": 0.5})
    assert "pricing" not in await (await client.get("/v1/models/other")).json()


async def test_whatever_is_listed_can_be_asked_for(serve):
    async with Upstream(Completion()) as a, Upstream(Completion()) as b:
        providers = f"providers: {{A: {{base_url: '{a.url}'}}, B: {{base_url: '{b.url}'}}}}"
        client = await serve(f'{providers}\nmodels: {{m: {{chain: [A/own]}}, n: {{chain: [B]}}, "*": {{chain: [B]}}}}')
        listed = [card["id"] for card in (await (await client.get("/v1/models")).json())["data"]]
        for name in listed:
            card = await (await client.get(f"/v1/models/{name}")).json()
            assert (card["id"], card["provider"]) == (name, name in "AB")
            assert (await client.post("/v1/chat/completions", json=chat(name))).status == 200
        assert (await client.post("/api/A/chat/completions", json={"messages": chat("m")["messages"]})).status == 200
    assert listed == ["m", "n", "A", "B"]
    assert [request.json["model"] for request in a.requests] == ["own", "own", "own"]
    assert [request.json["model"] for request in b.requests] == ["n", "n"]
