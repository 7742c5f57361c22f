"""Programs written for g4f: the names that they import and the forms of their calls, without a change."""

import sys

import pytest

import g4f
from g4f import AsyncClient, ChatCompletion, Client, debug, errors, models
from g4f.client.completion import default_async_client, default_client
from g4f.client.earlier import earlier_models, earlier_names, retired, successor
from g4f.config.load import load_catalog
from g4f.providers import response
from g4f.providers.helper import format_prompt, get_last_user_message, get_system_prompt
from tests.support.replies import Completion
from tests.support.upstream import Upstream

HI = [{"role": "user", "content": "hi"}]


class Echo:
    @staticmethod
    async def create_async_generator(model, messages, **kwargs):
        yield messages[-1]["content"]


@pytest.mark.parametrize("name", g4f.Provider.__all__)
def test_what_the_package_of_providers_exports_is_there(name):
    assert getattr(g4f.Provider, name) is not None


def test_every_name_of_a_provider_of_g4f_can_be_imported():
    for name in earlier_names():
        found = getattr(g4f.Provider, name)
        assert (found is retired(name)) != (found.__name__ == successor(name))
        assert getattr(__import__(f"g4f.Provider.{name}", fromlist=[name]), name) is found
    with pytest.raises(AttributeError, match="did you mean Groq"):
        g4f.Provider.Grok2  # noqa: B018


def test_a_name_of_g4f_that_the_catalog_has_is_the_catalogs():
    for name in load_catalog().providers:
        assert retired(name) is None
        assert getattr(g4f.Provider, name).__name__ == name


def test_providers_are_also_in_the_modules_in_which_g4f_has_them():
    from g4f.Provider.base_provider import AsyncGeneratorProvider
    from g4f.Provider.Groq import Groq
    from g4f.Provider.helper import format_prompt as formatted
    from g4f.Provider.needs_auth import OpenaiChat, OpenRouter
    from g4f.Provider.retry_provider import RetryProvider

    assert (AsyncGeneratorProvider, RetryProvider) == (g4f.Provider.AsyncGeneratorProvider, g4f.Provider.RetryProvider)
    assert (Groq, formatted, OpenRouter.__name__) == (g4f.Provider.Groq, format_prompt, "OpenRouter")
    assert OpenaiChat.working is False
    assert isinstance(g4f.Provider.Groq, type), "the import of the module must not take the place of the class"
    assert sys.modules["g4f.Provider.Groq"] is g4f.Provider


@pytest.mark.parametrize("provider", ["Bing", g4f.Provider.Bing, [g4f.Provider.Bing, "You"]])
def test_who_asks_a_provider_that_is_none_any_more_is_told_why(provider):
    with pytest.raises(errors.ProviderNotWorkingError, match="Bing was a website"):
        ChatCompletion.create("gpt-4", HI, provider)
    with pytest.raises(errors.G4FError, match="Bing was a website"):
        Client(provider=provider).chat.completions.create("hi", "m", ignore_working=True)


def test_a_list_goes_on_to_those_that_work():
    listed = g4f.Provider.RetryProvider([g4f.Provider.Bing, g4f.Provider.Blackbox, Echo])
    assert ChatCompletion.create("gpt-4", HI, listed) == "hi"
    assert Client(provider=listed).chat.completions.create("hi", "m").provider == "Echo"


async def test_a_provider_with_another_name_gets_the_key_that_is_given_with_the_old_one(tmp_path):
    async with Upstream(Completion()) as upstream:
        file = tmp_path / "g4f.yaml"
        file.write_text(f"providers: {{OpenAI: {{base_url: '{upstream.url}'}}}}\nmodels: {{m: {{chain: [OpenAI]}}}}\n")
        for named in ("OpenaiAPI", g4f.Provider.OpenaiAPI):
            async with AsyncClient(config=file, provider=named, api_key="mine") as client:
                assert (await client.chat.completions.create("hi", "m")).provider == "OpenAI"
    assert {request.headers["authorization"] for request in upstream.requests} == {"Bearer mine"}


async def test_the_files_own_name_stands_above_an_earlier_one(write):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(Bing=upstream.url)) as client:
        assert (await client.chat.completions.create("hi", "m", provider="Bing")).provider == "Bing"


async def test_any_provider_is_whoever_the_configuration_names(write):
    async with Upstream(Completion()) as upstream:
        for provider in ("AnyProvider", g4f.Provider.AnyProvider):
            async with AsyncClient(config=write(A=upstream.url), provider=provider) as client:
                assert (await client.chat.completions.create("hi", "m")).provider == "A"
                assert (await client.chat.completions.create("hi", "m", provider=provider)).provider == "A"


async def test_providers_that_one_call_ignores_are_not_asked(write):
    async with Upstream(Completion()) as a, Upstream(Completion()) as b:
        async with AsyncClient(config=write(A=a.url, B=b.url)) as client:
            create = client.chat.completions.create
            assert (await create("hi", "m", ignored=["A"])).provider == "B"
            assert (await create("hi", "m", provider="A B", ignored=["A"])).provider == "B"
            assert (await create("hi", "m", provider=["A", Echo], ignored=["A", "B"])).provider == "Echo"
            assert (await create("hi", "m")).provider == "A"
            with pytest.raises(errors.ProviderNotWorkingError, match="ignores"):
                await create("hi", "m", provider="A", ignored=["A"])
            with pytest.raises(errors.RequestError, match="ignored"):
                await create("hi", "m", ignored=7)
    assert "ignored" not in a.requests[0].json


async def test_sessions_that_are_given_for_one_provider_reach_no_other(write):
    secrets = {"cookies": {"s": "SECRET"}, "headers": {"x": "SECRET"}, "access_token": "SECRET", "auth": True}
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        await client.chat.completions.create("hi", "m", web_search=False, **secrets)
    assert b"SECRET" not in upstream.requests[0].body
    assert set(upstream.requests[0].json) == {"messages", "model", "stream"}


async def test_a_pinned_provider_without_a_model_is_asked_for_its_first(tmp_path):
    async with Upstream(Completion()) as upstream:
        file = tmp_path / "g4f.yaml"
        file.write_text(
            f"providers:\n  Groq: {{base_url: '{upstream.url}', keyless: true}}\n"
            f"  Own: {{base_url: '{upstream.url}', models: {{mine: theirs}}}}\nmodels: {{m: {{chain: [Own]}}}}\n"
        )
        async with AsyncClient(config=file) as client:
            await client.chat.completions.create("hi", provider=g4f.Provider.Groq)
            await client.chat.completions.create("hi", provider="Own")
    first = load_catalog().providers["Groq"].models
    assert [request.json["model"] for request in upstream.requests] == [next(iter(first.values())), "theirs"]


def test_a_streamed_answer_adds_up_to_a_text():
    text = ""
    for chunk in ChatCompletion.create("m", HI, Echo, stream=True):
        text += chunk
    assert text == "hi"


def test_the_file_of_the_environment_serves_programs_that_name_none(write, monkeypatch):
    monkeypatch.setenv("G4F_CONFIG", str(write(A="http://127.0.0.1:1/v1")))
    with Client() as client:
        assert client.models.get_all() == ["m"]
    monkeypatch.setenv("G4F_CONFIG", "/no/such/g4f.yaml")
    with pytest.raises(errors.ConfigError, match="no/such"):
        Client()


def test_who_answered_last_is_known(monkeypatch):
    monkeypatch.setattr(debug, "last_provider", None)
    assert (g4f.get_last_provider(), g4f.get_last_provider(as_dict=True)) == (None, {})

    class AnswersLast(Echo):
        pass

    ChatCompletion.create("m", HI, AnswersLast)
    assert g4f.get_last_provider().__name__ == "AnswersLast"
    assert g4f.get_last_provider(as_dict=True)["model"] == "m"


async def test_a_provider_is_called_as_a_function():
    assert g4f.concat_chunks(g4f.get_provider_method(Echo)("m", HI)) == "hi"
    assert g4f.concat_chunks(g4f.get_provider_method(Echo)("m", HI, stream=False)) == "hi"
    assert await g4f.async_concat_chunks(g4f.get_async_provider_method(Echo)("m", HI)) == "hi"
    assert await g4f.async_concat_chunks(g4f.get_async_provider_method(Echo)("m", HI, stream=False)) == "hi"


def test_an_asynchronous_generator_is_read_without_a_loop():
    async def numbers():
        yield 1
        yield 2

    assert list(g4f.to_sync_generator(numbers())) == list(g4f.to_sync_generator(numbers(), stream=False)) == [1, 2]


def test_models_are_constants_by_the_names_that_g4f_has_for_them():
    assert set(models.CONSTANTS) <= set(dir(models))


async def test_a_model_that_nobody_serves_any_more_is_a_name_all_the_same(write):
    named = models.gpt_4_32k_0613
    assert (named.name, named, named.best_provider) == ("gpt-4-32k-0613", models.gpt_4_32k_0613, None)
    assert models.gpt_35_turbo_0613 is models.ModelRegistry.get("gpt-3.5-turbo-0613")
    assert models.ModelRegistry.get("gpt-4-32k-0613") is None
    assert models.ModelRegistry.validate_all_models() == {}
    async with Upstream(Completion("hello")) as upstream:
        path = write(A=upstream.url)
        async with AsyncClient(config=path) as client:
            with pytest.raises(errors.ModelNotFoundError):
                await client.chat.completions.create("hi", named)
        path.write_text(path.read_text().replace("  m: {chain: [A/up]}", '  "gpt-*": {chain: [A]}'))
        async with AsyncClient(config=path) as client:
            await client.chat.completions.create("hi", named)
    assert upstream.requests[0].json["model"] == "gpt-4-32k-0613"
    with pytest.raises(AttributeError, match="did you mean"):
        getattr(models, "gpt_4_32k_0614")  # noqa: B009 - a checker knows that it is none


@pytest.mark.parametrize("constant", [*models.CONSTANTS, *earlier_models()])
def test_every_constant_of_g4f_is_a_model(constant):
    assert getattr(models, constant).name
    assert models.gpt_35_turbo is models.gpt_3_5_turbo
    names: dict = {}
    exec("from g4f.models import *", names)
    assert names["gpt_4o"] is models.gpt_4o and names["ModelRegistry"] is g4f.ModelRegistry
    assert "gpt-4o" in models.ModelUtils.convert


def test_a_chat_is_written_as_one_text():
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image_url", "image_url": {}}]},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": "three"},
        {"role": "user", "content": "four"},
    ]
    assert format_prompt(chat) == "System: Be brief.\nUser: one\nAssistant: two\nUser: three\nUser: four\nAssistant:"
    assert format_prompt(chat[3:4]) == "three"
    assert format_prompt(chat[3:4], add_special_tokens=True) == "User: three\nAssistant:"
    assert (get_system_prompt(chat), get_last_user_message(chat)) == ("Be brief.", "three\nfour")


def test_what_a_provider_may_say_has_its_name():
    assert response.is_content("text") and response.is_content(response.ToolCalls([]))
    assert not response.is_content("") and not response.is_content(response.JsonRequest(a=1))
    assert str(response.SourceLink("a [title]", "http://x/y z")) == "[a (title)](http://x/y%20z)"
    assert (
        response.format_images_markdown(["http://x/1", "http://x/2"], "cat") == "![cat](http://x/1)\n![cat](http://x/2)"
    )
    assert response.JsonConversation(a=1).get_dict() == {"a": 1}


def test_clients_of_single_calls_are_one_for_the_process():
    assert default_client() is default_client()
    assert default_async_client() is default_async_client()
