"""The chat page: there where it is asked for, and unable to load or to send anything elsewhere."""

import base64
import hashlib
import re

ON = "server: {web: true, keys: [{name: k, key: a-key-of-sixteen-characters}]}\nmodels: {m: {chain: [Demo]}}"


async def test_the_page_needs_no_key_and_says_what_it_may_do(serve):
    client = await serve(ON)
    assert (await client.get("/chat")).status == 200
    answer = await client.get("/chat/")
    page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        (content,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


async def test_the_page_loads_nothing(serve):
    page = await (await (await serve(ON)).get("/chat/")).text()
    assert not re.findall(r"https?:|src=|<link|<img|@import|url\(|style=|\bon[a-z]+=", page)


async def test_the_page_is_off_unless_the_file_asks_for_it(serve):
    answer = await (await serve("models: {m: {chain: [Demo]}}")).get("/chat/")
    assert (answer.status, (await answer.json())["error"]["code"]) == (404, "unknown_url")


async def test_an_empty_field_does_not_hold_back_the_stop_button(serve):
    page = await (await (await serve(ON)).get("/chat/")).text()
    (field,) = re.findall(r"<textarea[^>]*>", page)
    assert "required" not in field  # a browser would not let the form be sent, and so nothing be stopped
