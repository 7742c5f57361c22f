"""Voyage: vectors and rankings in OpenAI's dialect but for some names.

https://docs.voyageai.com/reference/embeddings-api and .../reference/reranker-api
"""

from typing import Any

from g4f.dialects.face import Outgoing
from g4f.dialects.openai.face import OpenAIUpstream
from g4f.exchange.request import Operation, Request
from g4f.providers.adapters import asked
from g4f.providers.endpoint import Endpoint, EndpointOptions
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter

#: OpenAI's words that Voyage has others for, by operation.
_NAMES = {
    Operation.EMBEDDINGS: {"dimensions": "output_dimension"},
    Operation.RERANK: {"top_n": "top_k"},
}


class VoyageFace(OpenAIUpstream):
    """How Voyage is asked."""

    def encode_request(self, request: Request, *, model: str) -> Outgoing:
        names = _NAMES.get(request.operation, {})
        payload = {names.get(name, name): value for name, value in request.payload.items() if name != "user"}
        if payload.get("encoding_format") == "float":  # its word for that is none
            del payload["encoding_format"]
        if request.operation is Operation.EMBEDDINGS and not _is_text(payload.get("input")):
            raise asked.unsupported("vectors for tokens; send text")
        documents = payload.get("documents")
        if isinstance(documents, list):
            payload["documents"] = [_text(document) for document in documents]
        return super().encode_request(request.saying(payload), model=model)


def _is_text(said: Any) -> bool:
    return isinstance(said, str) or (isinstance(said, list) and all(isinstance(item, str) for item in said))


def _text(document: Any) -> Any:
    return document.get("text", "") if isinstance(document, dict) else document


def bind(options: EndpointOptions, pools: Pools) -> Adapter:
    """The adapter of a row."""
    return Endpoint(options, pools, VoyageFace())
