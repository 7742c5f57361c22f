"""Embeddings, moderations, rankings, completions, images and audio, by the official SDK against scripted upstreams."""

import asyncio
import json

import openai
import pytest
from aiohttp import FormData

from g4f.dialects.multipart import read_form
from tests.support.http import chunk, head
from tests.support.replies import Choose, Completion, Raw, Status, Stream, error
from tests.support.upstream import Upstream

#: The SDK calls what few models do deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")

AUDIO = b"ID3" + bytes(range(256)) * 8
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
LONE = {"data": [{"embedding": [0.5, -1.0]}], "usage": {"prompt_tokens": 4, "total_tokens": 4}}
USED = {"usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}}


def answer(body, kind="application/json"):
    return Status(200, body if isinstance(body, bytes) else json.dumps(body).encode(), {"Content-Type": kind})


@pytest.fixture
async def upstream():
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def client(serve, upstream):
    client = await serve(
        f"""
        defaults: {{retries: 0}}
        providers:
          Lab: {{base_url: "{upstream.url}", key: upstream-key-0123456789}}
          Chats: {{base_url: "{upstream.url}", operations: [chat]}}
        models:
          m: {{chain: [Lab/up]}}
          talk: {{chain: [Chats/up]}}
          both: {{chain: [Chats/up, Lab/up]}}
          pictures: {{chain: [Lab/up], operations: [image-generation]}}
          voice: {{chain: [Lab/up], operations: [speech]}}
        """
    )
    client.sdk = openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0)
    yield client
    await client.sdk.close()


async def test_embeddings_come_back_as_numbers(client, upstream):
    upstream.script(answer(LONE))
    got = await client.sdk.embeddings.create(model="m", input="hi", dimensions=2)
    assert got.data[0].embedding == [0.5, -1.0]
    assert got.usage.prompt_tokens == 4
    sent = upstream.requests[0]
    assert sent.path == "/v1/embeddings"
    assert sent.json == {"model": "up", "input": "hi", "dimensions": 2, "encoding_format": "base64"}
    assert sent.key == "upstream-key-0123456789"


async def test_moderations_and_rankings_are_asked_for_and_answered(client, upstream):
    verdict = {"flagged": True, "categories": {"hate": True}, "category_scores": {"hate": 0.9}}
    upstream.script(answer({"id": "modr-1", "model": "up", "results": [verdict]}))
    got = await client.sdk.moderations.create(model="m", input=["bad"])
    assert got.results[0].flagged
    upstream.script(answer({"results": [{"index": 1, "relevance_score": 0.5}]}))
    response = await client.post("/v1/rerank", json={"model": "m", "query": "q", "documents": ["a", "b"], "top_n": 1})
    assert (await response.json())["results"] == [{"index": 1, "relevance_score": 0.5}]
    assert response.headers["x-g4f-provider"] == "Lab"
    assert [request.path for request in upstream.requests] == ["/v1/moderations", "/v1/rerank"]


async def test_completions_of_the_old_kind_whole_and_streamed(client, upstream):
    whole = {"id": "cmpl-1", "choices": [{"index": 0, "text": "upon a time", "finish_reason": "length"}]}
    upstream.script(answer(whole))
    got = await client.sdk.completions.create(model="m", prompt="once", max_tokens=3)
    assert (got.choices[0].text, got.object) == ("upon a time", "text_completion")
    pieces = [{"choices": [{"index": 0, "text": t, "finish_reason": None}]} for t in ("upon", " a")]
    upstream.script(Stream([*pieces, {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}]))
    stream = await client.sdk.completions.create(model="m", prompt="once", stream=True)
    assert "".join([event.choices[0].text async for event in stream]) == "upon a"
    assert upstream.requests[0].json == {"model": "up", "prompt": "once", "max_tokens": 3}


@pytest.mark.parametrize("stream", [False, True])
async def test_where_a_provider_only_chats_a_completion_is_a_chat(client, upstream, stream):
    upstream.script(Completion("upon a time"))
    got = await client.sdk.completions.create(model="talk", prompt="once", stream=stream)
    text = "".join([e.choices[0].text async for e in got if e.choices]) if stream else got.choices[0].text
    assert text == "upon a time"
    assert upstream.requests[0].path == "/v1/chat/completions"
    assert upstream.requests[0].json["messages"] == [{"role": "user", "content": "once"}]


async def test_a_picture_is_made_by_the_model_that_is_for_pictures(client, upstream):
    upstream.script(answer({"created": 1, "data": [{"b64_json": "AAAA"}], **USED}))
    for path in ("/v1/images/generations", "/v1/images/generate", "/v1/media/generate", "/api/Lab/images/generations"):
        response = await client.post(path, json={"prompt": "a cat"})
        assert (await response.json())["data"] == [{"b64_json": "AAAA"}]
        assert upstream.requests[-1].path == "/v1/images/generations"
        assert upstream.requests[-1].json == {"prompt": "a cat", "model": "up"}
    upstream.script(answer({"created": 1, "data": [{"b64_json": "AAAA"}, {"b64_json": "BBBB"}], **USED}))
    got = await client.sdk.images.generate(prompt="a cat", model="pictures", n=2, size="256x256")
    assert [image.b64_json for image in got.data] == ["AAAA", "BBBB"]
    assert upstream.requests[-1].json == {"prompt": "a cat", "model": "up", "n": 2, "size": "256x256"}


async def test_pictures_are_edited_and_varied_by_forms(client, upstream):
    upstream.script(answer({"created": 1, "data": [{"b64_json": "AAAA"}, {"b64_json": "BBBB"}]}))
    await client.sdk.images.edit(model="m", prompt="a hat", image=[("a.png", PNG), ("b.png", PNG)], mask=("m.png", PNG))
    await client.sdk.images.create_variation(model="m", image=("a.png", PNG), n=2)
    edit, variation = upstream.requests
    form = read_form(edit.body, content_type=edit.headers["content-type"])
    assert edit.path == "/v1/images/edits"
    assert [(f.field, f.name, bytes(f.content)) for f in form.files] == [
        ("image[]", "a.png", PNG),
        ("image[]", "b.png", PNG),
        ("mask", "m.png", PNG),
    ]
    assert dict(form.fields) == {"model": "up", "prompt": "a hat"}
    form = read_form(variation.body, content_type=variation.headers["content-type"])
    assert variation.path == "/v1/images/variations"
    assert dict(form.fields) == {"model": "up", "n": "2"}


async def test_a_streamed_picture_arrives_in_its_parts(client, upstream):
    part = {"type": "image_generation.partial_image", "b64_json": "AA", "partial_image_index": 0}
    done = {"type": "image_generation.completed", "b64_json": "AAAA"}
    upstream.script(Stream([part, done], end="eof"))
    stream = await client.sdk.images.generate(model="m", prompt="x", stream=True, partial_images=1)
    assert [event.type async for event in stream] == [part["type"], done["type"]]


async def test_audio_is_transcribed_and_translated_in_each_form(client, upstream):
    upstream.script(answer({"text": "hi", **USED}))
    got = await client.sdk.audio.transcriptions.create(
        model="m", file=("a.mp3", AUDIO), language="en", timestamp_granularities=["word"]
    )
    assert got.text == "hi"
    sent = upstream.requests[0]
    form = read_form(sent.body, content_type=sent.headers["content-type"])
    assert bytes(form.files[0].content) == AUDIO
    assert sorted(form.fields) == [("language", "en"), ("model", "up"), ("timestamp_granularities[]", "word")]
    upstream.script(answer(b"1\n00:00 hi", "text/plain"))
    got = await client.sdk.audio.translations.create(model="m", file=("a.mp3", AUDIO), response_format="srt")
    assert got == "1\n00:00 hi"
    assert upstream.requests[1].path == "/v1/audio/translations"


async def test_a_streamed_transcript_arrives_word_by_word(client, upstream):
    words = [{"type": "transcript.text.delta", "delta": word} for word in ("Hel", "lo")]
    upstream.script(Stream([*words, {"type": "transcript.text.done", "text": "Hello"}], end="eof"))
    stream = await client.sdk.audio.transcriptions.create(model="m", file=("a.mp3", AUDIO), stream=True)
    assert [event.type async for event in stream] == [*(w["type"] for w in words), "transcript.text.done"]


async def test_speech_is_passed_on_as_it_comes_with_its_type(client, upstream):
    upstream.script(
        Raw([head(200, {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}), chunk(AUDIO), chunk(b"")])
    )
    async with client.sdk.audio.speech.with_streaming_response.create(
        model="voice", input="hi", voice="alloy"
    ) as response:
        assert await response.read() == AUDIO
        assert response.headers["content-type"] == "audio/mpeg"
        assert response.headers["x-g4f-provider"] == "Lab"
    assert upstream.requests[0].json == {"model": "up", "input": "hi", "voice": "alloy"}


async def test_speech_that_breaks_off_is_cut_and_never_ends_as_if_it_were_whole(client, upstream):
    upstream.script(Raw([head(200, {"Content-Type": "audio/mpeg", "Transfer-Encoding": "chunked"}), chunk(AUDIO)]))
    with pytest.raises(openai.APIConnectionError):
        await client.sdk.audio.speech.create(model="voice", input="hi", voice="alloy")


async def test_the_synchronous_client_embeds_draws_hears_and_speaks(client, upstream):
    def talk():
        with openai.OpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0) as sdk:
            vector = sdk.embeddings.create(model="m", input="hi").data[0].embedding
            picture = sdk.images.generate(model="m", prompt="x").data[0].b64_json
            heard = sdk.audio.transcriptions.create(model="m", file=("a.mp3", AUDIO)).text
            return vector, picture, heard, sdk.audio.speech.create(model="m", input="x", voice="y").content

    upstream.script(
        answer(LONE), answer({"data": [{"b64_json": "AAAA"}]}), answer({"text": "hi"}), answer(AUDIO, "audio/mpeg")
    )
    assert await asyncio.to_thread(talk) == ([0.5, -1.0], "AAAA", "hi", AUDIO)


async def test_a_target_that_cannot_do_it_is_passed_over_and_the_next_one_asked(client, upstream):
    upstream.script(answer(LONE))
    raw = await client.sdk.embeddings.with_raw_response.create(model="both", input="hi")
    assert raw.headers["x-g4f-trail"] == "Chats=lacks_capability"
    explained = await (await client.get("/admin/explain?model=both&operation=embeddings")).json()
    assert [target["provider"] for target in explained["targets"]] == ["Lab"]
    assert explained["skipped"][0]["detail"] == "no embeddings"


async def test_where_no_target_can_do_it_the_request_is_refused_and_nobody_contacted(client, upstream):
    with pytest.raises(openai.BadRequestError) as refused:
        await client.sdk.embeddings.create(model="talk", input="hi")
    assert refused.value.code == "unsupported"
    assert "no embeddings" in refused.value.message
    assert upstream.requests == []


async def test_a_bad_answer_falls_back_like_any_failure(serve, upstream):
    async with Upstream(answer({"data": []})) as empty:
        client = await serve(
            f"""
            defaults: {{retries: 0}}
            providers: {{A: {{base_url: "{empty.url}"}}, B: {{base_url: "{upstream.url}"}}}}
            models: {{m: {{chain: [A, B]}}}}
            """
        )
        upstream.script(answer({"data": [{"url": "https://example.com/a.png"}]}))
        response = await client.post("/v1/images/generations", json={"model": "m", "prompt": "x"})
        assert (await response.json())["data"] == [{"url": "https://example.com/a.png"}]
        assert response.headers["x-g4f-trail"] == "A=empty"


async def test_what_the_upstream_says_of_a_bad_request_is_passed_on(client, upstream):
    upstream.script(Status(400, error("bad size", param="size", code="invalid_size")))
    with pytest.raises(openai.BadRequestError) as refused:
        await client.sdk.images.generate(model="m", prompt="x", size="1x1")
    assert (refused.value.param, refused.value.code) == ("size", "invalid_size")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/images/edits", "/v1/audio/transcriptions"])
async def test_other_types_of_bodies_are_refused(client, upstream, path):
    response = await client.post(path, data=b"x", headers={"Content-Type": "text/plain"})
    assert (response.status, (await response.json())["error"]["code"]) == (415, "unsupported_media_type")
    assert upstream.requests == []


async def test_forms_stay_refused_where_nobody_sends_files(client):
    form = FormData()
    form.add_field("file", b"x", filename="x")
    response = await client.post("/v1/chat/completions", data=form)
    assert response.status == 415


async def test_a_large_file_is_not_counted_in_tokens(serve, upstream):
    key = "a-key-of-sixteen-characters-or-more"
    client = await serve(
        f"""
        server: {{keys: [{{name: k, key: {key}, tpm: 1000}}]}}
        providers: {{Lab: {{base_url: "{upstream.url}"}}}}
        models: {{m: {{chain: [Lab]}}}}
        """,
        Authorization=f"Bearer {key}",
    )
    upstream.script(answer({"text": "hi", **USED}))
    form = FormData()
    form.add_field("model", "m")
    form.add_field("file", AUDIO * 100, filename="a.mp3")
    assert (await client.post("/v1/audio/transcriptions", data=form)).status == 200


async def test_a_default_model_is_one_that_the_key_may_use(serve, upstream):
    key = "a-key-of-sixteen-characters-or-more"
    client = await serve(
        f"""
        server: {{keys: [{{name: k, key: {key}, models: [second]}}]}}
        providers: {{Lab: {{base_url: "{upstream.url}"}}}}
        models:
          first: {{chain: [Lab], operations: [image-generation]}}
          second: {{chain: [Lab], operations: [image-generation]}}
        """,
        Authorization=f"Bearer {key}",
    )
    upstream.script(answer({"data": [{"b64_json": "AAAA"}]}))
    assert (await client.post("/v1/images/generations", json={"prompt": "x"})).status == 200
    assert upstream.requests[0].json["model"] == "second"
    response = await client.post("/v1/audio/speech", json={"input": "x"})
    assert (response.status, (await response.json())["error"]["param"]) == (422, "model")


async def test_demo_does_everything_without_a_network(serve):
    client = await serve("models: {demo: {chain: [Demo]}}")
    async with openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0) as sdk:
        vector = (await sdk.embeddings.create(model="demo", input="a b", dimensions=8)).data[0].embedding
        assert len(vector) == 8
        assert sum(number * number for number in vector) == pytest.approx(1, abs=1e-6)
        assert not (await sdk.moderations.create(model="demo", input="x")).results[0].flagged
        assert "Demo" in (await sdk.completions.create(model="demo", prompt="x")).choices[0].text
        assert len((await sdk.images.generate(model="demo", prompt="x", n=2)).data) == 2
        speech = await sdk.audio.speech.create(model="demo", input="x", voice="y")
        assert speech.content[:4] == b"RIFF"
        for form in ("json", "text", "srt", "vtt", "verbose_json"):
            heard = await sdk.audio.transcriptions.create(model="demo", file=("a.mp3", AUDIO), response_format=form)
            assert "Demo" in (heard if isinstance(heard, str) else heard.text)
        stream = await sdk.audio.transcriptions.create(model="demo", file=("a.mp3", AUDIO), stream=True)
        assert [event.type async for event in stream] == ["transcript.text.done"]


async def test_answers_do_not_get_mixed_up_between_callers(client, upstream):
    upstream.script(Choose(lambda request: answer({"data": [{"embedding": [float(request.json["input"])]}]})))

    async def one(number):
        got = await client.sdk.embeddings.create(model="m", input=str(number))
        assert got.data[0].embedding == [float(number)]

    await asyncio.gather(*map(one, range(50)))
