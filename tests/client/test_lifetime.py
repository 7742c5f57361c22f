"""What a client leaves behind: nothing, however it ends."""

import asyncio
import gc
import multiprocessing
import threading

import pytest

from g4f import AsyncClient, Client
from g4f.client.asker import MOST_VARIANTS
from tests.support.loops import turns
from tests.support.replies import Completion, Stream
from tests.support.upstream import Upstream


class Echo:
    @staticmethod
    async def create_async(model, messages):
        return messages[-1]["content"]


async def test_a_client_that_the_program_lets_go_of_closes_its_connections(write):
    async with Upstream(Completion()) as upstream:
        client = AsyncClient(config=write(A=upstream.url))
        await client.chat.completions.create("hi", "m")
        assert upstream.open_connections == 1
        del client
        gc.collect()
        await upstream.idle()


async def test_a_stream_outlives_the_client_that_it_came_from(write):
    async with Upstream(Stream(["one", "two"])) as upstream:
        stream = await AsyncClient(config=write(A=upstream.url)).chat.completions.create("hi", "m", stream=True)
        gc.collect()
        await turns()
        assert [str(chunk) async for chunk in stream][:2] == ["one", "two"]


async def test_a_method_that_is_kept_keeps_the_connections(write):
    async with Upstream(Completion()) as upstream:
        create = AsyncClient(config=write(A=upstream.url)).chat.completions.create
        for _ in range(2):
            await create("hi", "m")
            gc.collect()
            await turns()
        assert upstream.connections == 1


async def test_calls_with_many_keys_leave_few_connections(write):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        for number in range(MOST_VARIANTS + 4):
            await client.chat.completions.create("hi", "up", provider="A", api_key=f"k{number}")
        gc.collect()
        async with asyncio.timeout(5):
            while upstream.open_connections > MOST_VARIANTS:
                await turns()
        keys = {request.headers["authorization"] for request in upstream.requests}
        assert len(keys) == MOST_VARIANTS + 4
        await client.close()
        await upstream.idle()


async def test_more_keys_than_are_kept_may_be_in_use_at_once(write):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        create = client.chat.completions.create
        asked = [create("hi", "up", provider="A", api_key=f"k{number}") for number in range(MOST_VARIANTS + 8)]
        assert {answer.provider for answer in await asyncio.gather(*asked)} == {"A"}


async def test_a_closed_client_says_so():
    client = AsyncClient(Echo)
    await client.close()
    await client.close()
    with pytest.raises(RuntimeError, match="closed"):
        await client.chat.completions.create("hi", "m")
    with Client(Echo) as synchronous:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        synchronous.chat.completions.create("hi", "m")


def test_hundreds_of_calls_leave_no_thread_behind():
    with Client(Echo) as client:
        client.chat.completions.create("hi", "m")
        before = threading.active_count()
        for _ in range(200):
            client.chat.completions.create("hi", "m")
        assert threading.active_count() == before


def _in_child(client, answers):
    answers.put(client.chat.completions.create("hi", "m").choices[0].message.content)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_client_works_in_a_process_that_was_forked_off():
    with Client(Echo) as client:
        client.chat.completions.create("hi", "m")
        context = multiprocessing.get_context("fork")
        answers = context.SimpleQueue()
        child = context.Process(target=_in_child, args=(client, answers))
        child.start()
        assert answers.get() == "hi"
        child.join(5)
        assert child.exitcode == 0
        assert client.chat.completions.create("again", "m").choices[0].message.content == "again"
