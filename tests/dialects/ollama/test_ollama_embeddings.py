"""Embeddings between OpenAI's and Ollama's dialects, by both SDKs, over real sockets."""

import ollama
import openai
import pytest

from tests.grid.behind import ollama as ollama_behind
from tests.grid.behind import openai as openai_behind
from tests.grid.behind.replying import whole
from tests.grid.conftest import Start, cell  # noqa: F401 - a fixture
from tests.support.caller import post

VECTORS = [[0.5, -0.25], [1.0, 0.0]]
OLLAMA = whole({"model": "x", "embeddings": VECTORS, "prompt_eval_count": 8})
OPENAI = whole(
    {
        "object": "list",
        "model": "x",
        "data": [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(VECTORS)],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }
)


@pytest.mark.parametrize(("behind", "reply"), [(ollama_behind, OLLAMA), (openai_behind, OPENAI)])
async def test_both_clients_get_their_vectors_from_both(cell: Start, behind, reply):  # noqa: F811
    served = await cell(behind, reply)
    async with openai.AsyncOpenAI(base_url=f"{served.root}/v1", api_key="x", max_retries=0) as client:
        for encoding in ("float", "base64"):
            got = await client.embeddings.create(model="m", input=["a", "b"], encoding_format=encoding)
            assert got.usage.prompt_tokens == 8
            assert len(got.data) == 2
        assert (await client.embeddings.create(model="m", input=["a", "b"])).data[0].embedding == VECTORS[0]
    async with ollama.AsyncClient(host=served.root) as client:
        answer = await client.embed(model="m:latest", input=["a", "b"])
        assert ([list(vector) for vector in answer.embeddings], answer.prompt_eval_count) == (VECTORS, 8)
    refused = await post(f"{served.root}/api/embed", {"model": "m", "input": [1]})
    assert (refused.status, list(refused.json)) == (400, ["error"])
    assert served.upstream.requests[-1].json["input"] == ["a", "b"]


async def test_the_older_call_gives_one_vector(cell: Start):  # noqa: F811
    served = await cell(ollama_behind, whole({"embeddings": VECTORS[:1]}))
    async with ollama.AsyncClient(host=served.root) as client:
        assert list((await client.embeddings(model="m", prompt="a", options={"num_ctx": 9})).embedding) == VECTORS[0]
    assert served.upstream.requests[0].json == {"model": "qwen3:8b", "input": "a", "options": {"num_ctx": 9}}
    assert served.upstream.requests[0].path == "/api/embed"


@pytest.mark.parametrize("wrong", [{"input": []}, {"input": "a", "dimensions": 0}])
async def test_nothing_to_embed_and_no_dimensions_are_refused_at_once(cell: Start, wrong):  # noqa: F811
    served = await cell(openai_behind, OPENAI)
    answer = await post(f"{served.root}/api/embed", {"model": "m", **wrong})
    assert (answer.status, "must" in answer.json["error"]) == (400, True)


async def test_fewer_vectors_than_texts_are_no_answer(cell: Start):  # noqa: F811
    served = await cell(ollama_behind, whole({"embeddings": VECTORS}))
    async with ollama.AsyncClient(host=served.root) as client:
        with pytest.raises(ollama.ResponseError, match="2 embeddings for 1") as caught:
            await client.embed(model="m", input="a")
    assert caught.value.status_code == 502
