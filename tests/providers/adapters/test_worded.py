"""Services that speak OpenAI's dialect but for some words: Azure, Together, Voyage and Hugging Face."""

import base64

import openai
import pytest

from tests.providers.adapters.conftest import KEY
from tests.providers.adapters.replies import MP3, PNG, answer
from tests.support.replies import Completion, Status, Stream

TALK = [{"role": "user", "content": "hi"}]
#: The first event of a stream there has the verdict on the prompt and no choice.
VERDICT = {"choices": [], "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": []}
PIECE = {"id": "c", "choices": [{"index": 0, "delta": {"content": "hello"}, "finish_reason": None}]}
LAST = {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


@pytest.fixture
async def azure(serve, upstream):
    client = await serve(
        f"""
        providers:
          Azure: {{adapter: azure, base_url: "{upstream.url.removesuffix("/v1")}", key: {KEY}, api_version: "2025-01-01-preview",
                   operations: [chat, embeddings, transcription]}}
          Older: {{adapter: azure, base_url: "{upstream.url.removesuffix("/v1")}", key: {KEY}}}
        models:
          m: {{chain: [Azure/my-deployment]}}
          old: {{chain: [Older/mine]}}
        """  # noqa: E501 - one row
    )
    client.sdk = openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0)
    yield client
    await client.sdk.close()


async def test_azure_is_asked_by_deployment_and_version(azure, upstream):
    upstream.script(Stream([VERDICT, PIECE, LAST]))
    stream = await azure.sdk.chat.completions.create(model="m", messages=TALK, stream=True)
    assert "".join([e.choices[0].delta.content or "" async for e in stream if e.choices]) == "hello"
    sent = upstream.requests[0]
    assert sent.path == "/openai/deployments/my-deployment/chat/completions?api-version=2025-01-01-preview"
    assert (sent.headers["api-key"], "authorization" in sent.headers) == (KEY, False)
    upstream.script(answer({"text": "heard"}))
    await azure.sdk.audio.transcriptions.create(model="m", file=("a.mp3", MP3))
    assert upstream.requests[-1].path.startswith("/openai/deployments/my-deployment/audio/transcriptions?api-version=")


async def test_azure_without_a_version_is_asked_by_the_usual_one(azure, upstream):
    upstream.script(Completion())
    await azure.sdk.chat.completions.create(model="old", messages=TALK)
    assert upstream.requests[0].path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"


async def test_a_filtered_prompt_of_azure_is_told_as_one(azure, upstream):
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}}
    error = {"message": "The response was filtered", "type": None, "code": "content_filter", "innererror": inner}
    upstream.script(answer({"error": error}, status=400))
    with pytest.raises(openai.BadRequestError) as caught:
        await azure.sdk.chat.completions.create(model="m", messages=TALK)
    assert caught.value.code == "content_filter"


async def test_together_is_told_the_size_and_form_of_pictures_in_its_words(front, upstream):
    client = await front("Together", "image-generation", path="/v1", model="black-forest-labs/FLUX.1-schnell")
    upstream.script(answer({"data": [{"index": 0, "b64_json": base64.b64encode(PNG).decode()}]}))
    got = await client.sdk.images.generate(
        model="m", prompt="a cat", size="1024x768", n=1, response_format="b64_json", extra_body={"steps": 4}
    )
    assert base64.b64decode(got.data[0].b64_json) == PNG
    assert upstream.requests[0].json == {
        "model": "black-forest-labs/FLUX.1-schnell",
        "prompt": "a cat",
        "n": 1,
        "steps": 4,
        "width": 1024,
        "height": 768,
        "response_format": "base64",
    }


async def test_nebius_is_told_the_size_of_pictures_in_two_numbers(front, upstream):
    client = await front("Nebius", "image-generation", path="/v1", model="stability-ai/sdxl")
    upstream.script(answer({"data": [{"b64_json": base64.b64encode(PNG).decode()}], "id": "x"}))
    got = await client.sdk.images.generate(model="m", prompt="a cat", size="512x256", response_format="b64_json")
    assert base64.b64decode(got.data[0].b64_json) == PNG
    assert upstream.requests[0].path == "/v1/images/generations"
    assert upstream.requests[0].json == {
        "model": "stability-ai/sdxl",
        "prompt": "a cat",
        "width": 512,
        "height": 256,
        "response_format": "b64_json",
    }


@pytest.mark.parametrize(("size", "ratio", "dropped"), [("1024x768", "4:3", None), ("1000x1", None, "size")])
async def test_fireworks_makes_pictures_by_the_ratio_of_their_sides(front, upstream, size, ratio, dropped):
    client = await front(
        "Fireworks", "image-generation", path="/inference/v1", model="accounts/f/models/flux-1-dev-fp8"
    )
    upstream.script(answer(PNG, "image/jpeg"))
    body = {"model": "m", "prompt": "a cat", "size": size, "n": 2, "seed": 5}
    response = await client.post("/v1/images/generations", json=body)
    assert [base64.b64decode(image["b64_json"]) for image in (await response.json())["data"]] == [PNG, PNG]
    assert response.headers.get("x-g4f-dropped") == dropped
    first, second = upstream.requests
    assert first.path == "/inference/v1/workflows/accounts/f/models/flux-1-dev-fp8/text_to_image"
    assert first.headers["accept"] == "image/jpeg"
    assert first.json == {"prompt": "a cat", "seed": 5, **({"aspect_ratio": ratio} if ratio else {})}
    assert second.json["seed"] == 6


async def test_fireworks_chats_in_openais_dialect(front, upstream):
    client = await front("Fireworks", path="/inference/v1", model="accounts/f/models/x")
    upstream.script(Completion("hello"))
    got = await client.sdk.chat.completions.create(model="m", messages=TALK)
    assert got.choices[0].message.content == "hello"
    assert upstream.requests[0].path == "/inference/v1/chat/completions"


async def test_voyage_is_asked_for_vectors_in_its_words(front, upstream):
    client = await front("Voyage", "embeddings", path="/v1", model="voyage-3.5")
    upstream.script(
        answer({"object": "list", "data": [{"embedding": [0.5, 1.0], "index": 0}], "usage": {"total_tokens": 2}})
    )
    body = {
        "model": "m",
        "input": "hi",
        "dimensions": 256,
        "encoding_format": "float",
        "user": "me",
        "input_type": "query",
    }
    got = await (await client.post("/v1/embeddings", json=body)).json()
    assert got["data"][0]["embedding"] == [0.5, 1.0]
    assert upstream.requests[0].json == {
        "model": "voyage-3.5",
        "input": "hi",
        "output_dimension": 256,
        "input_type": "query",
    }


async def test_voyage_ranks(front, upstream):
    client = await front("Voyage", "rerank", path="/v1", model="rerank-2.5")
    upstream.script(
        answer({"object": "list", "data": [{"index": 1, "relevance_score": 0.9}], "usage": {"total_tokens": 5}})
    )
    body = {"model": "m", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 1}
    got = await (await client.post("/v1/rerank", json=body)).json()
    assert got["results"] == [{"index": 1, "relevance_score": 0.9}]
    assert upstream.requests[0].json == {"model": "rerank-2.5", "query": "q", "documents": ["a", "b"], "top_k": 1}


@pytest.mark.parametrize("provider", ["Voyage", "HuggingFace"])
async def test_tokens_are_refused_where_only_text_is_taken(front, upstream, provider):
    client = await front(provider, "embeddings", model="owner/name")
    with pytest.raises(openai.BadRequestError, match="text"):
        await client.sdk.embeddings.create(model="m", input=[[1, 2, 3]])
    assert upstream.requests == []


async def test_hugging_face_chats_through_its_router(front, upstream):
    client = await front("HuggingFace", model="Qwen/Qwen3-32B")
    upstream.script(Completion("hello"))
    await client.sdk.chat.completions.create(model="m", messages=TALK)
    assert (upstream.requests[0].path, upstream.requests[0].key) == ("/v1/chat/completions", KEY)


async def test_hugging_face_makes_pictures(front, upstream):
    client = await front("HuggingFace", "image-generation", model="stabilityai/sdxl")
    upstream.script(answer(PNG, "image/png"))
    got = await client.sdk.images.generate(model="m", prompt="a cat", size="64x32", n=2, extra_body={"seed": 3})
    assert [base64.b64decode(image.b64_json) for image in got.data] == [PNG, PNG]
    assert upstream.requests[0].path == "/hf-inference/models/stabilityai/sdxl"
    assert [request.json["parameters"]["seed"] for request in upstream.requests] == [3, 4]
    assert upstream.requests[0].json["inputs"] == "a cat"


async def test_hugging_face_makes_vectors(front, upstream):
    client = await front("HuggingFace", "embeddings", model="BAAI/bge-m3")
    upstream.script(answer([[0.5, 1.0], [0.25, -1.0]]))
    got = await client.sdk.embeddings.create(model="m", input=["a", "b"])
    assert [item.embedding for item in got.data] == [[0.5, 1.0], [0.25, -1.0]]
    assert upstream.requests[0].path == "/hf-inference/models/BAAI/bge-m3/pipeline/feature-extraction"
    assert upstream.requests[0].json == {"inputs": ["a", "b"]}


async def test_hugging_face_hears(front, upstream):
    client = await front("HuggingFace", "transcription", model="openai/whisper-large-v3")
    upstream.script(answer({"text": "hello"}))
    got = await client.sdk.audio.transcriptions.create(model="m", file=("a.flac", MP3, "audio/flac"))
    assert got.text == "hello"
    assert (upstream.requests[0].headers["content-type"], upstream.requests[0].body) == ("audio/flac", MP3)


@pytest.mark.parametrize("model", ["../../whoami", "a//b", "./x"])
async def test_a_model_cannot_lead_to_another_path(front, upstream, model):
    client = await front("HuggingFace", "embeddings", model="x")
    response = await client.post("/v1/embeddings", json={"model": model, "input": "x", "provider": "HuggingFace"})
    assert response.status in (400, 404)
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (Status(503, b'{"error":"Model is loading","estimated_time":20}'), 503, "upstream_overloaded"),
        (Status(402, b'{"error":"You have exceeded your monthly included credits"}'), 429, "insufficient_quota"),
        (answer({"error": "no such task"}), 502, "upstream_bad_response"),
        (answer([[0.5]]), 502, "upstream_bad_response"),
        (answer([["x"], ["y"]]), 502, "upstream_bad_response"),
        (answer(b"nope"), 502, "upstream_bad_response"),
    ],
)
async def test_what_hugging_face_answers_in_place_of_vectors_is_told_by_its_kind(front, upstream, reply, status, code):
    client = await front("HuggingFace", "embeddings", model="BAAI/bge-m3")
    upstream.script(reply)
    with pytest.raises(openai.APIStatusError) as caught:
        await client.sdk.embeddings.create(model="m", input=["a", "b"])
    assert (caught.value.status_code, caught.value.code) == (status, code)
