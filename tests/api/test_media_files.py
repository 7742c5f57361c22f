"""Images as links and as base64, and the files behind the links: whole, in part, and nothing beside them."""

import base64
import json

import openai
import pytest

from tests.support.http import Request as Sent
from tests.support.replies import Choose, Reply, Status
from tests.support.upstream import Upstream
from tests.threats.knocking import knock

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
KEY = "a-key-of-sixteen-characters-or-more"


def images(*entries):
    return Status(200, json.dumps({"created": 1, "data": list(entries)}).encode())


def encoded(content):
    return {"b64_json": base64.b64encode(content).decode()}


def config(upstream, more="", server="{}"):
    return f"""
    server: {server}
    defaults: {{retries: 0}}
    providers: {{Lab: {{base_url: "{upstream.url}"}}}}
    models: {{m: {{chain: [Lab]}}}}
    {more}
    """


@pytest.fixture
async def upstream():
    async with Upstream() as upstream:
        yield upstream


async def draw(client, **fields):
    response = await client.post("/v1/images/generations", json={"model": "m", "prompt": "x", **fields})
    return (await response.json())["data"]


async def one_link(client, upstream, content=PNG):
    upstream.script(images(encoded(content)))
    (image,) = await draw(client, response_format="url")
    return image["url"]


async def test_a_link_is_made_where_the_provider_gave_base64(serve, upstream):
    client = await serve(config(upstream))
    upstream.script(images({**encoded(PNG), "revised_prompt": "y"}, {"url": "https://example.com/there.png"}))
    ours, theirs = await draw(client, response_format="url")
    assert set(ours) == {"url", "revised_prompt"}
    assert ours["url"].startswith(str(client.make_url("/media/")))
    assert theirs == {"url": "https://example.com/there.png"}
    response = await client.get(ours["url"].partition(str(client.port))[2])
    assert (response.status, await response.read()) == (200, PNG)
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "max-age=86" in response.headers["Cache-Control"]


async def test_links_begin_with_what_the_file_says_clients_reach_the_server_as(serve, upstream):
    client = await serve(config(upstream, "media: {url: https://g4f.example.com/ai}"))
    assert (await one_link(client, upstream)).startswith("https://g4f.example.com/ai/media/")


async def test_nothing_is_turned_that_nobody_asked_to_turn(serve, upstream):
    client = await serve(config(upstream))
    upstream.script(images(encoded(PNG), {"url": "https://example.com/a.png"}))
    assert await draw(client) == [encoded(PNG), {"url": "https://example.com/a.png"}]


async def test_base64_is_made_where_the_provider_gave_links_to_itself(serve, upstream):
    def play(request: Sent) -> Reply:
        if request.method == "GET":
            return Status(200, PNG, {"Content-Type": "image/png"})
        return images({"url": f"http://127.0.0.1:{upstream.port}/files/a.png?x=1"})

    client = await serve(config(upstream))
    upstream.script(Choose(play))
    assert await draw(client, response_format="b64_json") == [encoded(PNG)]
    fetched = upstream.requests[-1]
    assert (fetched.path, fetched.key) == ("/files/a.png?x=1", "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/a.png", "http://169.254.169.254/a", "file:///etc/passwd"])
async def test_links_to_anywhere_else_inside_are_not_followed(serve, upstream, url):
    async with Upstream(Status(200, PNG)) as inside:
        client = await serve(config(upstream))
        there = {"url": url.format(port=inside.port)}
        upstream.script(images(there))
        assert await draw(client, response_format="b64_json") == [there]
        assert inside.requests == []


async def test_an_edit_is_linked_to_as_well_by_the_sdk(serve, upstream):
    client = await serve(config(upstream))
    upstream.script(images(encoded(PNG)))
    async with openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0) as sdk:
        got = await sdk.images.edit(model="m", prompt="x", image=("a.png", PNG), response_format="url")
    assert "/media/" in got.data[0].url


async def test_parts_of_a_file_are_given_and_a_tag_that_saves_giving_it_again(serve, upstream):
    client = await serve(config(upstream))
    path = "/media/" + (await one_link(client, upstream)).rpartition("/")[2]
    size = len(PNG)
    whole = await client.get(path)
    tag = whole.headers["ETag"]
    for asked, status, start, end in (
        ("bytes=0-3", 206, 0, 4),
        ("bytes=1000-", 206, 1000, size),
        ("bytes=-5", 206, size - 5, size),
        (f"bytes=5-{size * 2}", 206, 5, size),
        (f"bytes=-{size * 2}", 200, 0, size),
        ("bytes=0-", 200, 0, size),
        ("bytes=3-1", 200, 0, size),
        ("bytes=0-1,3-4", 200, 0, size),
        ("bytes=-", 200, 0, size),
        ("lines=1-2", 200, 0, size),
    ):
        response = await client.get(path, headers={"Range": asked})
        assert (asked, response.status, await response.read()) == (asked, status, PNG[start:end])
        if status == 206:
            assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    for asked in (f"bytes={size}-", "bytes=-0"):
        response = await client.get(path, headers={"Range": asked})
        assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{size}")
    fresh = await client.get(path, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert fresh.status == 200
    for given in (tag, f"W/{tag}", f'"x", {tag}'):
        assert (await client.get(path, headers={"If-None-Match": given})).status == 304
    head = await client.head(path)
    assert (head.status, head.headers["Content-Length"], await head.read()) == (200, str(size), b"")
    assert {answer.headers["Server"] for answer in (head, whole, fresh)} == {"g4fd"}
    assert all("x-request-id" in answer.headers for answer in (head, whole, fresh))


async def test_what_could_run_in_a_browser_is_a_download(serve, upstream):
    client = await serve(config(upstream))
    path = "/media/" + (await one_link(client, upstream, SVG)).rpartition("/")[2]
    response = await client.get(path)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment"
    assert await response.read() == SVG


async def test_whatever_is_not_a_file_of_ours_is_not_found_in_the_same_words(serve, upstream, tmp_path):
    (tmp_path / "secret.png").write_text("secret")
    client = await serve(config(upstream, f"media: {{dir: {tmp_path}/media}}"))
    name = (await one_link(client, upstream)).rpartition("/")[2]
    answers = set()
    for wrong in ("a" * 22 + ".png", "%2e%2e%2fsecret.png", "..%5csecret.png", name + "%00", name.upper(), "x/y", ""):
        response = await client.get("/media/" + wrong)
        answers.add((response.status, json.dumps(await response.json())))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


async def test_a_file_that_is_too_large_to_keep_is_given_as_it_is(serve, upstream):
    client = await serve(config(upstream, "media: {max_size: 1KiB}"))
    upstream.script(images(encoded(PNG)))
    assert await draw(client, response_format="url") == [encoded(PNG)]


async def test_files_need_a_key_unless_the_file_makes_them_public(serve, upstream):
    server = f"{{keys: [{{name: k, key: {KEY}}}]}}"
    for more, status in (("", 401), ("media: {public: true}", 200)):
        client = await serve(config(upstream, more, server), Authorization=f"Bearer {KEY}")
        path = "/media/" + (await one_link(client, upstream)).rpartition("/")[2]
        assert await knock(client.port, "GET", path) == status
        assert await knock(client.port, "GET", "/v1/models") == 401


async def test_demo_draws_behind_a_link(serve):
    client = await serve("models: {m: {chain: [Demo]}}")
    first, second = await draw(client, response_format="url", n=2)
    assert first["url"] != second["url"]
    response = await client.get("/media/" + first["url"].rpartition("/")[2])
    assert (await response.read())[:8] == PNG[:8]
