"""The shapes of calls and answers that programs are written for, wherever they run."""

import asyncio
import io
import signal
import threading

import openai
import pydantic
import pytest

from g4f import AsyncClient, ChatCompletion, Client, errors, models
from g4f.client import ChatCompletion as Answer
from g4f.client import ChatCompletionChunk
from tests.support.loops import LOOPS
from tests.support.replies import Completion, Stream, ToolCall
from tests.support.upstream import Upstream

PNG = b"\x89PNG\r\n\x1a\n"


class Echo:
    @staticmethod
    async def create_async_generator(model, messages, stream=True, **kwargs):
        for word in ("a", "b"):
            yield word


async def test_an_asynchronous_stream_may_be_awaited_or_iterated_at_once():
    async with AsyncClient(Echo) as client:
        at_once = client.chat.completions.create("hi", "m", stream=True)
        assert [str(chunk) async for chunk in at_once] == ["a", "b", ""]
        awaited = await client.chat.completions.create("hi", "m", stream=True)
        assert awaited.provider == "Echo"
        assert [type(chunk) async for chunk in awaited] == [ChatCompletionChunk] * 3


async def test_an_answer_is_json_and_plain_data():
    async with AsyncClient(Echo) as client:
        answer = await client.chat.completions.create("hi", "m")
    assert isinstance(answer, Answer)
    plain = answer.model_dump()
    assert type(plain) is dict and type(plain["choices"][0]["message"]) is dict
    assert Answer(plain) == answer == Answer.model_construct(**plain)
    assert '"content": "ab"' in answer.model_dump_json()
    assert "usage" not in Answer(a=None).model_dump(exclude_none=True)
    assert set(answer.model_dump(include=["id", "model"])) == {"id", "model"}
    assert '"choices"' not in answer.model_dump_json(exclude={"choices"})
    assert type(answer.copy()) is Answer and answer.copy() == Answer.model_validate(plain)
    with pytest.raises(AttributeError):
        answer.__wrapped__  # noqa: B018


async def test_the_openai_sdk_accepts_our_answers(write):
    async with Upstream(Completion(tool_calls=[ToolCall("f", "{}")])) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            answer = await client.chat.completions.create("hi", "m")
    parsed = openai.types.chat.ChatCompletion.model_validate(answer)
    assert parsed.choices[0].message.tool_calls[0].function.name == "f"


async def test_messages_and_tools_of_another_sdk_are_taken_as_they_are(write):
    said = openai.types.chat.ChatCompletionMessage(role="assistant", content="before")
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        first = await client.chat.completions.create("hi", "m")
        await client.chat.completions.create([said, first.choices[0].message, {"role": "user", "content": "?"}], "m")
    sent = upstream.requests[1].json["messages"]
    assert [message["content"] for message in sent] == ["before", "hi", "?"]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": 7}, "messages"),
        ({"messages": {"role": "user"}}, "messages"),
        ({"messages": [7]}, "messages"),
        ({"messages": ("a", "b")}, "messages"),
        ({"messages": b"x"}, "messages"),
        ({"messages": "x", "timeout": "5"}, "timeout"),
        ({"messages": "x", "timeout": 0}, "timeout"),
        ({"messages": []}, "messages"),
        ({"messages": "x", "temperature": "hot"}, "temperature"),
        ({"messages": "x", "odd": object()}, "odd"),
        ({"messages": "x", "extra_body": 7}, "extra_body"),
        ({"messages": "x", "image": "/no/such/file.png"}, "media"),
        ({"messages": "x", "media": [(b"x", "n", 1)]}, "media"),
        ({"messages": "x", "image": 5}, "media"),
        ({"messages": "x", "image": b""}, "media"),
    ],
)
async def test_mistakes_are_named_and_nobody_is_contacted(write, fields, param):
    async with Upstream() as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with pytest.raises(errors.RequestError) as caught:
            await client.chat.completions.create(model="m", **fields)
    assert caught.value.param.startswith(param)
    assert upstream.requests == []


async def test_files_become_parts_of_the_last_message_of_the_user(write, tmp_path):
    (tmp_path / "a.png").write_bytes(PNG)
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        with (tmp_path / "a.png").open("rb") as file:
            await client.chat.completions.create(
                [{"role": "user", "content": "look"}, {"role": "assistant", "content": "at"}],
                "m",
                image=file,
                media=[(tmp_path / "a.png", "a.png"), ("http://x/y.png", None), (b"RIFFxxxxWAVE", "a.wav")],
                images=[b"%PDF-1.4"],
            )
    content = upstream.requests[0].json["messages"][0]["content"]
    assert [part["type"] for part in content] == [
        "text", "image_url", "file", "image_url", "image_url", "input_audio",
    ]  # fmt: skip
    assert content[1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert "image" not in upstream.requests[0].json


async def test_an_open_file_may_be_shown_twice(write):
    picture = io.BytesIO(PNG)
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        for _ in range(2):
            await client.chat.completions.create("look", "m", image=picture)
    first, second = (request.json["messages"][0]["content"][1] for request in upstream.requests)
    assert first == second


async def test_extra_body_and_unknown_fields_go_upstream(write):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        await client.chat.completions.create("hi", "m", extra_body={"top_k": 5}, seed=1, temperature=None)
    sent = upstream.requests[0].json
    assert (sent["top_k"], sent["seed"], "temperature" in sent) == (5, 1, False)


class City(pydantic.BaseModel):
    name: str
    people: int = 0


async def test_parse_gives_an_object_of_the_form_that_was_asked_for(write):
    async with Upstream(Completion('{"name": "Paris", "people": 2}')) as upstream:
        async with AsyncClient(config=write(A=upstream.url)) as client:
            answer = await client.chat.completions.parse("which?", "m", response_format=City)
            assert answer.choices[0].message.parsed == City(name="Paris", people=2)
            upstream.script(Completion("not json"))
            with pytest.raises(errors.ResponseError, match="City"):
                await client.chat.completions.parse("which?", "m", response_format=City)
            with pytest.raises(errors.RequestError):
                await client.chat.completions.parse("which?", "m", response_format=dict)
    schema = upstream.requests[0].json["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"], schema["schema"]["required"]) == ("City", True, ["name", "people"])
    assert schema["schema"]["additionalProperties"] is False


async def test_an_object_of_the_programs_own_form_is_data_again_and_goes_to_no_server(write):
    async with (
        Upstream(Completion('{"name": "Paris"}')) as upstream,
        AsyncClient(config=write(A=upstream.url)) as client,
    ):
        answer = await client.chat.completions.parse("which?", "m", response_format=City)
        said = answer.choices[0].message
        await client.chat.completions.create([said, {"role": "user", "content": "sure?"}], "m")
    assert '"parsed": {"name": "Paris", "people": 0}' in answer.model_dump_json()
    assert answer.model_dump()["choices"][0]["message"]["parsed"] == {"name": "Paris", "people": 0}
    assert "parsed" not in upstream.requests[1].json["messages"][0]


async def test_a_pydantic_model_in_the_wrong_place_is_shown_the_right_one(write):
    async with AsyncClient(config=write(A="http://127.0.0.1:1/v1")) as client:
        with pytest.raises(errors.RequestError, match=r"parse\(\) takes a pydantic model"):
            await client.chat.completions.create("hi", "m", response_format=City)


@pytest.mark.parametrize("nobody", ["", " ", None, "AnyProvider"])
async def test_an_empty_name_of_a_provider_is_whoever_the_file_names(write, nobody):
    async with Upstream(Completion()) as upstream, AsyncClient(nobody, config=write(A=upstream.url)) as client:
        assert (await client.chat.completions.create("hi", "m", nobody)).provider == "A"


async def test_a_provider_in_other_letters_is_suggested(write):
    async with AsyncClient(config=write(Lab="http://127.0.0.1:1/v1")) as client:
        with pytest.raises(errors.ProviderNotFoundError, match="Did you mean 'Lab'"):
            await client.chat.completions.create("hi", "m", "lab")


def test_a_synchronous_client_works_in_many_threads_at_once():
    answers = []
    with Client(Echo) as client:
        threads = [
            threading.Thread(target=lambda: answers.append(client.chat.completions.create("hi", "m").provider))
            for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert answers == ["Echo"] * 20


@pytest.mark.parametrize("loop", LOOPS)
def test_a_synchronous_client_works_inside_a_running_loop_of_any_kind(loop):
    async def program():
        with Client(Echo) as client:
            assert client.chat.completions.create("hi", "m").choices[0].message.content == "ab"
            assert [str(chunk) for chunk in client.chat.completions.create("hi", "m", stream=True)] == ["a", "b", ""]
            return ChatCompletion.create("m", "hi", Echo)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        assert runner.run(program()) == "ab"


@pytest.fixture
def ctrl_c():
    """Ctrl-C means what it does at a terminal, however the tests were started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_interrupts_a_call_and_cancels_it_upstream(ctrl_c):
    """Often: whether the signal comes before, while or after the thread begins to wait, it must be seen."""
    asked, cancelled = threading.Semaphore(0), threading.Semaphore(0)

    class Hangs:
        @staticmethod
        async def create_async(model, messages):
            asked.release()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.release()

    def press():
        assert asked.acquire(timeout=5)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    with Client(Hangs) as client:
        for _ in range(150):
            presser = threading.Thread(target=press)
            presser.start()
            with pytest.raises(KeyboardInterrupt):
                client.chat.completions.create("hi", "m")
            presser.join(5)
            assert cancelled.acquire(timeout=5)


async def test_a_client_leaves_its_stream_when_the_program_lets_go_of_it(write):
    async with Upstream(Stream(["one"], end="hang")) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        async for chunk in client.chat.completions.create("hi", "m", stream=True):
            assert str(chunk) == "one"
            break
        async with asyncio.timeout(5):
            await upstream.requests[0].ended.wait()
        assert upstream.requests[0].closed


def test_chat_completion_gives_text_or_chunks():
    assert ChatCompletion.create("m", "hi", Echo) == "ab"
    assert "".join(map(str, ChatCompletion.create("m", "hi", Echo, stream=True))) == "ab"
    assert "Demo" in ChatCompletion.create(models.demo, [{"role": "user", "content": "hi"}])


async def test_chat_completion_is_awaited_or_iterated():
    assert await ChatCompletion.create_async("m", "hi", Echo) == "ab"
    assert [str(c) async for c in ChatCompletion.create_async("m", "hi", Echo, stream=True)] == ["a", "b", ""]


def test_chat_completion_shows_an_image_under_its_name():
    class Sees:
        @staticmethod
        def create_completion(model, messages, media, ignore_working, **kwargs):
            yield f"{media} {ignore_working} {kwargs['temperature']}"

    said = ChatCompletion.create("m", "hi", Sees, image=PNG, image_name="a.png", ignore_working=True, temperature=1)
    assert said == f"{[(PNG, 'a.png')]} True 1"


async def test_the_models_of_a_client_are_those_it_serves(write):
    async with AsyncClient(config=write(A="http://127.0.0.1:1/v1")) as client:
        assert [model.id for model in client.models.list().data] == client.models.get_all() == ["m"]
        assert client.models.retrieve("m").owned_by == "A"
        assert (client.models.get("m"), client.models.get("nope", "else")) == ("m", "else")
        with pytest.raises(errors.ModelNotFoundError):
            client.models.retrieve("nope")
