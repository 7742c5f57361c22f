"""Vectors and rankings in Cohere's words (https://docs.cohere.com/reference/embed and .../rerank, version 2).

Its models embed for a purpose, `input_type`; where a request names none, texts are documents to be found.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import write_object
from g4f.dialects.hub import unhandled, unsupported
from g4f.dialects.openai.results import result_of
from g4f.dialects.openai.wire import Json, bad_response, loads
from g4f.exchange.answer import Completion
from g4f.exchange.request import Operation, Request

_EMBED = ("input_type", "truncate", "max_tokens")
_EMBED_HANDLED = (*_EMBED, "input", "dimensions", "encoding_format", "user")
_RANK_HANDLED = ("query", "documents", "top_n", "return_documents", "max_tokens_per_doc", "user")


def encode_embeddings(request: Request, *, model: str) -> Outgoing:
    """The request for vectors. Raises AttemptFailed for texts that are given as tokens."""
    payload = request.payload
    given = payload["input"]
    texts = [given] if isinstance(given, str) else given
    if not all(isinstance(text, str) for text in texts):
        raise unsupported("Cohere embeds texts, not tokens")
    body: Json = {"model": model, "texts": texts, "input_type": "search_document", "embedding_types": ["float"]}
    body |= {name: payload[name] for name in _EMBED if name in payload}
    if "dimensions" in payload:
        body["output_dimension"] = payload["dimensions"]
    return Outgoing(path="/v2/embed", body=write_object(body), dropped=tuple(unhandled(payload, _EMBED_HANDLED)))


def encode_ranking(request: Request, *, model: str) -> Outgoing:
    """The request for a ranking; of documents that are objects the text."""
    payload = request.payload
    body: Json = {"model": model, "query": payload["query"], "documents": [_text(one) for one in payload["documents"]]}
    body |= {name: payload[name] for name in ("top_n", "max_tokens_per_doc") if name in payload}
    return Outgoing(path="/v2/rerank", body=write_object(body), dropped=tuple(unhandled(payload, _RANK_HANDLED)))


def decode_result(body: bytes, origin: Origin) -> Completion:
    """Vectors or a ranking, in OpenAI's words. Raises AttemptFailed."""
    try:
        value, _ = loads(body)
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{origin.provider} answered with something that is not a JSON object")
    told: Json = {"usage": usage} if (usage := _usage(value)) else {}
    if origin.request.operation is Operation.RERANK:
        return result_of({**told, **{name: value[name] for name in ("id", "results") if name in value}}, origin)
    embeddings = value.get("embeddings")
    vectors = embeddings.get("float") if isinstance(embeddings, dict) else None
    if not isinstance(vectors, list):
        raise bad_response(f"{origin.provider} answered without embeddings")
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return result_of({**told, "data": data}, origin)


def _usage(value: Mapping[str, Any]) -> Json | None:
    meta = value.get("meta")
    billed = meta.get("billed_units") if isinstance(meta, dict) else None
    count = billed.get("input_tokens") if isinstance(billed, dict) else None
    return {"prompt_tokens": int(count), "total_tokens": int(count)} if isinstance(count, int | float) else None


def _text(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    text = document.get("text")
    return text if isinstance(text, str) else orjson.dumps(document).decode()
