"""Whole answers to anything but a chat, in OpenAI's words: checked, and made regular where clients would stumble.

An answer that holds nothing is a failure, and so is one that cannot be matched with what was asked (three vectors for
four texts). What was regular goes out again as the bytes it came in. Every dialect's answers pass here, so that they
are alike: a dialect that is not OpenAI's makes an object of this vocabulary and hands it to `result_of`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from g4f.dialects.face import Origin
from g4f.dialects.openai.errors import failure_of_error
from g4f.dialects.openai.media_results import mend_images, speech, transcript
from g4f.dialects.openai.text_results import mend_completion, mend_embeddings, mend_moderation, mend_ranking
from g4f.dialects.openai.wire import Json, bad_response, is_count, loads
from g4f.exchange.answer import Completion, Usage
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Operation

#: Looks at the answer, changes it in place where it must, and says whether it did. Raises AttemptFailed.
Mend = Callable[[Json, Origin], bool]

_MENDS: Mapping[Operation, Mend] = {
    Operation.COMPLETION: mend_completion,
    Operation.EMBEDDINGS: mend_embeddings,
    Operation.MODERATION: mend_moderation,
    Operation.RERANK: mend_ranking,
    Operation.IMAGE_GENERATION: mend_images,
    Operation.IMAGE_EDIT: mend_images,
    Operation.IMAGE_VARIATION: mend_images,
}
_TRANSCRIPTS = frozenset({Operation.TRANSCRIPTION, Operation.TRANSLATION})


def decode_result(body: bytes, *, media_type: str, origin: Origin) -> Completion:
    """The answer in an upstream's body. Raises AttemptFailed: `bad_response`, `challenge`, `empty`, or by the error
    object inside it."""
    operation = origin.request.operation
    if operation is Operation.SPEECH and not is_json(media_type):
        return speech(body, media_type, origin)
    if operation in _TRANSCRIPTS and not is_json(media_type) and body.lstrip()[:1] != b"{":
        return transcript(body.decode("utf-8", "replace"), origin)
    value, wire = _read(body, origin)
    if operation is Operation.SPEECH:
        raise bad_response(f"{origin.provider} answered with JSON in place of audio")
    return _result(value, origin, wire)


def result_of(value: Json, origin: Origin) -> Completion:
    """The answer that an object of OpenAI's vocabulary is. Raises AttemptFailed."""
    return _result(value, origin, b"")


def is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def usage_of_result(value: Mapping[str, Any]) -> Usage | None:
    """The tokens that an answer says it took, in any of the words that are in use for it."""
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return None
    read = next((usage[name] for name in ("prompt_tokens", "input_tokens") if is_count(usage.get(name))), None)
    written = next((usage[name] for name in ("completion_tokens", "output_tokens") if is_count(usage.get(name))), 0)
    if read is None:
        total = usage.get("total_tokens")
        return Usage(total, 0) if is_count(total) else None
    return Usage(read, written)


def _result(value: Json, origin: Origin, wire: bytes) -> Completion:
    if origin.request.operation in _TRANSCRIPTS:
        return transcript(value, origin, wire, usage_of_result(value))
    changed = _MENDS[origin.request.operation](value, origin)
    if changed or not wire:
        wire = orjson.dumps(value)
    return Completion(wire, usage=usage_of_result(value))


def _read(body: bytes, origin: Origin) -> tuple[Json, bytes]:
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.startswith(b"<"):
        message = f"{origin.provider} answered with an HTML page"
        raise AttemptFailed(Failure(kind=FailureKind.CHALLENGE, message=message))
    try:
        value, body = loads(body)
    except ValueError as error:
        raise bad_response(f"{origin.provider} answered with something that is not JSON") from error
    if not isinstance(value, dict):
        raise bad_response(f"{origin.provider} answered with something that is not a JSON object")
    if value.get("error"):
        raise AttemptFailed(failure_of_error(value["error"], secrets=origin.secrets))
    return value, body
