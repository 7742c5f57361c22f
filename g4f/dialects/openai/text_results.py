"""Answers about texts made regular: completions of the old kind, embeddings, moderations and rankings.

Each function changes the answer in place and says whether it did; it raises AttemptFailed for one that is none.
"""

import base64
import binascii
import math
import sys
from array import array
from typing import Any

from g4f.dialects.face import Origin
from g4f.dialects.openai.mend import mend_head, mend_usage, text_or_none
from g4f.dialects.openai.wire import Json, bad_response, is_count
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind

COMPLETION = "text_completion"


def mend_completion(value: Json, origin: Origin) -> bool:
    """`choices`, each with its `text`."""
    choices = _list(value, "choices", origin)
    own_id = text_or_none(value.get("id")) or f"cmpl-{origin.request.id}"
    changed = mend_head(value, kind=COMPLETION, id=own_id, created=origin.now, model=origin.request.model)
    changed = mend_usage(value) or changed
    for position, choice in enumerate(choices):
        if not isinstance(choice.get("text"), str):
            raise bad_response(f"{origin.provider} answered with a choice that has no text")
        if not is_count(choice.get("index")):
            choice["index"], changed = position, True
        if not text_or_none(choice.get("finish_reason")):
            choice["finish_reason"], changed = "stop", True
        if "logprobs" not in choice:
            choice["logprobs"], changed = None, True
    if all(choice["finish_reason"] == "stop" and not choice["text"] for choice in choices):
        raise _empty(origin)
    return changed


def mend_embeddings(value: Json, origin: Origin) -> bool:
    """One vector for each text, in their order, in the form that was asked for."""
    items = _list(value, "data", origin)
    asked = _count(origin.request.payload.get("input"))
    if len(items) != asked:
        raise bad_response(f"{origin.provider} answered with {len(items)} embeddings for {asked} inputs")
    in_base64 = origin.request.payload.get("encoding_format") == "base64"
    changed = mend_field(value, "object", "list")
    if not text_or_none(value.get("model")):
        value["model"], changed = origin.request.model, True
    for position, item in enumerate(items):
        changed = _mend_vector(item, origin, in_base64=in_base64) or changed
        if not is_count(item.get("index")):
            item["index"], changed = position, True
        changed = mend_field(item, "object", "embedding") or changed
    if [item["index"] for item in items] != list(range(asked)):
        items.sort(key=lambda item: item["index"])
        changed = True
    if not isinstance(value.get("usage"), dict):
        value["usage"], changed = {"prompt_tokens": 0, "total_tokens": 0}, True
    return changed


def mend_moderation(value: Json, origin: Origin) -> bool:
    """`results`, each with its verdict."""
    results = _list(value, "results", origin)
    if not all(isinstance(result.get("flagged"), bool) for result in results):
        raise bad_response(f"{origin.provider} answered with a moderation that has no verdict")
    changed = False
    for result in results:
        if isinstance(result.get("categories"), dict) and "category_applied_input_types" not in result:
            result["category_applied_input_types"] = {name: ["text"] for name in result["categories"]}
            changed = True
    for name, missing in (("id", f"modr-{origin.request.id}"), ("model", origin.request.model)):
        if not text_or_none(value.get(name)):
            value[name], changed = missing, True
    return changed


def mend_ranking(value: Json, origin: Origin) -> bool:
    """`results`, the most relevant first, each with the index of its document and its score, and no more than wanted.

    Voyage calls them `data`; some servers call the score `score`.
    """
    payload = origin.request.payload
    documents = payload.get("documents") or []
    changed = False
    if "results" not in value and isinstance(value.get("data"), list):
        value["results"], changed = value.pop("data"), True
    results = _list(value, "results", origin)
    for result in results:
        changed = _mend_rank(result, documents, origin) or changed
    most = int(payload.get("top_n") or len(documents))
    ranked = sorted(results, key=lambda result: -result["relevance_score"])[:most]
    if ranked != results:
        value["results"], changed = ranked, True
    for name, missing in (("id", f"rerank-{origin.request.id}"), ("model", origin.request.model)):
        if not text_or_none(value.get(name)):
            value[name], changed = missing, True
    return changed


def mend_field(value: Json, name: str, wanted: Any) -> bool:
    """Give a field its only value."""
    if value.get(name) == wanted:
        return False
    value[name] = wanted
    return True


def _mend_rank(result: Json, documents: list[Any], origin: Origin) -> bool:
    changed = False
    if "relevance_score" not in result and "score" in result:
        result["relevance_score"], changed = result.pop("score"), True
    score, index = result.get("relevance_score"), result.get("index")
    if type(score) not in (int, float) or not is_count(index) or index >= len(documents):
        raise bad_response(f"{origin.provider} answered with a rank that is none")
    wanted = origin.request.payload.get("return_documents") is True
    if wanted and result.get("document") is None:
        document = documents[index]
        result["document"], changed = document if isinstance(document, dict) else {"text": document}, True
    elif isinstance(result.get("document"), str):
        result["document"], changed = {"text": result["document"]}, True
    return changed


def _mend_vector(item: Json, origin: Origin, *, in_base64: bool) -> bool:
    """OpenAI's SDKs ask for base64 and one of them cannot read anything else then; some upstreams only have lists."""
    vector = item.get("embedding")
    if isinstance(vector, list) and vector and _is_vector(vector):
        if in_base64:
            item["embedding"] = base64.b64encode(_little(array("f", vector)).tobytes()).decode("ascii")
        return in_base64
    if isinstance(vector, str) and vector:
        if not in_base64:
            item["embedding"] = _floats(vector, origin)
        return not in_base64
    raise bad_response(f"{origin.provider} answered with an embedding that is none")


def _is_vector(vector: list[Any]) -> bool:
    try:
        return math.isfinite(math.fsum(vector))
    except (TypeError, ValueError, OverflowError):
        return False


def _floats(text: str, origin: Origin) -> list[float]:
    floats = array("f")
    try:
        floats.frombytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise bad_response(f"{origin.provider} answered with an embedding that is no base64") from error
    return _little(floats).tolist()


def _little(floats: "array[float]") -> "array[float]":
    """The wire's order of bytes is little-endian."""
    if sys.byteorder == "big":
        floats.byteswap()
    return floats


def _count(asked: Any) -> int:
    """How many texts an `input` holds: a list of numbers is one text, as tokens."""
    if isinstance(asked, list) and asked and not isinstance(asked[0], int):
        return len(asked)
    return 1


def _list(value: Json, name: str, origin: Origin) -> list[Json]:
    items = value.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_response(f"{origin.provider} answered without {name}")
    if not items:
        raise _empty(origin)
    return items


def _empty(origin: Origin) -> AttemptFailed:
    message = f"{origin.provider} answered with nothing"
    return AttemptFailed(Failure(kind=FailureKind.EMPTY, message=message))
