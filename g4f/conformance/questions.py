"""What the adapter is asked in a replay: the recorded request, as a client of the provider's own dialect would send it,
and the same from a client of another one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from g4f.conformance.recording import Recording
from g4f.dialects.openai.operation import build_request
from g4f.dialects.registry import front
from g4f.errors import RequestError
from g4f.exchange.request import Dialect, Operation, Request

#: The id of every request of a replay.
REQUEST_ID = "replay"
_CHATS = frozenset({Operation.CHAT, Operation.COUNT_TOKENS})
#: What a recording that does not say what was asked is an answer to.
_UNKNOWN: Mapping[Operation, Mapping[str, Any]] = {
    Operation.EMBEDDINGS: {"input": "Hello!"},
    Operation.IMAGE_GENERATION: {"prompt": "A lamp."},
    Operation.MODERATION: {"input": "Hello!"},
    Operation.RERANK: {"query": "Hello!", "documents": ["Hi.", "Bye."]},
    Operation.COMPLETION: {"prompt": "Hello!"},
}
_HELLO: Mapping[str, Any] = {"messages": [{"role": "user", "content": "Hello!"}]}


def questions(recording: Recording) -> Iterator[Request]:
    """The requests that a recording is the answer to, one for each client that may have asked: its dialect's first."""
    if recording.question is not None and recording.operation in _CHATS:
        asked = build(recording.operation, recording.question, stream=recording.stream)
        yield asked
        yield replace(asked, dialect=Dialect.ANTHROPIC)
        return
    if recording.operation not in _CHATS:
        yield build(recording.operation, _fields(recording), stream=recording.stream)
        return
    try:
        native = as_recorded(recording)
    except RequestError:
        native = None
    if native is not None:
        yield native
    asked = build(recording.operation, native.payload if native is not None else _HELLO, stream=recording.stream)
    if native is None or (recording.dialect is not Dialect.OPENAI and recording.operation is Operation.CHAT):
        yield asked
    if recording.dialect is Dialect.OPENAI and recording.operation is Operation.CHAT:
        yield replace(asked, dialect=Dialect.ANTHROPIC)


def as_recorded(recording: Recording) -> Request | None:
    """The recorded request of a chat, read by the door for clients of its dialect; None where it was not recorded, or
    no client speaks that dialect to us. Raises RequestError for one that we refuse."""
    if recording.asked is None or recording.adapter is not None or recording.operation not in _CHATS:
        return None
    try:
        face = front(recording.dialect)
    except LookupError:
        return None
    body = json.dumps(recording.asked).encode()
    path = {"model": recording.model, "call": recording.path.rpartition(":")[2]}
    if recording.operation is Operation.COUNT_TOKENS:
        path["operation"] = Operation.COUNT_TOKENS.value
    asked = face.decode_request(body, request_id=REQUEST_ID, path=path, headers={})
    return replace(asked, model=asked.model or recording.model, operation=recording.operation, stream=recording.stream)


def build(operation: Operation, payload: Mapping[str, Any], *, stream: bool = False) -> Request:
    """A request of a client of OpenAI's dialect, who wants to know the tokens of streams."""
    if operation not in _CHATS:
        return build_request(operation, dict(payload), (), request_id=REQUEST_ID)
    options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    kept = {key: value for key, value in payload.items() if key not in ("stream", "stream_options")}
    asked = {"model": "a-model", **kept, **options}
    return Request(id=REQUEST_ID, model="a-model", payload=asked, operation=operation, stream=stream)


def _fields(recording: Recording) -> Mapping[str, Any]:
    if recording.question is not None:
        return recording.question
    asked = recording.asked or {}
    if recording.dialect is Dialect.OPENAI and asked:
        return {"model": recording.model, **asked}
    known = {"input": _inputs(asked)} if recording.operation is Operation.EMBEDDINGS and asked else {}
    return {"model": recording.model, **_UNKNOWN.get(recording.operation, _HELLO), **known}


def _inputs(asked: Mapping[str, Any]) -> list[str]:
    """The texts of a request for embeddings, in any dialect's words."""
    found = asked.get("input") or asked.get("texts") or asked.get("requests") or asked.get("content") or "Hello!"
    if isinstance(found, str | dict):
        found = [found]
    return [text if isinstance(text, str) else f"text {number}" for number, text in enumerate(found, 1)]
