"""Embeddings in Gemini's words, in front and behind: `embedContent` and `batchEmbedContents`
(https://ai.google.dev/api/embeddings).

The hub's words are OpenAI's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import mistyped, read_object, write_object
from g4f.dialects.gemini.wire import BATCH_EMBED, EMBED, Json, objects, path_of, word
from g4f.dialects.hub import unhandled, unsupported
from g4f.dialects.openai.results import result_of
from g4f.dialects.openai.wire import bad_response, loads
from g4f.errors import RequestError
from g4f.exchange.answer import Completion
from g4f.exchange.request import Dialect, Operation, Request

_HANDLED = frozenset({"input", "dimensions", "encoding_format", "user"})
#: What only Gemini's embeddings are asked with.
_OWN = ("taskType", "title")


def decode_embed(body: bytes | bytearray, *, request_id: str, model: str, call: str) -> Request:
    """The request in a body to `models/{model}:embedContent` or `:batchEmbedContents`. Raises RequestError."""
    native = read_object(body)
    asked = objects(native.get("requests")) if call == BATCH_EMBED else [native]
    if not asked:
        mistyped("requests", "a list of requests", missing="requests" not in native)
    texts = [_text(one, position if call == BATCH_EMBED else None) for position, one in enumerate(asked)]
    payload: Json = {"model": model, "input": texts if call == BATCH_EMBED else texts[0]}
    sizes = {word(one, "outputDimensionality") for one in asked}
    if len(sizes) > 1:
        message = "outputDimensionality has to be the same in all requests"
        raise RequestError(message, code="invalid_value", param="requests")
    (size,) = sizes
    if size is not None:
        if type(size) is not int:
            mistyped("outputDimensionality", "an integer")
        payload["dimensions"] = size
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        operation=Operation.EMBEDDINGS,
        dialect=Dialect.GEMINI,
        native=native,
        lost=tuple(name for name in _OWN if any(word(one, name) for one in asked)),
    )


def encode_embed(request: Request, *, model: str) -> Outgoing:
    """The request for Gemini's API. Raises AttemptFailed for texts that are given as tokens."""
    named = f"models/{model.removeprefix('models/')}"
    if request.dialect is Dialect.GEMINI and request.native is not None:
        native = request.native
        if "requests" in native:
            body = {**native, "requests": [{**one, "model": named} for one in objects(native["requests"])]}
            return Outgoing(path=path_of(model, BATCH_EMBED), body=write_object(body))
        return Outgoing(path=path_of(model, EMBED), body=write_object({**native, "model": named}))
    texts = request.payload["input"]
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise unsupported("Gemini embeds texts, not tokens")
    size = request.payload.get("dimensions")
    more = {} if size is None else {"outputDimensionality": size}
    asked = [{"model": named, "content": {"parts": [{"text": text}]}, **more} for text in texts]
    dropped = tuple(unhandled(request.payload, _HANDLED))
    return Outgoing(path=path_of(model, BATCH_EMBED), body=write_object({"requests": asked}), dropped=dropped)


def decode_result(body: bytes, origin: Origin) -> Completion:
    """Gemini's answer, in OpenAI's words. Raises AttemptFailed."""
    try:
        value, _ = loads(body)
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    found = value if isinstance(value, dict) else {}
    vectors = objects(found.get("embeddings")) or objects(found.get("embedding"))
    if not vectors:
        raise bad_response(f"{origin.provider} answered without embeddings")
    data = [
        {"object": "embedding", "index": index, "embedding": vector.get("values")}
        for index, vector in enumerate(vectors)
    ]
    listed: Json = {"object": "list", "data": data, "model": origin.request.model}
    count = (found.get("usageMetadata") or {}).get("promptTokenCount")
    if type(count) is int:
        listed["usage"] = {"prompt_tokens": count, "total_tokens": count}
    return result_of(listed, origin)


def encode_result(whole: Completion, origin: Origin) -> Completion:
    """An answer in OpenAI's words, for a client of Gemini's."""
    vectors: Sequence[Json] = [{"values": item["embedding"]} for item in orjson.loads(whole.wire)["data"]]
    native = origin.request.native or {}
    answer: Json = {"embeddings": vectors} if "requests" in native else {"embedding": vectors[0] if vectors else {}}
    if whole.usage is not None:
        answer["usageMetadata"] = {"promptTokenCount": whole.usage.input_tokens}
    return Completion(orjson.dumps(answer), usage=whole.usage)


def _text(asked: Mapping[str, Any], position: int | None) -> str:
    """The text of one request; only that of its parts is embedded."""
    place = "content" if position is None else f"requests[{position}].content"
    content = asked.get("content")
    if not isinstance(content, dict):
        mistyped(place, "an object", missing="content" not in asked)
    texts = [part["text"] for part in objects(content.get("parts")) if isinstance(part.get("text"), str)]
    if not texts:
        raise RequestError(f"{place} has no text", code="invalid_value", param=place)
    return "".join(texts)
