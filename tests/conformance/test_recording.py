"""Files of recorded traffic: what is read of them, and what is said of those that are none."""

import json

import pytest

from g4f.conformance.recording import RecordingError, read, recordings
from g4f.exchange.request import Dialect, Operation

OPENAI = "https://api.openai.com/v1"


def written(url: str = f"{OPENAI}/chat/completions", *, body: str = "{}", **response) -> bytes:
    said = {"status": 200, "headers": {}, "body": body, **response}
    return json.dumps({"request": {"url": url, "body": {"model": "m"}}, "response": said}).encode()


@pytest.mark.parametrize(
    ("url", "dialect", "operation"),
    [
        (f"{OPENAI}/chat/completions#stream", Dialect.OPENAI, Operation.CHAT),
        (f"{OPENAI}/embeddings", Dialect.OPENAI, Operation.EMBEDDINGS),
        (f"{OPENAI}/responses", Dialect.OPENAI_RESPONSES, Operation.CHAT),
        ("https://api.anthropic.com/v1/messages?beta=true", Dialect.ANTHROPIC, Operation.CHAT),
        ("https://api.anthropic.com/v1/messages/count_tokens", Dialect.ANTHROPIC, Operation.COUNT_TOKENS),
        ("https://g.example/v1beta/models/gemini-x:streamGenerateContent?alt=sse", Dialect.GEMINI, Operation.CHAT),
        ("http://localhost:11434/api/embed", Dialect.OLLAMA, Operation.EMBEDDINGS),
        ("https://api.cohere.com/v2/chat", Dialect.COHERE, Operation.CHAT),
    ],
)
def test_where_it_was_asked_says_what_is_spoken(url: str, dialect: Dialect, operation: Operation) -> None:
    recording = read("a.json", written(url))
    assert (recording.dialect, recording.operation) == (dialect, operation)


def test_an_answer_without_its_request_is_known_by_its_words() -> None:
    said = {"response": {"status": 200, "headers": None, "body": 'data: {"type":"message_start"}\n\n'}, "request": None}
    recording = read("a.json", json.dumps(said).encode())
    assert (recording.dialect, recording.stream, recording.host) == (Dialect.ANTHROPIC, True, "")


def test_headers_of_the_connection_that_was_are_left_out() -> None:
    headers = {"Transfer-Encoding": "chunked", "Content-Length": "5", "Retry-After": "3"}
    assert read("a.json", written(headers=headers)).headers == {"retry-after": "3"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{", "a.json: is not JSON"),
        (b"[]", "has no object 'response'"),
        (b'{"response": {"status": "200", "body": ""}}', "response.status is not an HTTP status"),
        (b'{"response": {"status": 200, "body": {}}}', "response.body is not the text of an answer"),
        (b'{"operation": "x", "response": {"status": 200, "body": ""}}', "operation is none of"),
        (b'{"question": 5, "response": {"status": 200, "body": ""}}', "has no object 'question'"),
        (b'{"earlier": [1], "response": {"status": 200, "body": ""}}', "earlier is a list of"),
        (b'{"earlier": 5, "response": {"status": 200, "body": ""}}', "earlier is a list of"),
        (b'{"adapter": 5, "response": {"status": 200, "body": ""}}', "adapter is not a name"),
        (b'{"request": 5, "response": {"status": 200, "body": ""}}', "has no object 'request'"),
    ],
)
def test_what_is_no_recording_is_named_with_what_is_wrong(text: bytes, told: str) -> None:
    with pytest.raises(RecordingError, match=told.replace(".", r"\.")):
        read("a.json", text)


def test_a_directory_without_recordings_is_told(tmp_path) -> None:
    with pytest.raises(RecordingError, match="there is no such directory"):
        recordings(tmp_path / "none")
    with pytest.raises(RecordingError, match=r"no \*\.json is in it"):
        recordings(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.json").write_bytes(written())
    assert [recording.name for recording in recordings(tmp_path)] == ["deep/one"]
