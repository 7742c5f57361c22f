"""The library: the same gateway as the daemon's, with the surface of the OpenAI SDK."""

import asyncio
import threading

import pytest

from g4f import AsyncClient, Client
from g4f.errors import ConfigError, ExhaustedError, ModelNotFoundError, RequestError
from tests.support.replies import Completion, Raw, Status, Stream, ToolCall
from tests.support.upstream import Upstream


async def test_a_whole_answer_has_attributes_and_keys_and_says_who_answered(write):
    async with Upstream(Completion("hello")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        answer = await client.chat.completions.create("hi", "m", seed=7)
    assert answer.choices[0].message.content == answer["choices"][0]["message"]["content"] == "hello"
    assert (answer.provider, answer.usage.total_tokens, answer.nothing) == ("A", 10, None)
    sent = upstream.requests[0].json
    assert (sent["model"], sent["seed"], sent["messages"]) == ("up", 7, [{"role": "user", "content": "hi"}])


async def test_a_stream_comes_in_chunks(write):
    async with Upstream(Completion("a b c")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        stream = await client.chat.completions.create(
            messages=[{"role": "user", "content": "hi"}], model="m", stream=True
        )
        texts = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(texts) == "a b c"
    assert stream.provider == "A"


async def test_tool_calls_come_through(write):
    call = ToolCall("weather", '{"city": "Paris"}')
    async with Upstream(Completion(tool_calls=[call])) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        answer = await client.chat.completions.create(
            "hi", "m", tools=[{"type": "function", "function": {"name": "weather"}}]
        )
    (made,) = answer.choices[0].message.tool_calls
    assert (made.function.name, made.function.arguments) == ("weather", '{"city": "Paris"}')


async def test_the_next_provider_answers_when_the_first_fails(write):
    async with Upstream(Status(500)) as bad, Upstream(Completion("good")) as good:
        async with AsyncClient(config=write(A=bad.url, B=good.url)) as client:
            answer = await client.chat.completions.create("hi", "m")
    assert (answer.provider, answer.choices[0].message.content) == ("B", "good")


async def test_an_exhausted_chain_lists_its_attempts(write):
    async with Upstream(Status(500)) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with pytest.raises(ExhaustedError) as caught:
            await client.chat.completions.create("hi", "m")
    assert [(a["provider"], a["failure"], a["status"]) for a in caught.value.attempts] == [("A", "server_error", 500)]


async def test_a_stream_that_breaks_off_raises_after_its_text(write):
    async with (
        Upstream(Stream(["one", " two"], end="cut")) as upstream,
        AsyncClient(config=write(A=upstream.url)) as client,
    ):
        stream = await client.chat.completions.create("hi", "m", stream=True)
        texts = []
        with pytest.raises(ExhaustedError):
            async for chunk in stream:
                texts.append(chunk.choices[0].delta.content)
    assert texts == ["one", " two"]


async def test_a_stream_that_is_closed_early_is_cancelled_upstream(write):
    async with Upstream(Stream(["one"], end="hang")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        stream = await client.chat.completions.create("hi", "m", stream=True)
        await anext(stream)
        await stream.close()
        await upstream.requests[0].ended.wait()
        assert upstream.requests[0].closed


async def test_mistakes_are_typed_errors_and_contact_nobody(write):
    async with Upstream() as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with pytest.raises(ModelNotFoundError):
            await client.chat.completions.create("hi", "nope")
        with pytest.raises(RequestError):
            await client.chat.completions.create([], "m")
        assert upstream.requests == []


def test_a_bad_file_is_refused_with_its_places(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("models: {m: {chain: [Nobody]}}")
    with pytest.raises(ConfigError, match=r"bad.yaml:1:\d+: .*Nobody"):
        Client(config=path)


async def test_explain_says_what_would_be_tried(write):
    async with AsyncClient(config=write(A="http://127.0.0.1:1/v1")) as client:
        found = client.explain("m")
    assert [target["provider"] for target in found.targets] == ["A"]


def in_background(upstream_script, use):
    """Run an upstream in a loop of its own and use it from this thread, which has no loop."""
    ready, stop, port = threading.Event(), threading.Event(), []

    async def serve():
        async with Upstream(*upstream_script) as upstream:
            port.append(upstream.url)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(5)
        use(port[0])
    finally:
        stop.set()
        thread.join(5)


def test_the_synchronous_client_does_the_same_without_a_loop(write):
    def use(url):
        with Client(config=write(A=url)) as client:
            assert client.chat.completions.create("hi", "m").choices[0].message.content == "x y"
            chunks = client.chat.completions.create("hi", "m", stream=True)
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "x y"

    in_background([Completion("x y")], use)


async def test_the_synchronous_client_works_inside_a_running_loop(write):
    async with Upstream(Completion("x")) as upstream:
        with Client(config=write(A=upstream.url)) as client:
            answer = await asyncio.to_thread(client.chat.completions.create, "hi", "m")
    assert answer.choices[0].message.content == "x"


def test_an_asynchronous_client_outlives_the_loop_it_was_first_used_in(write):
    path = write(A="http://127.0.0.1:1/v1")
    path.write_text("models: {m: {chain: [Demo]}}")
    client = AsyncClient(config=path)
    for _ in range(2):
        assert asyncio.run(client.chat.completions.create("hi", "m")).provider == "Demo"


async def test_chunks_that_come_together_with_what_breaks_the_answer_are_seen_before_its_error(write):
    whole = b"".join(
        b'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,'
        b'"delta":{"content":"%d"},"finish_reason":null}]}\n\n' % number
        for number in range(20)
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    async with Upstream(Raw(head + whole + b"data: {not JSON\n\n")) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            stream = await client.chat.completions.create("hi", "m", stream=True)
            texts = []
            with pytest.raises(ExhaustedError):
                async for chunk in stream:
                    texts.append(chunk.choices[0].delta.content)
            assert [chunk async for chunk in stream] == []
    assert texts == [str(number) for number in range(20)]
