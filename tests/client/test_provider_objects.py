"""Providers of the user's own: any class with one method, alone or in a list, through the one retry loop."""

import asyncio
import threading

import pytest

from g4f import AsyncClient, Client, errors
from g4f.providers import response
from g4f.providers.base_provider import AbstractProvider, AsyncGeneratorProvider, AsyncProvider
from g4f.providers.retry_provider import IterListProvider, RetryProvider, RotatedProvider
from tests.support.replies import Completion
from tests.support.upstream import Upstream


class Plain:
    """Nothing but the method."""

    @classmethod
    async def create_async_generator(cls, model, messages, stream=True, **kwargs):
        yield "Hello"
        yield ""
        yield None
        yield f" {model}"


class Blocking(AbstractProvider):
    @classmethod
    def create_completion(cls, model, messages, stream, **kwargs):
        yield threading.current_thread().name
        yield from (message["content"] for message in messages)


class Whole(AsyncProvider):
    @classmethod
    async def create_async(cls, model, messages, **kwargs):
        return "all at once"


class Function:
    @staticmethod
    def create_function(messages):
        return "from a function that names its arguments"


class Raises(AsyncGeneratorProvider):
    calls = 0

    @classmethod
    async def create_async_generator(cls, model, messages, **kwargs):
        Raises.calls += 1
        raise RuntimeError("the reason")
        yield


class Silent(AsyncGeneratorProvider):
    @classmethod
    async def create_async_generator(cls, model, messages, **kwargs):
        yield None


class BreaksOff(AsyncGeneratorProvider):
    @classmethod
    async def create_async_generator(cls, model, messages, **kwargs):
        yield "half of"
        raise RuntimeError("the reason")


async def ask(provider, messages="hi", model="m", **fields):
    async with AsyncClient(provider=provider) as client:
        return await client.chat.completions.create(messages, model, **fields)


def text(answer):
    return answer.choices[0].message.content


async def test_a_class_with_one_method_is_a_provider():
    answer = await ask(Plain)
    assert (text(answer), answer.provider, answer.model) == ("Hello m", "Plain", "m")
    assert text(await ask(Plain())) == "Hello m"


async def test_what_may_block_runs_in_a_thread_of_its_own():
    said = text(await ask(Blocking, "a b"))
    assert said.endswith("a b")
    assert not said.startswith(("MainThread", "g4f"))


async def test_each_of_the_documented_methods_will_do():
    assert text(await ask(Whole)) == "all at once"
    assert text(await ask(Function, temperature=1)) == "from a function that names its arguments"


async def test_a_class_streams_in_pieces():
    async with AsyncClient() as client:
        stream = client.chat.completions.create("hi", "m", Plain, stream=True)
        chunks = [chunk async for chunk in stream]
    assert [str(chunk) for chunk in chunks] == ["Hello", " m", ""]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop"]
    assert stream.provider == "Plain"


async def test_arguments_of_any_type_come_through_as_they_are():
    class Curious:
        @staticmethod
        async def create_async(model, messages, **kwargs):
            return repr(sorted(kwargs)) + str(kwargs["callback"]()) + str(messages)

    answer = await ask(Curious, callback=lambda: "called", media=[(b"\x89PNG\r\n\x1a\n", "a.png")], temperature=0.5)
    assert text(answer) == ("['callback', 'media', 'stream', 'temperature']called[{'role': 'user', 'content': 'hi'}]")


async def test_the_one_provider_that_fails_raises_its_own_exception():
    with pytest.raises(RuntimeError, match="the reason"):
        await ask(Raises)


async def test_a_silent_provider_does_not_hide_the_exception_of_the_other():
    with pytest.raises(RuntimeError, match="the reason"):
        await ask([Silent, Raises])


async def test_several_failures_are_told_together():
    class AlsoRaises(Raises):
        pass

    with pytest.raises(errors.RetryProviderError, match=r"Raises.*AlsoRaises") as caught:
        await ask([Raises, AlsoRaises])
    assert [type(cause) for cause in caught.value.causes] == [RuntimeError, RuntimeError]
    assert "the reason" not in str(caught.value), "an exception's text may hold anything"


async def test_nothing_but_silence_is_an_error_of_its_own():
    with pytest.raises(errors.RetryNoProviderError):
        await ask([Silent])


async def test_a_list_goes_on_to_the_next_only_before_the_first_content():
    assert text(await ask([Raises, Silent, Plain])) == "Hello m"
    async with AsyncClient(provider=[BreaksOff, Plain]) as client:
        pieces = []
        with pytest.raises(RuntimeError, match="the reason"):
            async for chunk in client.chat.completions.create("hi", "m", stream=True):
                pieces.append(str(chunk))
    assert pieces == ["half of"]


async def test_a_provider_that_is_asked_for_alone_is_asked_every_time():
    Raises.calls = 0
    async with AsyncClient() as client:
        for _ in range(7):
            with pytest.raises(RuntimeError):
                await client.chat.completions.create("hi", "m", Raises)
    assert Raises.calls == 7


async def test_a_single_provider_is_tried_again_as_often_as_the_list_says():
    Raises.calls = 0
    with pytest.raises(errors.RetryProviderError):
        await ask(RetryProvider([Raises], single_provider_retry=True, max_retries=3))
    assert Raises.calls == 3


async def test_lists_have_an_order_and_a_rotating_one_takes_turns():
    class A(Plain):
        pass

    class B(Plain):
        pass

    async def who(client):
        return (await client.chat.completions.create("hi", "m")).provider

    async with AsyncClient(provider=IterListProvider([A, B], shuffle=False)) as client:
        assert [await who(client) for _ in range(3)] == ["A", "A", "A"]
    async with AsyncClient(provider=RotatedProvider([A, B], shuffle=False)) as client:
        assert [await who(client) for _ in range(4)] == ["A", "B", "A", "B"]
    async with AsyncClient(provider=IterListProvider([A, B])) as client:
        assert {await who(client) for _ in range(40)} == {"A", "B"}
    async with AsyncClient(provider=[RotatedProvider([A], shuffle=False), [B]]) as client:
        assert await who(client) == "A"


async def test_classes_and_servers_stand_in_one_list(write):
    async with Upstream(Completion("from the server")) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            answer = await client.chat.completions.create("hi", "m", [Raises, "A"])
            assert (answer.provider, text(answer)) == ("A", "from the server")
            assert (await client.chat.completions.create("hi", "m", "A")).provider == "A"


async def test_two_classes_of_one_name_are_two_providers():
    def made(word):
        class Same:
            @staticmethod
            async def create_async(model, messages):
                return word

        return Same

    async with AsyncClient() as client:
        one, two = made("one"), made("two")
        answers = [await client.chat.completions.create("hi", "m", p) for p in (one, two, one)]
    assert [(a.provider, text(a)) for a in answers] == [("Same", "one"), ("Same-2", "two"), ("Same", "one")]


async def test_everything_a_provider_may_yield_has_its_place():
    class Rich:
        @staticmethod
        async def create_async_generator(model, messages, **kwargs):
            yield response.ProviderInfo("x")
            yield response.Reasoning("thinking")
            yield "See "
            yield response.ImageResponse("http://x/a.png", "a picture")
            yield response.JsonConversation(id=1)
            yield response.ToolCalls([{"id": "c1", "function": {"name": "f", "arguments": {"a": 1}}}])
            yield response.Usage(promptTokens=3, completionTokens=4)
            yield response.FinishReason("tool_calls")

    answer = await ask(Rich)
    said = answer.choices[0]
    assert (said.message.content, said.message.reasoning) == ("See ![a picture](http://x/a.png)", "thinking")
    assert (said.message.tool_calls[0].id, said.message.tool_calls[0].function.arguments) == ("c1", '{"a":1}')
    assert (said.finish_reason, answer.usage.total_tokens) == ("tool_calls", 7)


@pytest.mark.parametrize(
    ("limits", "said", "reason"),
    [
        ({"max_tokens": 1}, "How ", "length"),
        ({"max_tokens": 0}, "How are you?", "stop"),
        ({"stop": "are"}, "How ", "stop"),
        ({"stop": ["? ", "re y"]}, "How a", "stop"),
        ({"stop": ["you!"]}, "How are you?", "stop"),
    ],
)
async def test_limits_hold_for_providers_that_know_none(limits, said, reason):
    class Speaks:
        @staticmethod
        async def create_async_generator(model, messages, **kwargs):
            for word in ("How ", "are ", "you", "?"):
                yield word

    choice = (await ask(Speaks, **limits)).choices[0]
    assert (choice.message.content, choice.finish_reason) == (said, reason)


async def test_leaving_a_stream_closes_the_provider():
    closed = asyncio.Event()

    class Endless:
        @staticmethod
        async def create_async_generator(model, messages, **kwargs):
            try:
                while True:
                    yield "more "
            finally:
                closed.set()

    async with AsyncClient() as client:
        async with client.chat.completions.stream("hi", "m", Endless) as stream:
            await anext(stream)
        await asyncio.wait_for(closed.wait(), 5)


def test_the_synchronous_client_closes_it_too_when_it_lets_go():
    closed = threading.Event()

    class Endless:
        @staticmethod
        def create_completion(model, messages, **kwargs):
            try:
                while True:
                    yield "more "
            finally:
                closed.set()

    with Client() as client:
        for chunk in client.chat.completions.create("hi", "m", Endless, stream=True):
            assert str(chunk) == "more "
            break
        assert closed.wait(5)


@pytest.mark.parametrize(
    ("raised", "caught"),
    [
        (errors.MissingAuthError("log in"), errors.MissingAuthError),
        (errors.RateLimitError("slow down"), errors.RateLimitError),
        (TimeoutError(), TimeoutError),
        (errors.NoValidHarFileError("upload one"), errors.NoValidHarFileError),
    ],
)
async def test_a_provider_says_why_it_fails_with_our_errors(raised, caught):
    class Says:
        @staticmethod
        async def create_async(model, messages):
            raise raised

    with pytest.raises(caught):
        await ask(Says)
    assert text(await ask([Says, Plain])) == "Hello m"


async def test_what_says_it_does_not_work_is_asked_only_if_it_is_wanted_all_the_same():
    class Broken(Plain):
        working = False
        supports_stream = False

    with pytest.raises(errors.ProviderNotWorkingError, match="ignore_working"):
        await ask(Broken)
    assert text(await ask(Broken, ignore_working=True)) == "Hello m"
    Broken.working = True
    async with AsyncClient() as client:
        with pytest.raises(errors.StreamNotSupportedError, match="ignore_stream"):
            await client.chat.completions.create("hi", "m", Broken, stream=True)
        assert (await client.chat.completions.create("hi", "m", Broken, stream=True, ignore_stream=True)).provider
        assert (await client.chat.completions.create("hi", "m", [Broken, Plain], stream=True)).provider == "Plain"


@pytest.mark.parametrize("wrong", [7, object(), {"a": 1}, type("Nothing", (), {}), b"x", []])
def test_what_is_no_provider_is_refused_at_once(wrong):
    with pytest.raises(TypeError):
        Client(provider=wrong)


async def test_a_model_name_is_the_providers_own_where_it_has_one():
    class Aliased(Plain):
        default_model = "standard"
        model_aliases = {"m": "own-m", "many": ["one"]}  # noqa: RUF012

    assert text(await ask(Aliased)) == "Hello own-m"
    assert text(await ask(Aliased, model="many")) == "Hello one"
    assert text(await ask(Aliased, model="")) == "Hello standard"
