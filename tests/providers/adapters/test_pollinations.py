"""Pollinations without a key by its hosts for everybody, with one by its OpenAI-compatible API."""

import base64
from urllib.parse import parse_qs, urlsplit

import openai
import pytest

from g4f.config.schema import Provider
from g4f.providers.adapters.pollinations import Pollinations
from g4f.providers.endpoint import EndpointOptions
from g4f.providers.transport import Pools
from tests.providers.adapters.conftest import KEY
from tests.providers.adapters.replies import JPEG, MP3, answer
from tests.support.replies import Completion, Html, Redirect, Status


def asked(request):
    parts = urlsplit(request.path)
    return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}


async def test_a_picture_without_a_key_is_fetched_by_its_prompt(front, upstream):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(answer(JPEG, "image/jpeg"))
    got = await client.sdk.images.generate(model="m", prompt="a cat & a dog/é?", size="512x256", user="me")
    assert base64.b64decode(got.data[0].b64_json) == JPEG
    path, query = asked(upstream.requests[0])
    assert path == "/prompt/a%20cat%20%26%20a%20dog%2F%C3%A9%3F"
    assert query == {"model": "flux", "width": "512", "height": "256", "private": "true"}
    assert (upstream.requests[0].method, upstream.requests[0].key) == ("GET", "")


async def test_a_picture_is_kept_and_linked_to_where_an_address_is_wanted(front, upstream):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(answer(JPEG, "image/jpeg"))
    got = await client.sdk.images.generate(model="m", prompt="a cat", response_format="url")
    assert got.data[0].b64_json is None
    kept = await client.get(urlsplit(got.data[0].url).path)
    assert (await kept.read(), kept.content_type) == (JPEG, "image/jpeg")


async def test_the_documented_request_for_dall_e_3_is_answered(front, upstream):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(answer(JPEG, "image/jpeg"))
    body = {
        "prompt": "A beautiful sunset over mountains",
        "model": "dall-e-3",
        "n": 1,
        "size": "1024x1024",
        "response_format": "url",
        "provider": "PollinationsAI",
    }
    got = await (await client.post("/v1/images/generations", json=body)).json()
    assert urlsplit(got["data"][0]["url"]).path.startswith("/media/")
    assert asked(upstream.requests[0])[1]["model"] == "gptimage"


async def test_several_pictures_are_as_many_calls_with_seeds_of_their_own(front, upstream):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(answer(JPEG, "image/jpeg"))
    got = await client.sdk.images.generate(model="m", prompt="a cat", n=3, extra_body={"seed": 7})
    assert len(got.data) == 3
    assert [asked(request)[1]["seed"] for request in upstream.requests] == ["7", "8", "9"]


async def test_what_the_service_has_no_words_for_is_named(front, upstream):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(answer(JPEG, "image/jpeg"))
    response = await client.post("/v1/images/generations", json={"model": "m", "prompt": "x", "quality": "hd"})
    assert response.headers["x-g4f-dropped"] == "quality"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_chat_without_a_key_goes_to_the_host_for_texts_and_is_private(front, upstream, stream):
    client = await front("PollinationsAI", model="openai", key=None)
    upstream.script(Completion("hello there"))
    got = await client.sdk.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hi"}], stream=stream
    )
    text = "".join([e.choices[0].delta.content or "" async for e in got if e.choices]) if stream else None
    assert (text or got.choices[0].message.content) == "hello there"
    assert upstream.requests[0].path == "/openai"
    assert (upstream.requests[0].json["private"], upstream.requests[0].json["model"]) == (True, "openai")


async def test_speech_without_a_key_is_the_sound_that_comes(front, upstream):
    client = await front("PollinationsAI", "speech", model="openai-audio", key=None)
    upstream.script(answer(MP3, "audio/mpeg"))
    got = await client.sdk.audio.speech.create(model="m", voice="nova", input="Good day")
    assert got.read() == MP3
    assert asked(upstream.requests[0]) == (
        "/Good%20day",
        {"model": "openai-audio", "voice": "nova", "private": "true"},
    )


async def test_sound_in_another_form_is_refused_before_anybody_is_asked(front, upstream):
    client = await front("PollinationsAI", "speech", model="openai-audio", key=None)
    with pytest.raises(openai.BadRequestError, match="mp3"):
        await client.sdk.audio.speech.create(model="m", voice="nova", input="x", response_format="flac")
    assert upstream.requests == []


async def test_with_a_key_everything_is_openais_dialect(front, upstream):
    client = await front("PollinationsAI", "chat, image-generation, speech", path="/v1", model="flux")
    upstream.script(answer({"created": 1, "data": [{"b64_json": "AAAA"}]}))
    await client.sdk.images.generate(model="m", prompt="a cat")
    upstream.script(Completion())
    await client.sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    picture, chat = upstream.requests
    assert (picture.path, chat.path) == ("/v1/images/generations", "/v1/chat/completions")
    assert picture.key == chat.key == KEY
    assert "private" not in chat.json


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (Status(429, b'{"error":"Queue full"}', {"Retry-After": "7"}), 429, "rate_limit_exceeded"),
        (Status(402, b'{"message":"no pollen"}'), 429, "insufficient_quota"),
        (answer(b"not a picture", "image/jpeg"), 502, "upstream_bad_response"),
        (answer(b'{"error":{"message":"unsafe"}}'), 502, "upstream_error"),
        (Redirect("https://elsewhere.example/"), 502, "upstream_redirect"),
        (Html(), 502, "upstream_challenge"),
    ],
)
async def test_a_failure_is_told_by_its_kind(front, upstream, reply, status, code):
    client = await front("PollinationsAI", "image-generation", model="flux", key=None)
    upstream.script(reply)
    response = await client.post("/v1/images/generations", json={"model": "m", "prompt": "x"})
    assert (response.status, (await response.json())["error"]["code"]) == (status, code)


async def test_each_host_of_its_own_is_reached_without_the_key_but_that_for_keys():
    pools = Pools()
    row = Provider(base_url="https://gen.pollinations.ai/v1", adapter="pollinations")
    options = EndpointOptions(name="P", base_url=str(row.base_url), keys={"main": KEY}, headers={"x-own": "1"})
    adapter = Pollinations(options, pools)
    origins = [endpoint._route.origin for endpoint in (adapter._keyed, adapter._text, adapter._image)]
    assert origins == ["https://gen.pollinations.ai", "https://text.pollinations.ai", "https://image.pollinations.ai"]
    assert set(adapter._text._headers) == {None}
    assert "x-own" not in adapter._image._headers[None]
    await adapter.close()
    assert len(pools) == 0
