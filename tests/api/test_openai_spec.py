"""What the server answers is what OpenAI's own OpenAPI document says, whoever was asked for it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from tests.dialects.conftest import RECORDED
from tests.support import spec as published
from tests.support.gemini import Parts
from tests.support.replies import Completion, Raw, Reply, Status, ToolCall
from tests.support.responses import Said
from tests.support.upstream import Upstream

HELLO = [{"role": "user", "content": "Hi"}]
SCHEMA = {"type": "object", "properties": {}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]
USAGE = {"stream_options": {"include_usage": True}}
PICTURE = "data:image/png;base64,iVBORw0KGgo="
#: What OpenAI itself sends as null although its document does not let it, and other upstreams with it. A relayed event
#: stays as it was.
NULLS = frozenset(
    {
        *("system_fingerprint", "user", "usage", "function_call", "annotations", "audio"),
        *("prompt_tokens_details", "completion_tokens_details"),
    }
)

#: Answers by the dialect of the upstream that sent them, but for OpenAI's own that are older than its document.
RECORDINGS = {
    "anthropic__stream-text.0": "anthropic",
    "anthropic__stream-thinking.0": "anthropic",
    "anthropic__stream-tool.0": "anthropic",
    "cohere__v2-stream-tools.0": "cohere",
    "deepseek__stream-reasoning_content.0": "openai",
    "gemini__stream-gemini3-tool.0": "gemini",
    "gemini__stream-text.0": "gemini",
    "gemini-openai-compat__stream-tool-no-index.0": "openai",
    "groq__stream-text-usage.0": "openai",
    "huggingface__router-chat.0": "openai",
    "mistral__stream-tool.0": "openai",
    "ollama__native-chat-ndjson.0": "ollama",
    "ollama__openai-compat-stream.0": "openai",
    "openai__chat-stream-2tools.0": "openai",
    "openai__chat-stream-structured-refusal.0": "openai",
    "openai__chat-stream-usage.0": "openai",
    "openrouter__stream-reasoning-comments.0": "openai",
    "together__stream-text.0": "openai",
    "xai__stream-text.0": "openai",
}
#: Dialects whose whole answers are read from streams, too.
READS_STREAMS = frozenset({"openai", "anthropic", "ollama"})
SCRIPTED: Mapping[str, tuple[str, Reply]] = {
    "a text": ("openai", Completion("all is well")),
    "tool calls": ("openai", Completion(tool_calls=[ToolCall("weather", "{}")])),
    "a text from gemini": ("gemini", Parts()),
    "a thought and a call from gemini": (
        "gemini",
        Parts(parts=[{"text": "hm", "thought": True}, {"functionCall": {"name": "weather", "args": {}}}]),
    ),
    "a text from the responses API": ("openai-responses", Said()),
    "a call from the responses API": ("openai-responses", Said(call="weather")),
}


@pytest.fixture(scope="session")
def spec() -> published.Spec:
    document = published.document()
    if document is None:
        pytest.skip("OPENAI'S OPENAPI DOCUMENT IS ABSENT: no shared/spec beside the checkout")
    return published.Spec(document)


class Asked:
    """A server that asks one upstream in each dialect, and all that is done with it."""

    def __init__(self, client: Any, upstream: Upstream) -> None:
        self.client = client
        self.upstream = upstream

    async def whole(self, path: str, body: Any, *, status: int = 200) -> Any:
        answer = await (self.client.get(path) if body is None else self.client.post(path, **_sent(body)))
        assert answer.status == status, await answer.text()
        return await answer.json()

    async def events(self, path: str, body: Any) -> list[Any]:
        answer = await self.client.post(path, **_sent({**body, "stream": True}))
        text = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/event-stream"), text
        lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines if line != "[DONE]"]


def _sent(body: Mapping[str, Any]) -> dict[str, Any]:
    """A form where there is a file, else JSON."""
    if "file" not in body:
        return {"json": body}
    form = aiohttp.FormData()
    for name, value in body.items():
        form.add_field(name, value if name == "file" else str(value), filename="a.mp3" if name == "file" else None)
    return {"data": form}


@pytest.fixture
async def asked(serve) -> AsyncIterator[Asked]:
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(Upstream())
        root = upstream.url.removesuffix("/v1")
        places = {"openai": "/v1", "openai-responses": "/v1", "gemini": "/v1beta"}
        dialects = ("openai", "openai-responses", "anthropic", "gemini", "ollama", "cohere")
        client = await serve(
            json.dumps(
                {
                    "defaults": {"retries": 0},
                    "providers": {
                        f"P-{name}": {"dialect": name, "base_url": root + places.get(name, ""), "key": f"k-{name}"}
                        for name in dialects
                    },
                    "models": {"demo": {"chain": ["Demo"]}}
                    | {name: {"chain": [{"provider": f"P-{name}", "model": "m"}]} for name in dialects},
                }
            )
        )
        yield Asked(client, upstream)


@pytest.mark.parametrize("name", RECORDINGS)
async def test_recorded_answers_come_out_as_the_document_has_them(asked: Asked, spec: published.Spec, name: str):
    if RECORDED is None:
        pytest.skip("RECORDED TRAFFIC IS ABSENT: no shared/cassettes/norm beside the checkout")
    dialect = RECORDINGS[name]
    asked.upstream.script(_recorded(name))
    await _check_streams(asked, spec, dialect)
    if dialect in READS_STREAMS:
        await _check_wholes(asked, spec, dialect)


@pytest.mark.parametrize("name", SCRIPTED)
async def test_answers_in_every_dialect_come_out_as_the_document_has_them(
    asked: Asked, spec: published.Spec, name: str
):
    dialect, reply = SCRIPTED[name]
    asked.upstream.script(reply)
    await _check_streams(asked, spec, dialect)
    await _check_wholes(asked, spec, dialect)


async def _check_streams(asked: Asked, spec: published.Spec, model: str) -> None:
    for more in ({}, USAGE, {"tools": TOOLS}):
        for chunk in await asked.events("/v1/chat/completions", {"model": model, "messages": HELLO, **more}):
            spec.check(_as_meant(chunk) if model == "openai" else chunk, "CreateChatCompletionStreamResponse")
    for event in await asked.events("/v1/responses", {"model": model, "input": "Hi"}):
        spec.check_event(_as_meant(event) if model == "openai-responses" else event, "ResponseStreamEvent")


async def _check_wholes(asked: Asked, spec: published.Spec, model: str) -> None:
    answer = await asked.whole("/v1/chat/completions", {"model": model, "messages": HELLO, "tools": TOOLS})
    spec.check(_as_meant(answer) if model == "openai" else answer, "CreateChatCompletionResponse")
    response = await asked.whole("/v1/responses", {"model": model, "input": "Hi", "user": "u-1"})
    spec.check(response, "Response")
    spec.check(await asked.whole(f"/v1/responses/{response['id']}", None), "Response")
    spec.check(await asked.whole(f"/v1/responses/{response['id']}/input_items", None), "ResponseItemList")


def _as_meant(value: Any) -> Any:
    """Without the nulls that OpenAI sends all the same."""
    if isinstance(value, dict):
        return {name: _as_meant(item) for name, item in value.items() if item is not None or name not in NULLS}
    return [_as_meant(item) for item in value] if isinstance(value, list) else value


WHOLES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("/v1/completions", {"prompt": "x"}, "CreateCompletionResponse"),
    ("/v1/completions", {"prompt": ["x", "y"], "n": 2}, "CreateCompletionResponse"),
    ("/v1/embeddings", {"input": ["x", "y"], "dimensions": 3}, "CreateEmbeddingResponse"),
    ("/v1/moderations", {"input": ["x", "y"]}, "CreateModerationResponse"),
    ("/v1/images/generations", {"prompt": "x", "n": 2}, "ImagesResponse"),
    ("/v1/images/generations", {"prompt": "x", "response_format": "url"}, "ImagesResponse"),
    ("/v1/images/edits", {"prompt": "x", "image": PICTURE}, "ImagesResponse"),
    ("/v1/images/variations", {"image": PICTURE}, "ImagesResponse"),
    ("/v1/audio/transcriptions", {"file": b"ID3"}, "CreateTranscriptionResponseJson"),
    (
        "/v1/audio/transcriptions",
        {"file": b"ID3", "response_format": "verbose_json"},
        "CreateTranscriptionResponseVerboseJson",
    ),
    ("/v1/audio/translations", {"file": b"ID3"}, "CreateTranslationResponseJson"),
    (
        "/v1/audio/translations",
        {"file": b"ID3", "response_format": "verbose_json"},
        "CreateTranslationResponseVerboseJson",
    ),
)


async def test_every_other_operation_answers_as_the_document_has_it(asked: Asked, spec: published.Spec):
    for path, body, name in WHOLES:
        spec.check(await asked.whole(path, {"model": "demo", **body}), name)
    spec.check(await asked.whole("/v1/models", None), "ListModelsResponse")
    spec.check(await asked.whole("/v1/models/demo", None), "Model")


STREAMS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("/v1/images/generations", {"prompt": "x", "partial_images": 1}, "ImageGenStreamEvent"),
    ("/v1/images/edits", {"prompt": "x", "image": PICTURE}, "ImageEditStreamEvent"),
    (
        "/v1/audio/speech",
        {"input": "x", "voice": "alloy", "stream_format": "sse"},
        "CreateSpeechResponseStreamEvent",
    ),
    ("/v1/audio/transcriptions", {"file": b"ID3"}, "CreateTranscriptionResponseStreamEvent"),
)


async def test_every_other_stream_has_the_events_of_the_document(asked: Asked, spec: published.Spec):
    for path, body, name in STREAMS:
        events = await asked.events(path, {"model": "demo", **body})
        assert events
        for event in events:
            spec.check_event(event, name)
    for chunk in await asked.events("/v1/completions", {"model": "demo", "prompt": "x", **USAGE}):
        spec.check(chunk, "CreateCompletionResponse")


async def test_an_upstream_that_leaves_out_what_is_required_is_not_noticed(asked: Asked, spec: published.Spec):
    categories = {"hate": True}
    asked.upstream.script(Status(200, {"results": [{"flagged": True, "categories": categories}]}))
    moderated = await asked.whole("/v1/moderations", {"model": "openai", "input": "x"})
    assert moderated["results"][0]["category_applied_input_types"] == {"hate": ["text"]}
    asked.upstream.script(Status(200, {"choices": [{"text": "x"}]}))
    spec.check(await asked.whole("/v1/completions", {"model": "openai", "prompt": "x"}), "CreateCompletionResponse")


REFUSED: tuple[tuple[str, Any, int], ...] = (
    ("/v1/nothing", {}, 404),
    ("/v1/models/none", None, 404),
    ("/v1/chat/completions", {}, 422),
    ("/v1/chat/completions", {"model": "demo", "messages": []}, 400),
    ("/v1/embeddings", {"model": "none", "input": "x"}, 404),
    ("/v1/responses", {"model": "demo", "input": 5}, 422),
    ("/v1/responses/resp_none", None, 404),
    ("/v1/audio/speech", {"model": "demo"}, 422),
    ("/v1/images/generations", {"model": "demo", "prompt": 5}, 422),
)


async def test_errors_are_those_of_the_document(asked: Asked, spec: published.Spec):
    for path, body, status in REFUSED:
        spec.check(await asked.whole(path, body, status=status), "ErrorResponse")
    asked.upstream.script(Status(429))
    error = await asked.whole("/v1/chat/completions", {"model": "openai", "messages": HELLO}, status=429)
    spec.check(error, "ErrorResponse")


def _recorded(name: str) -> Reply:
    assert RECORDED is not None
    reply = json.loads((RECORDED / f"{name}.json").read_text())["response"]
    body = reply["body"].encode()
    kind = {key.lower(): value for key, value in reply["headers"].items()}.get("content-type")
    kind = kind or ("application/json" if body.startswith(b"{") else "text/event-stream")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Raw(head + body, end="keep")
