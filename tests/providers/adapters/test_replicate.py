"""Replicate: predictions created, waited for, read as they grow, and cancelled when nobody waits any more."""

import asyncio
import base64
import json

import openai
import pytest

from g4f.providers.adapters import replicate
from tests.providers.adapters.conftest import KEY
from tests.providers.adapters.replies import PNG, answer
from tests.support.replies import Hang, Redirect, Status

ID = "gm3qorzdhgbfurvjtvhg6dckhu"
TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Predictions are looked at again without a pause."""
    monkeypatch.setattr(replicate, "PAUSE", 0)
    monkeypatch.setattr(replicate.Replicate.__init__, "__kwdefaults__", {"pause": 0})


def prediction(status="succeeded", output=None, code=200, **more):
    """https://replicate.com/docs/reference/http#predictions.get"""
    urls = {"get": "https://elsewhere.example/get", "cancel": "https://elsewhere.example/cancel"}
    return answer({"id": ID, "model": "o/n", "status": status, "output": output, "urls": urls, **more}, status=code)


async def test_a_picture_is_waited_for_and_given_by_its_address(front, upstream):
    client = await front("Replicate", "image-generation", model="black-forest-labs/flux-schnell")
    urls = [f"https://replicate.delivery/x/out-{number}.webp" for number in range(2)]
    upstream.script(prediction("starting", code=201), prediction("processing"), prediction(output=urls))
    got = await client.sdk.images.generate(
        model="m", prompt="a cat", n=2, size="1024x768", quality="hd", extra_body={"go_fast": True}
    )
    assert [image.url for image in got.data] == urls
    created, *looks = upstream.requests
    assert (created.method, created.path) == ("POST", "/v1/models/black-forest-labs/flux-schnell/predictions")
    assert (created.key, created.headers["prefer"]) == (KEY, "wait=60")
    assert created.json == {
        "input": {
            "prompt": "a cat",
            "num_outputs": 2,
            "aspect_ratio": "4:3",
            "width": 1024,
            "height": 768,
            "go_fast": True,
        }
    }
    assert [(look.method, look.path) for look in looks] == [("GET", f"/v1/predictions/{ID}")] * 2


async def test_a_picture_in_base64_is_fetched_from_its_address(front, upstream):
    client = await front("Replicate", "image-generation", model="o/n")
    own = f"{upstream.url.removesuffix('/v1')}/files/1.png"
    upstream.script(prediction(output=own, code=201), answer(PNG, "image/png"))
    got = await client.sdk.images.generate(model="m", prompt="a cat", response_format="b64_json")
    assert base64.b64decode(got.data[0].b64_json) == PNG
    assert "authorization" not in upstream.requests[-1].headers


async def test_a_version_is_asked_for_by_the_version(front, upstream):
    version = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"
    client = await front("Replicate", "image-generation", model=f"o/n:{version}")
    upstream.script(prediction(output=["data:image/png;base64,AAAA"], code=201))
    got = await client.sdk.images.generate(model="m", prompt="a cat")
    assert got.data[0].b64_json == "AAAA"
    assert upstream.requests[0].path == "/v1/predictions"
    assert upstream.requests[0].json["version"] == version


async def test_pictures_to_change_go_along(front, upstream):
    client = await front("Replicate", "image-edit", model="black-forest-labs/flux-kontext-pro")
    upstream.script(prediction(output="https://replicate.delivery/x.png", code=201))
    await client.sdk.images.edit(model="m", prompt="a hat", image=("a.png", PNG, "image/png"))
    given = upstream.requests[0].json["input"]
    assert given["input_image"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


async def test_a_chat_is_a_prompt_with_instructions_apart(front, upstream):
    client = await front("Replicate", model="meta/meta-llama-3-70b-instruct")
    counts = {"input_token_count": 5, "output_token_count": 2}
    upstream.script(prediction(output=["Hello", " there"], code=201, metrics=counts))
    got = await client.sdk.chat.completions.create(
        model="m", messages=TALK, max_tokens=9, temperature=0.5, presence_penalty=1
    )
    assert (got.choices[0].message.content, got.usage.completion_tokens) == ("Hello there", 2)
    assert upstream.requests[0].json == {
        "input": {"prompt": "hi", "system_prompt": "Be brief.", "max_tokens": 9, "temperature": 0.5}
    }


async def test_a_streamed_chat_is_given_as_it_grows(front, upstream):
    client = await front("Replicate", model="o/n")
    grown = [
        prediction("starting", code=201),
        prediction("processing", ["Hel"]),
        prediction("processing", ["Hel", "lo"]),
    ]
    upstream.script(*grown, prediction(output=["Hel", "lo", "!"]))
    stream = await client.sdk.chat.completions.create(model="m", messages=TALK, stream=True)
    assert [e.choices[0].delta.content async for e in stream if e.choices and e.choices[0].delta.content] == [
        "Hel",
        "lo",
        "!",
    ]
    assert "prefer" not in upstream.requests[0].headers


async def test_a_completion_of_the_old_kind_is_asked_as_a_chat(front, upstream):
    client = await front("Replicate", model="o/n")
    upstream.script(prediction(output="upon a time", code=201))
    for stream in (False, True):
        response = await client.post("/v1/completions", json={"model": "m", "prompt": "once", "stream": stream})
        text = await response.text()
        assert "upon a time" in text
        assert "text_completion" in text


async def test_a_prediction_that_nobody_waits_for_any_more_is_cancelled(front, upstream):
    client = await front("Replicate", model="o/n")
    upstream.script(prediction("processing", code=201), Hang())
    asking = asyncio.ensure_future(client.post("/v1/chat/completions", json={"model": "m", "messages": TALK}))
    await upstream.received(2)
    upstream.script(prediction("canceled"))
    asking.cancel()
    cancelled = await upstream.received(3)
    assert (cancelled.method, cancelled.path, cancelled.key) == ("POST", f"/v1/predictions/{ID}/cancel", KEY)


async def test_a_look_that_fails_is_not_the_end_of_a_prediction(front, upstream):
    client = await front("Replicate", model="o/n")
    upstream.script(prediction("processing", code=201), Status(502), Status(429), prediction(output="hi"))
    got = await client.sdk.chat.completions.create(model="m", messages=TALK)
    assert got.choices[0].message.content == "hi"


@pytest.mark.parametrize(
    ("replies", "status", "code"),
    [
        ([prediction("failed", error=f"CUDA out of memory {KEY}", code=201)], 502, "upstream_error"),
        ([prediction("failed", error="NSFW content detected", code=201)], 400, "content_filter"),
        ([prediction("processing", code=201), prediction("canceled")], 502, "upstream_error"),
        ([prediction("succeeded", [], code=201)], 502, "empty_completion"),
        ([prediction(output={"a": 1}, code=201)], 502, "upstream_bad_response"),
        ([answer({"id": "../x", "status": "succeeded"}, status=201)], 502, "upstream_bad_response"),
        ([answer(b"[", status=201)], 502, "upstream_bad_response"),
        ([Status(422, b'{"detail":"- input.prompt is required"}')], 422, "invalid_request"),
        ([Status(402, b'{"detail":"Insufficient credit"}')], 429, "insufficient_quota"),
        ([Status(429, b'{"detail":"Throttled","retry_after":3}', {"Retry-After": "3"})], 429, "rate_limit_exceeded"),
        ([Redirect("https://elsewhere.example/")], 502, "upstream_redirect"),
        ([prediction("processing", code=201), *[Status(502)] * 3, prediction("canceled")], 502, "upstream_error"),
    ],
)
async def test_a_failure_is_told_by_its_kind(front, upstream, replies, status, code):
    client = await front("Replicate", "image-generation", model="o/n")
    upstream.script(*replies)
    response = await client.post("/v1/images/generations", json={"model": "m", "prompt": "x"})
    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (status, code)
    assert KEY not in json.dumps(error)


async def test_what_its_models_have_no_words_for_is_refused_before_anybody_is_asked(front, upstream):
    client = await front("Replicate", model="o/n")
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    with pytest.raises(openai.BadRequestError):
        await client.sdk.chat.completions.create(model="m", messages=TALK, tools=[tool])
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(openai.BadRequestError):
        await client.sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": [picture]}])
    assert upstream.requests == []
