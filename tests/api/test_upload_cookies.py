"""/v1/upload_cookies: what may be kept is kept, for its owner only, and nothing of it is ever told."""

import io
import json
import stat

import aiohttp
import pytest

from g4f import cookies
from g4f.cookies import get_cookies

KEY = {"g4f-api-key": "your-secret-key-of-length"}
CONFIG = """
server: {keys: [{name: k, key: your-secret-key-of-length}], cookie_domains: [extra.example]}
providers: {Lab: {base_url: "http://127.0.0.1:1/v1", url: "https://chat.lab.example"}}
models: {m: {chain: [Lab]}}
"""
CANARY = "canary-value-e3b0c442"


@pytest.fixture(autouse=True)
def directory(tmp_path):
    before = cookies.get_cookies_dir()
    cookies.set_cookies_dir(tmp_path / "cookies")
    yield tmp_path / "cookies"
    cookies.set_cookies_dir(before)


def cookie(domain: str, value: str = CANARY) -> dict[str, str]:
    return {"domain": domain, "name": "session", "value": value}


def form(*files: tuple[str, object]) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, content in files:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        data.add_field("files", io.BytesIO(raw), filename=name, content_type="application/octet-stream")
    return data


async def upload(client, *files, **headers):
    return await client.post("/v1/upload_cookies", data=form(*files), headers={**KEY, **headers})


async def test_cookies_of_a_provider_are_kept_and_seen_by_the_library(serve, directory):
    answer = await upload(await serve(CONFIG), ("cookies.json", [cookie(".lab.example"), cookie("elsewhere.example")]))
    assert answer.status == 200
    assert await answer.json() == [{"filename": "cookies.json", "domains": ["lab.example"]}]
    assert CANARY not in await answer.text()
    assert get_cookies("chat.lab.example") == {"session": CANARY}
    assert get_cookies("elsewhere.example") == {}
    (kept,) = directory.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


async def test_a_har_file_is_taken_and_so_are_several_files(serve):
    request = {"url": "https://chat.lab.example/", "cookies": [{"name": "a", "value": "1"}], "headers": []}
    har = {"log": {"entries": [{"request": request}]}}
    answer = await upload(await serve(CONFIG), ("page.har", har), ("b.json", [cookie("extra.example")]))
    assert answer.status == 200
    assert get_cookies("chat.lab.example") == {"a": "1"}
    assert get_cookies("extra.example") == {"session": CANARY}


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x.json", "/etc/passwd", "a\\..\\b.json", "x" * 250, "\u2028.json"]
)
async def test_the_name_of_a_file_decides_nothing(serve, directory, name):
    answer = await upload(await serve(CONFIG), (name, [cookie("lab.example")]))
    assert answer.status == 200
    (kept,) = directory.iterdir()
    assert kept.name.startswith("upload.")


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"log": 1}',
            b"[1]",
            b'[{"domain": "lab.example"}]',
            b"\xff\xfe",
            b"[" * 100_000,
        ),
        b"[" * 100_000,
        *([cookie("elsewhere.example")], [cookie("lab.example", "a\r\nSet-Cookie: x")], [cookie("lab example")]),
    ],
)
async def test_what_is_no_cookie_file_is_refused_without_its_values(serve, directory, content):
    answer = await upload(await serve(CONFIG), ("cookies.json", content))
    error = (await answer.json())["error"]
    assert (answer.status, error["param"]) == (422, "files")
    assert CANARY not in error["message"]
    assert not directory.exists()


async def test_an_upload_is_bounded(serve):
    client = await serve(CONFIG)
    large = [cookie("lab.example", "x" * 4000)] * 300
    assert (await upload(client, ("cookies.json", large))).status == 413
    assert (await upload(client, *[("c.json", [cookie("lab.example")])] * 21)).status == 413


async def test_a_form_without_files_and_what_is_no_form_are_refused(serve):
    client = await serve(CONFIG)
    other = aiohttp.FormData()
    other.add_field("other", io.BytesIO(b"[]"), filename="x.json")
    assert (await client.post("/v1/upload_cookies", data=other, headers=KEY)).status == 422
    assert (await client.post("/v1/upload_cookies", data=b"[]", headers=KEY)).status in (400, 415)
    assert (await client.post("/v1/upload_cookies", json=[], headers=KEY)).status == 400


async def test_without_the_key_nothing_is_kept(serve, directory):
    client = await serve(CONFIG)
    answer = await client.post("/v1/upload_cookies", data=form(("c.json", [cookie("lab.example")])))
    assert answer.status == 401
    assert not directory.exists()


async def test_without_keys_a_program_on_this_machine_may_and_a_page_may_not(serve):
    keyless = "\n".join(line for line in CONFIG.splitlines() if not line.startswith("server"))
    client = await serve(keyless)
    assert (await upload(client, ("c.json", [cookie("lab.example")]))).status == 200
    answer = await upload(client, ("c.json", [cookie("lab.example")]), Origin="http://localhost:3000")
    assert (answer.status, (await answer.json())["error"]["code"]) == (403, "cookie_upload_forbidden")
