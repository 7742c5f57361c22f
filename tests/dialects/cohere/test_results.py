"""Cohere's vectors and rankings, asked for by the official SDK of OpenAI and by HTTP."""

import openai
import pytest

from tests.api.conftest import serve
from tests.support.replies import Status
from tests.support.upstream import Upstream

__all__ = ["serve"]

#: https://docs.cohere.com/reference/embed, cut short.
EMBEDDED = {
    "id": "e",
    "embeddings": {"float": [[0.5, 1.0], [0.25, -1.0]]},
    "texts": ["a", "b"],
    "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 4}},
    "response_type": "embeddings_by_type",
}
#: https://docs.cohere.com/reference/rerank, cut short.
RANKED = {
    "id": "r",
    "results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}],
    "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
}


@pytest.fixture
async def cohere(serve):
    async with Upstream() as upstream:
        client = await serve(
            f"""
            providers:
              Cohere: {{dialect: cohere, base_url: "{upstream.url.removesuffix("/v1")}", key: cohere-key-0123456789}}
            models:
              m: {{chain: [Cohere/embed-v4.0]}}
            """
        )
        client.upstream = upstream
        client.sdk = openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0)
        yield client
        await client.sdk.close()


async def test_texts_are_embedded_as_documents_unless_the_request_says_otherwise(cohere):
    cohere.upstream.script(Status(200, EMBEDDED))
    got = await cohere.sdk.embeddings.create(model="m", input=["a", "b"], dimensions=256)
    assert [item.embedding for item in got.data] == [[0.5, 1.0], [0.25, -1.0]]
    assert got.usage.prompt_tokens == 4
    await cohere.sdk.embeddings.create(model="m", input=["a", "b"], extra_body={"input_type": "search_query"})
    first, second = cohere.upstream.requests
    assert first.path == "/v2/embed"
    assert first.json == {
        "model": "embed-v4.0",
        "texts": ["a", "b"],
        "input_type": "search_document",
        "embedding_types": ["float"],
        "output_dimension": 256,
    }
    assert second.json["input_type"] == "search_query"


async def test_documents_are_ranked_by_their_text(cohere):
    cohere.upstream.script(Status(200, RANKED))
    body = {"model": "m", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 2, "return_documents": True}
    response = await cohere.post("/v1/rerank", json={**body, "rank_fields": ["text"]})
    got = await response.json()
    assert [(one["index"], one["document"]["text"]) for one in got["results"]] == [(1, "b"), (0, "a")]
    assert response.headers["x-g4f-dropped"] == "rank_fields"
    assert cohere.upstream.requests[0].path == "/v2/rerank"
    assert cohere.upstream.requests[0].json == {
        "model": "embed-v4.0",
        "query": "q",
        "documents": ["a", "b"],
        "top_n": 2,
    }


async def test_tokens_are_refused_before_cohere_is_asked(cohere):
    with pytest.raises(openai.BadRequestError):
        await cohere.sdk.embeddings.create(model="m", input=[1, 2, 3])
    assert cohere.upstream.requests == []


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"embeddings": 3}', b'{"embeddings": {"int8": [[1]]}}'])
async def test_what_is_no_vector_is_a_bad_response(cohere, body):
    cohere.upstream.script(Status(200, body))
    with pytest.raises(openai.InternalServerError) as caught:
        await cohere.sdk.embeddings.create(model="m", input="a")
    assert caught.value.code == "upstream_bad_response"
