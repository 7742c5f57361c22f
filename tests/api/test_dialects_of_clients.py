"""Anthropic's and Ollama's addresses: errors in their shape wherever they arise, tokens counted, names and lists."""

import json

import anthropic
import pytest

from tests.grid.behind import anthropic as behind
from tests.grid.behind.replying import streamed, whole
from tests.grid.exchange import Said
from tests.support.replies import Choose, Completion, Gate, Raw, Status, Stream
from tests.support.upstream import Upstream

KEY = "0123456789abcdef"
HELLO = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
LAB = "providers: {{Lab: {{base_url: '{url}', keyless: true}}}}\nmodels: {{m: {{chain: [Lab/x]}}}}\n"
DEMO = "models: {m: {chain: [Demo]}, other: {chain: [Demo]}}\nproviders: {Demo: {}}\n"
LOCKED = DEMO + f"server: {{keys: [{{name: a, key: {KEY}, models: [m]}}], max_body: 1KiB}}\n"


def claude(upstream):
    return (
        f"providers: {{Claude: {{dialect: anthropic, base_url: 'http://127.0.0.1:{upstream.port}', keys: [{{name: a,"
        " key: sk-ant-0123456789}]}}\ndefaults: {retries: 0}\nmodels: {m: {chain: [Claude/claude-x]}}\n"
    )


async def told(answer):
    return answer.status, await answer.json(content_type=None)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "kind"),
    [
        ("POST", "/v1/messages", HELLO, {"x-api-key": "wrong"}, 401, "authentication_error"),
        ("POST", "/v1/messages", {**HELLO, "model": "other"}, {}, 404, "not_found_error"),
        ("POST", "/v1/messages", {**HELLO, "model": "none"}, {}, 404, "not_found_error"),
        ("GET", "/v1/messages", None, {}, 405, "invalid_request_error"),
        ("POST", "/v1/messages/batches", {}, {}, 404, "not_found_error"),
        ("POST", "/v1/messages", {**HELLO, "system": "x" * 2000}, {}, 413, "request_too_large"),
        ("POST", "/v1/messages", {"model": "m"}, {}, 400, "invalid_request_error"),
        ("POST", "/v1/messages/count_tokens", {"model": "m"}, {}, 400, "invalid_request_error"),
        ("GET", "/v1/files", None, {"anthropic-version": "2023-06-01"}, 404, "not_found_error"),
        ("GET", "/v1/models/none", None, {"anthropic-version": "2023-06-01"}, 404, "not_found_error"),
    ],
)
async def test_every_error_is_anthropics_where_anthropics_clients_are(serve, method, path, body, headers, status, kind):
    client = await serve(LOCKED)
    sent = {"x-api-key": KEY, **headers}
    async with client.request(method, path, json=body, headers=sent) as answer:
        got, error = await told(answer)
        assert (got, error["type"], error["error"]["type"]) == (status, "error", kind)
        assert error["request_id"] == answer.headers["request-id"] == answer.headers["x-request-id"]
        assert error["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/api/chat", HELLO, {"Authorization": "Bearer wrong"}, 401),
        ("POST", "/api/chat", {**HELLO, "model": "none"}, {}, 404),
        ("POST", "/api/chat", {**HELLO, "messages": "x"}, {}, 400),
        ("POST", "/api/chat", {"model": "m", "messages": [{"role": "user", "content": 5}]}, {}, 400),
        ("POST", "/api/generate", {"model": "m", "prompt": 5}, {}, 400),
        ("POST", "/api/generate", {"prompt": "x"}, {}, 400),
        ("POST", "/api/generate", {"model": "m", "prompt": "x" * 2000}, {}, 413),
        ("POST", "/api/show", {"model": "other"}, {}, 404),
        ("POST", "/api/show", {}, {}, 400),
        ("DELETE", "/api/tags", None, {}, 405),
        ("POST", "/api/pull", {"model": "m"}, {}, 404),
    ],
)
async def test_every_error_is_a_text_where_ollamas_clients_are(serve, method, path, body, headers, status):
    client = await serve(LOCKED)
    async with client.request(method, path, json=body, headers={"Authorization": f"Bearer {KEY}", **headers}) as answer:
        got, error = await told(answer)
        assert (got, list(error)) == (status, ["error"])
        assert isinstance(error["error"], str)


@pytest.mark.parametrize("key", [{"x-api-key": KEY}, {"Authorization": f"Bearer {KEY}"}])
async def test_claude_code_sends_its_key_either_way_and_asks_with_a_query(serve, key):
    client = await serve(LOCKED)
    async with client.post("/v1/messages?beta=true", json={**HELLO, "stream": True}, headers=key) as answer:
        assert answer.content_type == "text/event-stream"
        wire = await answer.text()
    assert wire.startswith("event: message_start\n")
    assert wire.endswith('event: message_stop\ndata: {"type":"message_stop"}\n\n')


async def test_a_stream_that_breaks_is_raised_on_by_the_sdk(serve):
    text = {"choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]}
    async with Upstream(Stream([text], end="cut")) as upstream:
        client = await serve(LAB.format(url=upstream.url))
        async with anthropic.AsyncAnthropic(base_url=str(client.make_url("")), api_key="x", max_retries=0) as sdk:
            said = ""
            with pytest.raises(anthropic.APIStatusError) as caught:
                async with sdk.messages.stream(**HELLO) as stream:
                    async for piece in stream.text_stream:
                        said += piece
        async with client.post("/api/chat", json={**HELLO, "stream": True}) as answer:
            lines = (await answer.text()).splitlines()
    assert said == "Hel"
    assert caught.value.body["error"]["code"] == "upstream_disconnected"
    assert json.loads(lines[0])["message"]["content"] == "Hel"
    assert list(json.loads(lines[-1])) == ["error"]


async def test_an_overloaded_anthropic_falls_back_and_is_told_as_overloaded_in_the_end(serve):
    overloaded = whole({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, status=529)
    async with Upstream(overloaded) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages", json=HELLO) as answer:
            status, error = await told(answer)
            assert (status, error["error"]["type"]) == (503, "overloaded_error")
            assert answer.headers["x-should-retry"] == "false"


async def test_flags_and_keys_go_where_they_belong(serve):
    headers = {"anthropic-version": "2026-10-21", "anthropic-beta": "a-1,b-2", "x-api-key": "the-clients"}
    async with Upstream(behind.reply(Said(text="x"))) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages", json=HELLO, headers=headers) as answer:
            assert answer.status == 200
        async with client.post("/v1/messages", json=HELLO) as answer:
            assert answer.status == 200
    first, second = upstream.requests
    assert first.headers["x-api-key"] == second.headers["x-api-key"] == "sk-ant-0123456789"
    assert (first.headers["anthropic-version"], first.headers["anthropic-beta"]) == ("2026-10-21", "a-1,b-2")
    assert (second.headers["anthropic-version"], second.headers.get("anthropic-beta")) == ("2023-06-01", None)
    async with Upstream() as other:
        client = await serve(LAB.format(url=other.url))
        async with client.post("/v1/messages", json=HELLO, headers=headers) as answer:
            assert answer.status == 200
    assert not {"anthropic-beta", "anthropic-version", "x-api-key"} & other.requests[0].headers.keys()


async def test_what_was_lost_is_named_to_the_client(serve):
    system = [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]
    body = {**HELLO, "system": system, "top_k": 5, "context_management": {}}
    async with Upstream() as upstream:
        client = await serve(LAB.format(url=upstream.url))
        async with client.post("/v1/messages", json=body) as answer:
            assert answer.headers["x-g4f-dropped"] == "cache_control, context_management, top_k"


async def test_tokens_are_counted_by_an_upstream_that_can(serve):
    async with Upstream(whole({"input_tokens": 2095})) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages/count_tokens", json=HELLO) as answer:
            assert await told(answer) == (200, {"input_tokens": 2095})
            assert "x-g4f-estimated" not in answer.headers
    assert upstream.requests[0].path == "/v1/messages/count_tokens"


@pytest.mark.parametrize("status", [404, 429])
async def test_tokens_are_estimated_where_nobody_counts_and_chats_do_not_suffer_for_it(serve, status):
    def reply(request):
        return Status(status) if request.path.endswith("count_tokens") else behind.reply(Said(text="x"))

    async with Upstream(Choose(reply)) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages/count_tokens", json=HELLO) as answer:
            got, counted = await told(answer)
            assert (got, answer.headers["x-g4f-estimated"]) == (200, "true")
            assert counted["input_tokens"] == len(json.dumps(HELLO)) // 4
        async with client.post("/v1/messages", json=HELLO) as answer:
            assert answer.status == 200


async def test_a_count_of_what_is_wrong_is_refused_by_who_counts(serve):
    async with Upstream(behind.refusal(400, "tools: Input should be a list")) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages/count_tokens", json=HELLO) as answer:
            status, error = await told(answer)
            assert (status, error["error"]["message"]) == (400, "tools: Input should be a list")


async def test_models_are_listed_in_the_form_that_each_client_expects(serve):
    client = await serve(LOCKED)
    key = {"Authorization": f"Bearer {KEY}"}
    async with client.get("/v1/models", headers={**key, "anthropic-version": "2023-06-01"}) as answer:
        page = await answer.json()
        assert ([card["id"] for card in page["data"]], page["has_more"], page["last_id"]) == (["m"], False, "m")
    async with client.get("/api/tags", headers=key) as answer:
        assert [model["name"] for model in (await answer.json())["models"]] == ["m"]
    async with client.post("/api/show", json={"name": "m:latest"}, headers=key) as answer:
        assert "completion" in (await answer.json())["capabilities"]
    async with client.head("/", headers=key) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [("/api/chat", {}, "load"), ("/api/generate", {"prompt": ""}, "load"), ("/api/chat", {"keep_alive": 0}, "unload")],
)
async def test_nothing_has_to_be_loaded(serve, path, body, reason):
    async with Upstream() as upstream:
        client = await serve(LAB.format(url=upstream.url))
        async with client.post(path, json={"model": "m:latest", **body}) as answer:
            loaded = await answer.json()
    assert (loaded["model"], loaded["done"], loaded["done_reason"]) == ("m", True, reason)
    assert upstream.requests == []


async def test_ollama_streams_unless_it_is_told_not_to(serve):
    async with Upstream(Completion("a b")) as upstream:
        client = await serve(LAB.format(url=upstream.url))
        async with client.post("/api/generate", json={"model": "m", "prompt": "p", "system": "s"}) as answer:
            assert answer.content_type == "application/x-ndjson"
            lines = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert "".join(line["response"] for line in lines) == "a b"
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert (lines[-1]["prompt_eval_count"], lines[-1]["eval_count"]) == (7, 3)
    assert [message["role"] for message in upstream.requests[0].json["messages"]] == ["system", "user"]


async def test_anthropic_is_relayed_as_it_comes_and_fallback_ends_with_the_first_content(serve):
    gate = Gate()
    events = list(behind.events_of(Said(text="one two")))
    raw = streamed(events, "text/event-stream")
    assert isinstance(raw, Raw)
    pieces = list(raw.content)
    async with Upstream(Raw([*pieces[:6], gate, *pieces[6:]], end="keep")) as upstream:
        client = await serve(claude(upstream))
        async with client.post("/v1/messages", json={**HELLO, "stream": True}) as answer:
            first = await answer.content.readuntil(b"text_delta")
            assert first.startswith(b"event: message_start")
            gate.open()
            rest = await answer.content.read()
    assert first + rest == b"".join(events)
