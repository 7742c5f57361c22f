"""Recorded traffic: what one provider was once asked, and the very bytes of its answer.

The recordings under `golden/` are this project's own, written by hand after the providers' documentation, and come
with it; others are read from a directory of files of the same form. Every file is data: nothing in it is followed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from g4f.conformance.socket import framed
from g4f.errors import G4FError
from g4f.exchange.request import Dialect, Operation

#: A recording of more bytes is not read.
LARGEST: Final = 8 << 20

_CHAT, _EMBED, _COUNT = Operation.CHAT, Operation.EMBEDDINGS, Operation.COUNT_TOKENS
#: What the end of a path says about the wire format and what was asked for.
_ENDPOINTS: Final = (
    ("/messages/count_tokens", Dialect.ANTHROPIC, _COUNT),
    ("/messages", Dialect.ANTHROPIC, _CHAT),
    ("/responses", Dialect.OPENAI_RESPONSES, _CHAT),
    (":generateContent", Dialect.GEMINI, _CHAT),
    (":streamGenerateContent", Dialect.GEMINI, _CHAT),
    (":countTokens", Dialect.GEMINI, _COUNT),
    (":embedContent", Dialect.GEMINI, _EMBED),
    (":batchEmbedContents", Dialect.GEMINI, _EMBED),
    ("/api/chat", Dialect.OLLAMA, _CHAT),
    ("/api/embed", Dialect.OLLAMA, _EMBED),
    ("/v2/chat", Dialect.COHERE, _CHAT),
    ("/v2/embed", Dialect.COHERE, _EMBED),
    ("/v2/rerank", Dialect.COHERE, Operation.RERANK),
    ("/chat/completions", Dialect.OPENAI, _CHAT),
    ("/completions", Dialect.OPENAI, Operation.COMPLETION),
    ("/embeddings", Dialect.OPENAI, _EMBED),
    ("/moderations", Dialect.OPENAI, Operation.MODERATION),
    ("/images/generations", Dialect.OPENAI, Operation.IMAGE_GENERATION),
    ("/rerank", Dialect.OPENAI, Operation.RERANK),
)
#: What only an answer of a dialect has, for recordings that do not say what was asked.
_MARKS: Final = (
    (b'"candidates"', Dialect.GEMINI),
    (b"type.googleapis.com", Dialect.GEMINI),
    (b'"message_start"', Dialect.ANTHROPIC),
    (b'"response.created"', Dialect.OPENAI_RESPONSES),
)
#: Statuses of answers; that of a WebSocket comes before its messages.
_OPENED: Final = 101
_ANSWERS: Final = frozenset({_OPENED, 200, 201})
#: Headers about the connection that was; a replay has its own.
_HOP: Final = frozenset({"transfer-encoding", "content-length", "content-encoding", "connection", "keep-alive"})


class RecordingError(G4FError):
    """A file that is no recording."""

    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One request and its answer. `host` and `path` are where it was asked, where that is known; `asked` is the body
    of the request. `stream` says that the answer is one. `own` recordings are documented, not recorded.

    Of a service with words of its own `adapter` is who knows them, and `question` what a client asks in OpenAI's words.
    `earlier` are the statuses and bodies of what it answers before. The `body` of a WebSocket is a message each line.
    """

    name: str
    provider: str
    source: str
    dialect: Dialect
    operation: Operation
    host: str
    path: str
    asked: Mapping[str, Any] | None
    status: int
    headers: Mapping[str, str]
    body: bytes
    stream: bool
    own: bool = False
    adapter: str | None = None
    question: Mapping[str, Any] | None = None
    earlier: tuple[tuple[int, bytes], ...] = ()

    @property
    def answered(self) -> bool:
        """Whether it is an answer, and no error."""
        return self.status in _ANSWERS

    @property
    def on_socket(self) -> bool:
        return self.status == _OPENED

    def wire(self, body: bytes) -> bytes:
        """The bytes in which a body, or the beginning of one, goes over the network."""
        return framed(body.splitlines()) if self.on_socket else body

    @property
    def media_type(self) -> str:
        if written := self.headers.get("content-type"):
            return written
        if not self.stream:
            return "application/json"
        return "application/x-ndjson" if self.body[:1] == b"{" else "text/event-stream"

    @property
    def model(self) -> str:
        """The provider's name of the model that was asked."""
        named = (self.question or self.asked or {}).get("model")
        in_path = re.search(r"/models/([^:/?]+):", self.path)
        return str(named or (in_path.group(1) if in_path else "a-model"))


def golden() -> list[Recording]:
    """The recordings that come with the project."""
    folder = files("g4f.conformance") / "golden"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".json")]
    return [read(entry.name, entry.read_bytes(), own=True) for entry in sorted(found, key=lambda entry: entry.name)]


def recordings(folder: Path) -> list[Recording]:
    """Those of a directory and of the directories in it, by name. Raises RecordingError."""
    if not folder.is_dir():
        raise RecordingError(f"--cassettes {str(folder)!r}: there is no such directory.")
    found = [read(str(path.relative_to(folder)), _bytes(path)) for path in sorted(folder.rglob("*.json"))]
    if not found:
        raise RecordingError(f"--cassettes {str(folder)!r}: no *.json is in it.")
    return found


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise RecordingError(f"{path}: is larger than {LARGEST >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror}") from None


def read(name: str, text: bytes, *, own: bool = False) -> Recording:
    """The recording in a file: `{provider, source, request: {method, url, body}, response: {status, headers, body}}`.

    Raises RecordingError, which names the file and what is wrong with it.
    """
    try:
        written = json.loads(text)
    except ValueError as error:
        raise RecordingError(f"{name}: is not JSON: {error}") from None
    said = _object(name, written, "response")
    asked = _object(name, written, "request") if written.get("request") else {}
    status, body = said.get("status"), said.get("body")
    if type(status) is not int or not (status == _OPENED or 200 <= status <= 599):
        raise RecordingError(f"{name}: response.status is not an HTTP status")
    if not isinstance(body, str):
        raise RecordingError(f"{name}: response.body is not the text of an answer")
    raw = body.encode("utf-8", "replace")
    where = urlsplit(str(asked.get("url") or ""))
    dialect, operation = _endpoint(where.path, raw)
    question = _object(name, written, "question") if written.get("question") else None
    streams = (status == 200 and len(list(payloads(raw))) > 1) or raw.startswith((b"data:", b"event:", b":"))
    adapter = written.get("adapter")
    if adapter is not None and not isinstance(adapter, str):
        raise RecordingError(f"{name}: adapter is not a name")
    headers = {str(key).lower(): str(value) for key, value in (said.get("headers") or {}).items()}
    return Recording(
        name=name.removesuffix(".json"),
        provider=str(written.get("provider") or ""),
        source=str(written.get("source") or ""),
        dialect=Dialect.OPENAI if adapter else dialect,
        operation=_operation(name, written) or operation,
        host=_host(where.netloc),
        path=where.path,
        asked=_body(asked.get("body")),
        status=status,
        headers={key: value for key, value in headers.items() if key not in _HOP},
        body=raw,
        stream=streams if question is None else bool(question.get("stream")),
        own=own,
        adapter=adapter,
        question=question,
        earlier=tuple(_earlier(name, written)),
    )


def payloads(body: bytes) -> Iterator[Any]:
    """The JSON values in an answer: one, or one for each event of a stream."""
    try:
        yield json.loads(body)
        return
    except ValueError:
        pass
    for line in body.splitlines():
        text = line.removeprefix(b"data:").strip()
        if text[:1] in (b"{", b"["):
            try:
                yield json.loads(text)
            except ValueError:
                continue  # `[DONE]`


def _object(name: str, written: Any, key: str) -> dict[str, Any]:
    found = written.get(key) if isinstance(written, dict) else None
    if not isinstance(found, dict):
        raise RecordingError(f"{name}: has no object {key!r}; a recording is {{provider, request, response}}")
    return found


def _endpoint(path: str, body: bytes) -> tuple[Dialect, Operation]:
    for end, dialect, operation in _ENDPOINTS:
        if path.endswith(end):
            return dialect, operation
    found = next((dialect for mark, dialect in _MARKS if mark in body), Dialect.OPENAI)
    return found, Operation.CHAT


def _operation(name: str, written: Mapping[str, Any]) -> Operation | None:
    """What was asked for, where the address does not say it."""
    try:
        return Operation(written["operation"]) if "operation" in written else None
    except ValueError:
        raise RecordingError(f"{name}: operation is none of {', '.join(Operation)}") from None


def _earlier(name: str, written: Mapping[str, Any]) -> Iterator[tuple[int, bytes]]:
    found = written.get("earlier") or []
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, dict) or type(one.get("status")) is not int or not isinstance(one.get("body"), str):
            raise RecordingError(f"{name}: earlier is a list of {{status, body}}")
        yield one["status"], one["body"].encode("utf-8", "replace")


def _host(written: str) -> str:
    return "127.0.0.1" + written.removeprefix("localhost") if written.startswith("localhost") else written


def _body(written: Any) -> Mapping[str, Any] | None:
    if isinstance(written, str):
        try:
            written = json.loads(written)
        except ValueError:
            return None
    return written if isinstance(written, dict) else None
