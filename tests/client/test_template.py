"""Providers that programs derive from `OpenaiTemplate`, as those of g4f are."""

from importlib import import_module

import pytest

from g4f import AsyncClient, Client, errors
from g4f.Provider import OpenaiTemplate
from g4f.typing import AsyncResult, Dict, List, Messages, Optional, Tuple, Type, Union
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream

KEY = "sk-secret-of-the-class"


async def test_a_class_with_an_address_is_a_server():
    async with Upstream(Completion("hello")) as upstream:

        class Lab(OpenaiTemplate):
            base_url = upstream.url
            api_key = KEY
            default_model = "house"
            model_aliases = {"fast": "own-fast"}  # noqa: RUF012 - as programs write it

        async with AsyncClient(Lab) as client:
            answer = await client.chat.completions.create("hi", temperature=0.5)
            await client.chat.completions.create("hi", "fast")
    assert (answer.provider, answer.choices[0].message.content) == ("Lab", "hello")
    first, second = upstream.requests
    assert (first.json["model"], first.json["temperature"], second.json["model"]) == ("house", 0.5, "own-fast")
    assert first.headers["authorization"] == f"Bearer {KEY}"


async def test_a_class_of_one_that_answers_in_its_own_way_is_called_and_may_ask_its_server():
    async with Upstream(Completion("hello")) as upstream:

        class Lab(OpenaiTemplate):
            base_url = upstream.url

            @classmethod
            async def create_async_generator(cls, model: str, messages: Messages, **kwargs) -> AsyncResult:
                yield "so: "
                async for piece in super().create_async_generator(model, messages, **kwargs):
                    yield piece

        class Older(Lab):
            pass

        async with AsyncClient() as client:
            for provider in (Lab, Older):
                answer = await client.chat.completions.create("hi", "m", provider, temperature=0.5)
                assert (answer.choices[0].message.content, answer.provider) == ("so: hello", provider.__name__)
    assert [request.json["temperature"] for request in upstream.requests] == [0.5, 0.5]


async def test_its_failures_are_those_of_any_server():
    async with Upstream(Status(429)) as upstream:
        lab = type("Lab", (OpenaiTemplate,), {"api_base": upstream.url})
        async with AsyncClient(lab) as client:
            with pytest.raises(errors.RateLimitError):
                await client.chat.completions.create("hi", "m")


def test_an_address_that_is_none_is_refused_at_once():
    with pytest.raises(errors.ConfigError, match="base_url"):
        type("Lab", (OpenaiTemplate,), {"base_url": "ftp://x"})
    with Client() as client, pytest.raises(errors.ProviderNotFoundError, match="base_url"):
        client.chat.completions.create("hi", "m", type("Lab", (OpenaiTemplate,), {}))


def test_it_is_where_programs_look_for_it():
    for module in ("g4f.Provider.template", "g4f.Provider.template.OpenaiTemplate"):
        assert import_module(module).OpenaiTemplate is OpenaiTemplate


def test_the_names_of_typing_that_providers_import_from_here_are_pythons():
    assert (Union[int, str], Optional[int]) == (int | str, int | None)
    assert [alias.__origin__ for alias in (Dict, List, Tuple, Type)] == [dict, list, tuple, type]
