"""What the drill asks of a route, and what its upstreams answer when they are well: the smallest that counts as one.

Both are of OpenAI's API, whatever the real providers speak: what is drilled is the configuration, not its dialects.
"""

import io
import wave
from collections.abc import Mapping
from typing import Any, Final

import orjson

from g4f.dialects.openai.operation import build_request
from g4f.dialects.openai.request import decode_request
from g4f.dialects.openai.shapes import SHAPES
from g4f.exchange.request import File, Operation, Request

#: What is answered by events, where an error can come after the status, and by pieces of any kind.
EVENTS: Final = frozenset({Operation.CHAT, Operation.COMPLETION})
STREAMED: Final = EVENTS | {Operation.SPEECH}

_TEXT: Final = "This is a drill."
#: A picture of one pixel (PNG).
_PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
_PICTURE: Final = {"created": 0, "data": [{"b64_json": _PIXEL}]}
_HEARD: Final = {"text": _TEXT}
_USAGE: Final = {"prompt_tokens": 4, "total_tokens": 4}

#: The whole answers, by the operation. A speech is a sound file.
_ANSWERS: Final[Mapping[Operation, Mapping[str, Any]]] = {
    Operation.EMBEDDINGS: {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.0]}],
        "usage": _USAGE,
    },
    Operation.MODERATION: {"id": "drill", "results": [{"flagged": False, "categories": {}, "category_scores": {}}]},
    Operation.RERANK: {"results": [{"index": 0, "relevance_score": 1.0}], "usage": _USAGE},
    Operation.IMAGE_GENERATION: _PICTURE,
    Operation.IMAGE_EDIT: _PICTURE,
    Operation.IMAGE_VARIATION: _PICTURE,
    Operation.TRANSCRIPTION: _HEARD,
    Operation.TRANSLATION: _HEARD,
}
_FIELDS: Final[Mapping[Operation, Mapping[str, Any]]] = {
    Operation.COMPLETION: {"prompt": _TEXT, "stream": True},
    Operation.EMBEDDINGS: {"input": _TEXT},
    Operation.MODERATION: {"input": _TEXT},
    Operation.RERANK: {"query": _TEXT, "documents": [_TEXT]},
    Operation.IMAGE_GENERATION: {"prompt": _TEXT, "response_format": "b64_json"},
    Operation.IMAGE_EDIT: {"prompt": _TEXT, "response_format": "b64_json"},
    Operation.IMAGE_VARIATION: {"response_format": "b64_json"},
    Operation.SPEECH: {"input": _TEXT, "voice": "alloy", "response_format": "wav"},
}


def asked(operation: Operation, model: str) -> Request:
    """A request for an operation; a chat or a completion is streamed."""
    if operation is Operation.CHAT:
        body = {"model": model, "messages": [{"role": "user", "content": _TEXT}], "stream": True}
        return decode_request(orjson.dumps(body), request_id="drill")
    field = SHAPES[operation].needed_file
    files = () if field is None else (File(field=field, content=b"drill"),)
    return build_request(operation, {"model": model, **_FIELDS.get(operation, {})}, files, request_id="drill")


def answer(path: str) -> tuple[str, bytes] | None:
    """The media type and the body of the whole answer that a path asks for; None where it is streamed as events."""
    operation = next((found for found, shape in SHAPES.items() if path.endswith(shape.path)), None)
    if operation is Operation.SPEECH:
        return "audio/wav", _silence()
    whole = _ANSWERS.get(operation) if operation else None
    return None if whole is None else ("application/json", orjson.dumps(whole))


def _silence() -> bytes:
    """A tenth of a second of it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return file.getvalue()
