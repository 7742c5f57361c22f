"""Copilot's consumer chat: a conversation begun, a question asked over a WebSocket, and the user's own session."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import openai
import pytest
from aiohttp import WSMsgType, web

from g4f import cookies
from tests.support.proxies import SocksProxy

TALK = [{"role": "user", "content": "hi"}]
TOKEN = "eyJhbGciOiJub25lIn0.session-token-0123456789"
#: What its page hears when it asks something.
HEARD = [
    {"event": "connected", "requestId": "r"},
    {"event": "received", "conversationId": "c"},
    {"event": "startMessage", "conversationId": "c", "messageId": "m"},
    {"event": "chainOfThought", "text": "A greeting."},
    {"event": "appendText", "messageId": "m", "partId": "0", "text": "Hello"},
    {"event": "appendText", "messageId": "m", "partId": "0", "text": " there"},
    {"event": "citation", "messageId": "m", "title": "A page", "url": "https://example.com/"},
    {"event": "suggestedFollowups", "suggestions": ["And you?"]},
    {"event": "partCompleted", "messageId": "m", "partId": "0"},
    {"event": "done", "messageId": "m"},
]


class Chat:
    """The consumer chat, scripted: `messages` are what it says to a question, None closes the socket."""

    def __init__(self) -> None:
        self.messages: Sequence[Any] = HEARD
        self.begin: web.Response | None = None
        self.refuse: web.Response | None = None
        self.begun: list[web.Request] = []
        self.opened: list[web.Request] = []
        self.questions: list[dict[str, Any]] = []
        self.left = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/c/api/conversations", self._begin)
        app.router.add_get("/c/api/chat", self._chat)
        return app

    async def _begin(self, request: web.Request) -> web.Response:
        self.begun.append(request)
        return self.begin or web.json_response({"id": "c1"})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.opened.append(request)
        if self.refuse is not None:
            return self.refuse
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.questions.append(json.loads((await socket.receive()).data))
        for message in self.messages:
            if message is None:
                await socket.close()
            elif message == "wait":
                assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)
                self.left.set()
            else:
                await socket.send_str(message if isinstance(message, str) else json.dumps(message))
        return socket


@pytest.fixture
async def chat(aiohttp_server, serve, tmp_path):
    """The scripted chat, with a client of a server that asks it, and a directory for sessions."""
    chat = Chat()
    service = await aiohttp_server(chat.app())
    before = cookies.get_cookies_dir()
    cookies.set_cookies_dir(tmp_path)
    client = await serve(
        f"""
        defaults: {{retries: 0}}
        providers:
          Copilot: {{base_url: "http://127.0.0.1:{service.port}"}}
          Keyed: {{adapter: copilot, base_url: "http://127.0.0.1:{service.port}", key: {TOKEN}}}
        models:
          m: {{chain: [Copilot/Copilot]}}
          deep: {{chain: [Copilot/think-deeper]}}
          keyed: {{chain: [Keyed/Copilot]}}
        """
    )
    chat.client, chat.begun_at = client, f"http://127.0.0.1:{service.port}"
    chat.sdk = openai.AsyncOpenAI(base_url=str(client.make_url("/v1")), api_key="none", max_retries=0)
    yield chat
    await chat.sdk.close()
    cookies.set_cookies_dir(before)


async def test_a_question_is_asked_in_a_conversation_of_its_own(chat):
    got = await chat.sdk.chat.completions.create(model="m", messages=TALK, temperature=0.5)
    message = got.choices[0].message
    assert (message.content, got.choices[0].finish_reason) == ("Hello there", "stop")
    assert message.reasoning_content == "A greeting."
    assert message.annotations[0].url_citation.url == "https://example.com/"
    assert chat.questions == [
        {"event": "send", "conversationId": "c1", "content": [{"type": "text", "text": "hi"}], "mode": "chat"}
    ]
    assert chat.opened[0].query_string == "api-version=2"
    assert not {"Cookie", "Authorization"} & set(chat.opened[0].headers)


async def test_an_answer_is_streamed_as_it_comes(chat):
    stream = await chat.sdk.chat.completions.create(model="deep", messages=TALK, stream=True)
    assert "".join([e.choices[0].delta.content or "" async for e in stream if e.choices]) == "Hello there"
    assert chat.questions[0]["mode"] == "reasoning"


async def test_what_was_said_before_goes_along_as_text(chat):
    before = [{"role": "system", "content": "Be brief."}, *TALK, {"role": "assistant", "content": "Hello"}]
    await chat.sdk.chat.completions.create(model="m", messages=[*before, {"role": "user", "content": "Bye"}])
    assert chat.questions[0]["content"][0]["text"] == "System: Be brief.\n\nUser: hi\n\nAssistant: Hello\n\nUser: Bye"


async def test_the_session_of_its_host_goes_along_and_is_never_told(chat):
    har = {
        "log": {
            "entries": [
                {
                    "request": {
                        "url": "http://127.0.0.1/c/api/user",
                        "headers": [{"name": "authorization", "value": f"Bearer {TOKEN}"}],
                        "cookies": [{"name": "__Host-copilot-anon", "value": "anon-cookie-0123456789"}],
                    }
                }
            ]
        }
    }
    cookies.store_cookie_file(json.dumps(har).encode())
    await chat.sdk.chat.completions.create(model="m", messages=TALK)
    assert chat.begun[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert chat.begun[0].headers["Cookie"] == "__Host-copilot-anon=anon-cookie-0123456789"
    assert chat.opened[0].query["accessToken"] == TOKEN
    chat.begin = web.json_response({"error": {"message": f"bad {TOKEN} anon-cookie-0123456789"}}, status=400)
    with pytest.raises(openai.APIStatusError) as caught:
        await chat.sdk.chat.completions.create(model="m", messages=TALK)
    assert TOKEN not in str(caught.value.body)
    assert "anon-cookie" not in str(caught.value.body)


async def test_a_key_is_the_access_token(chat):
    await chat.sdk.chat.completions.create(model="keyed", messages=TALK)
    assert chat.begun[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert chat.opened[0].query["accessToken"] == TOKEN


@pytest.mark.parametrize(
    ("messages", "status", "code"),
    [
        ([{"event": "challenge", "method": "hashcash", "parameter": "x"}], 502, "upstream_challenge"),
        ([{"event": "error", "errorCode": "rate-limit-exceeded"}], 429, "rate_limit_exceeded"),
        ([{"event": "error", "errorCode": "internal"}], 502, "upstream_error"),
        ([{"event": "done"}], 502, "empty_completion"),
        ([*HEARD[:5], None], 502, "upstream_disconnected"),
        ([None], 502, "upstream_disconnected"),
        (["{"], 502, "upstream_bad_response"),
        (["[1]"], 502, "upstream_bad_response"),
        (["x" * (1 << 20 | 1)], 502, "upstream_disconnected"),
    ],
)
async def test_a_failure_is_told_by_its_kind(chat, messages, status, code):
    chat.messages = messages
    with pytest.raises(openai.APIStatusError) as caught:
        await chat.sdk.chat.completions.create(model="m", messages=TALK)
    assert (caught.value.status_code, caught.value.code) == (status, code)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (web.Response(status=403, text="<html>Just a moment", content_type="text/html"), "upstream_challenge"),
        (web.Response(status=302, headers={"Location": "https://elsewhere.example/"}), "upstream_redirect"),
        (web.Response(status=429), "rate_limit_exceeded"),
    ],
    ids=["challenge", "redirect", "limit"],
)
@pytest.mark.parametrize("place", ["begin", "refuse"])
async def test_what_is_answered_in_place_of_a_conversation_is_told_by_its_kind(chat, refusal, code, place):
    fresh = web.Response(status=refusal.status, body=refusal.body, headers=refusal.headers)
    setattr(chat, place, fresh)
    with pytest.raises(openai.APIStatusError) as caught:
        await chat.sdk.chat.completions.create(model="m", messages=TALK)
    assert caught.value.code == code


async def test_a_stream_that_breaks_ends_in_an_error(chat):
    chat.messages = [*HEARD[:5], None]
    stream = await chat.sdk.chat.completions.create(model="m", messages=TALK, stream=True)
    with pytest.raises(openai.APIError):
        async for _ in stream:
            pass


async def test_the_socket_is_closed_when_the_client_leaves(chat):
    chat.messages = [*HEARD[:5], "wait"]
    stream = await chat.sdk.chat.completions.create(model="m", messages=TALK, stream=True)
    async for _ in stream:
        break
    await stream.close()
    await asyncio.wait_for(chat.left.wait(), 5)


async def test_what_it_has_no_words_for_is_refused_or_named(chat):
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    for more in ({"tools": [tool]}, {"response_format": {"type": "json_object"}}):
        with pytest.raises(openai.BadRequestError):
            await chat.sdk.chat.completions.create(model="m", messages=TALK, **more)
    assert chat.begun == []
    response = await chat.client.post(
        "/v1/chat/completions", json={"model": "m", "messages": TALK, "temperature": 0.5, "seed": 1}
    )
    assert response.headers["x-g4f-dropped"] == "temperature, seed"


async def test_a_conversation_goes_through_the_proxy_of_its_row_and_never_past_it(chat, serve):
    service = chat.begun_at
    async with SocksProxy("user", "proxy-password") as proxy:
        client = await serve(
            f"""
            defaults: {{retries: 0}}
            providers:
              Copilot: {{base_url: "{service}", proxy: "{proxy.url}"}}
              Wrong: {{adapter: copilot, base_url: "{service}", proxy: "{proxy.url.replace("password", "passwort")}"}}
            models:
              m: {{chain: [Copilot/Copilot]}}
              w: {{chain: [Wrong/Copilot]}}
            """
        )
        good = await client.post("/v1/chat/completions", json={"model": "m", "messages": TALK})
        assert (await good.json())["choices"][0]["message"]["content"] == "Hello there"
        assert len(proxy.targets) == 2
        bad = await client.post("/v1/chat/completions", json={"model": "w", "messages": TALK})
        assert (await bad.json())["error"]["code"] == "proxy_error"
        assert len(chat.begun) == 1
