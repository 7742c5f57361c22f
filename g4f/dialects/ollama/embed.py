"""Embeddings in Ollama's words, in front and behind: `/api/embed`, and `/api/embeddings` as it was before it.

The hub's words are OpenAI's.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin, Outgoing
from g4f.dialects.fields import check_few, mistyped, read_model, read_object, write_object
from g4f.dialects.hub import unhandled, unsupported
from g4f.dialects.ollama.wire import Json
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.results import result_of
from g4f.dialects.openai.wire import bad_response, loads
from g4f.errors import RequestError
from g4f.exchange.answer import Completion
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation, Request

EMBED, EMBEDDINGS = "embed", "embeddings"

_HANDLED = frozenset({"input", "dimensions", "encoding_format", "user", "options", "truncate", "keep_alive"})
_KNOWN = frozenset({"model", "input", "prompt", "dimensions", "truncate", "keep_alive"})


def decode_embed(body: bytes | bytearray, *, request_id: str, call: str) -> Request:
    """The request in `body` to `/api/embed` or `/api/embeddings`. Raises RequestError."""
    native = read_object(body)
    model = read_model(native)
    name = "prompt" if call == EMBEDDINGS else "input"
    text = native.get(name)
    if not _is_text(text) or (call == EMBEDDINGS and not isinstance(text, str)):
        mistyped(
            name, "a string" if call == EMBEDDINGS else "a string or a list of strings", missing=name not in native
        )
    if isinstance(text, list):
        check_few(text, name)
    if text == []:
        raise RequestError("input must not be empty", code="invalid_value", param="input")
    payload: Json = {"model": model, "input": text}
    if native.get("dimensions") is not None:
        if type(native["dimensions"]) is not int:
            mistyped("dimensions", "an integer")
        if native["dimensions"] < 1:
            raise RequestError("dimensions must be at least 1", code="invalid_value", param="dimensions")
        payload["dimensions"] = native["dimensions"]
    lost = [key for key, value in native.items() if key not in _KNOWN and value]
    return Request(
        id=request_id,
        model=model,
        payload=payload,
        operation=Operation.EMBEDDINGS,
        dialect=Dialect.OLLAMA,
        native=native,
        lost=tuple(lost),
    )


def encode_embed(request: Request, *, model: str) -> Outgoing:
    """The request for an Ollama server. Raises AttemptFailed for texts that are given as tokens."""
    payload, native = request.payload, request.native if request.dialect is Dialect.OLLAMA else None
    if not _is_text(payload["input"]):
        raise unsupported("Ollama embeds texts, not tokens")
    source: Mapping[str, Any] = payload if native is None else native
    body = {name: source[name] for name in ("dimensions", "options", "truncate", "keep_alive") if name in source}
    body |= {"model": model, "input": payload["input"]}
    dropped = () if native is not None else tuple(unhandled(payload, _HANDLED))
    return Outgoing(path="/api/embed", body=write_object(body), dropped=dropped)


def decode_result(body: bytes, origin: Origin) -> Completion:
    """An Ollama server's answer, in OpenAI's words. Raises AttemptFailed."""
    try:
        value, _ = loads(body)
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    vectors = value.get("embeddings") if isinstance(value, dict) else None
    if isinstance(value, dict) and value.get("error"):
        raise AttemptFailed(failure_of_error(value["error"], secrets=origin.secrets))
    if not isinstance(vectors, list):
        raise bad_response(f"{origin.provider} answered without embeddings")
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    listed: Json = {"object": "list", "data": data, "model": value.get("model")}
    count = value.get("prompt_eval_count")
    if type(count) is int:
        listed["usage"] = {"prompt_tokens": count, "total_tokens": count}
    return result_of(listed, origin)


def encode_result(whole: Completion, origin: Origin) -> Completion:
    """An answer in OpenAI's words, for a client of Ollama's."""
    vectors = [item["embedding"] for item in orjson.loads(whole.wire)["data"]]
    native = origin.request.native or {}
    if "input" not in native:
        return Completion(orjson.dumps({"embedding": vectors[0] if vectors else []}), usage=whole.usage)
    count = whole.usage.input_tokens if whole.usage is not None else 0
    counts = {"total_duration": 0, "load_duration": 0, "prompt_eval_count": count}
    answer = {"model": origin.request.model, "embeddings": vectors, **counts}
    return Completion(orjson.dumps(answer), usage=whole.usage)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
