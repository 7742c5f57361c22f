"""What a program says when it makes a client, or in one call: whose key it is, which server, which proxy."""

import asyncio
import contextlib

import pytest

from g4f import AsyncClient, Client, Provider, create_custom_provider, errors
from g4f.config.load import load_catalog
from g4f.exchange.request import Operation
from g4f.Provider import Groq
from tests.support.proxies import HttpProxy
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream

KEY = "sk-secret-of-the-program"


async def test_a_base_url_makes_a_provider_of_the_programs_own():
    async with Upstream(Completion("hello")) as upstream:
        async with AsyncClient(base_url=upstream.url, api_key=KEY) as client:
            answer = await client.chat.completions.create("hi", "any-model")
    assert (answer.choices[0].message.content, answer.provider) == ("hello", f"127.0.0.1-{upstream.port}")
    (request,) = upstream.requests
    assert (request.json["model"], request.headers["authorization"]) == ("any-model", f"Bearer {KEY}")


async def test_a_key_goes_to_the_provider_it_was_given_for_and_to_nobody_else(write):
    async with Upstream(Status(500)) as a, Upstream(Completion()) as b:
        async with AsyncClient("A", config=write(A=a.url, B=b.url), api_key=KEY) as client:
            await client.chat.completions.create("hi", "m", ["A", "B"])
    assert a.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in b.requests[0].headers


async def test_keys_by_name_go_to_each_its_own(write):
    async with Upstream(Status(500)) as a, Upstream(Completion()) as b:
        async with AsyncClient(config=write(A=a.url, B=b.url), api_key={"A": "key-a", "B": "key-b"}) as client:
            await client.chat.completions.create("hi", "m")
    assert [u.requests[0].headers["authorization"] for u in (a, b)] == ["Bearer key-a", "Bearer key-b"]


async def test_a_key_of_one_call_is_of_that_call_and_needs_a_provider(write):
    async with Upstream(Completion()) as upstream, AsyncClient(config=write(A=upstream.url)) as client:
        await client.chat.completions.create("hi", "m", "A", api_key=KEY)
        await client.chat.completions.create("hi", "m")
        with pytest.raises(errors.RequestError, match="name it with provider="):
            await client.chat.completions.create("hi", "m", api_key=KEY)
    assert [request.headers.get("authorization") for request in upstream.requests] == [f"Bearer {KEY}", None]


async def test_a_key_without_a_provider_is_refused_before_anybody_gets_it():
    async with AsyncClient(api_key=KEY) as client:
        with pytest.raises(errors.RequestError, match="api_key belongs to one provider"):
            await client.chat.completions.create("hi", "gpt-4o")


async def test_a_provider_written_in_python_is_given_the_key_and_the_proxy():
    class Shows:
        @staticmethod
        async def create_async(model, messages, api_key=None, proxy=None):
            return f"{api_key} {proxy}"

    async with AsyncClient(Shows, api_key=KEY, proxy="http://127.0.0.1:9") as client:
        answer = await client.chat.completions.create("hi", "m")
    assert answer.choices[0].message.content == f"{KEY} http://127.0.0.1:9"


async def test_the_proxy_of_the_program_is_used(write):
    async with Upstream(Completion("through")) as upstream, HttpProxy() as proxy:
        path = write(A=upstream.url.replace("127.0.0.1", "127.1"))  # a server on this machine needs no proxy
        async with AsyncClient(config=path, proxies={"all": proxy.url}) as client:
            assert (await client.chat.completions.create("hi", "m")).provider == "A"
        assert proxy.targets == [f"127.1:{upstream.port}"]
        async with AsyncClient(config=path) as client:
            await client.chat.completions.create("hi", "m", proxy=proxy.url)
        assert len(proxy.targets) == 2


def test_the_key_is_in_no_error_and_no_repr(write):
    with pytest.raises(errors.ConfigError) as caught:
        Client("Nowhere", config=write(A="http://127.0.0.1:1/v1"), api_key=KEY)
    assert "Nowhere" in str(caught.value)
    assert KEY not in str(caught.value) + repr(Client("A", config=write(A="http://127.0.0.1:1/v1"), api_key=KEY))


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "nonsense"},
        {"base_url": "ftp://example.com"},
        {"base_url": "http://[::1"},
        {"base_url": 7},
        {"base_url": "http://127.0.0.1:1", "api_key": "two\nlines"},
        {"api_key": 7},
        {"proxy": "nonsense://x"},
        {"proxy": "a-name-that-the-file-does-not-have"},
        {"timeout": 0},
        {"timeout": -1},
        {"timeout": "5"},
        {"timeout": float("nan")},
        {"max_retries": -1},
        {"max_retries": "2"},
        {"config": {"models": {"m": {"chain": ["Nobody"]}}}},
        {"config": {"models": {"m": object()}}},
    ],
)
def test_what_cannot_be_used_is_refused_at_once(options):
    with pytest.raises(errors.ConfigError):
        Client(**options)


def test_an_option_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match=r"^Client\(\) has no argument 'api_kye'; did you mean api_key\?$"):
        Client(api_kye="x")
    with pytest.raises(TypeError, match="path of a file, or a mapping"):
        Client(config=5)


async def test_a_mapping_stands_for_a_file(monkeypatch):
    async with Upstream(Completion("hello")) as upstream:
        lab = {"base_url": upstream.url, "key": "${LAB_KEY}"}
        said = {"providers": {"Lab": lab}, "models": {"m": {"chain": ["Lab/own"], "aliases": ["fast"]}}}
        monkeypatch.setenv("LAB_KEY", KEY)
        async with AsyncClient(config=said, watch=True) as client:
            answer = await client.chat.completions.create("hi", "fast")
            assert await client.reload() is False
            said["models"]["new"] = {"chain": ["Lab"]}
            assert await client.reload() is True
            assert client.models.get_all() == ["m", "new", "fast"]
    assert answer.provider == "Lab"
    assert upstream.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_what_is_wrong_in_a_mapping_is_named():
    with pytest.raises(errors.ConfigError, match=r"Client:\d+:\d+: providers\.Lab\.bse_url: .*base_url"):
        Client(config={"providers": {"Lab": {"bse_url": "http://127.0.0.1:1/v1"}}})


@pytest.mark.parametrize("retries", [0, 2])
async def test_the_program_may_say_how_often_a_provider_is_asked_again(write, retries):
    async with Upstream(Status(500)) as upstream:
        path = write(A=upstream.url)
        path.write_text(path.read_text().replace("defaults: {retries: 0}\n", ""))
        async with AsyncClient(config=path, max_retries=retries) as client:
            with pytest.raises(errors.ExhaustedError):
                await client.chat.completions.create("hi", "m")
    assert len(upstream.requests) == retries + 1


async def test_a_custom_provider_is_a_class_like_the_others():
    async with Upstream(Completion("a b")) as upstream:
        made = create_custom_provider(upstream.url, KEY, name="Lab", default_model="house")
        async with AsyncClient(provider=made) as client:
            answer = await client.chat.completions.create("hi", "")
    assert (answer.provider, upstream.requests[0].headers["authorization"]) == ("Lab", f"Bearer {KEY}")
    assert (made.__name__, made.working) == ("Lab", True)


@pytest.mark.parametrize("name", ["PollinationsAI", "xAI", "Replicate"])
async def test_a_provider_that_makes_pictures_too_is_asked_for_a_chat_by_a_model_that_chats(name):
    provider = getattr(Provider, name)
    async with AsyncClient() as client:
        assert client.explain("", provider=provider).model == provider.default_model
    made_for = load_catalog().models[provider.default_model].operations
    assert made_for is None or Operation.CHAT in made_for


async def test_the_default_model_of_a_providers_own_list_is_one_that_chats(tmp_path):
    path = tmp_path / "g4f.yaml"
    path.write_text(
        "providers: {A: {base_url: 'http://127.0.0.1:1/v1', models: {paints: p, talks: t}}}\n"
        "models:\n  paints: {chain: [A], operations: [image-generation]}\n  talks: {chain: [A]}\n"
    )
    async with AsyncClient(config=path) as client:
        assert client.explain("", provider="A").model == "talks"


async def test_without_a_file_the_catalog_is_served_and_a_bare_machine_has_demo():
    async with AsyncClient() as client:
        found = client.explain("gpt-4o")
        assert [target["provider"] for target in found.targets] == ["Demo"]
        assert "set OPENAI_API_KEY" in found.skipped[0]["detail"]


async def test_with_a_key_in_the_environment_nobody_stands_in(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with AsyncClient() as client:
        assert [target["provider"] for target in client.explain("gpt-4o").targets] == ["OpenAI"]
        assert client.explain("").model == "gpt-4o"
        with pytest.raises(errors.MissingAuthError, match="ANTHROPIC_API_KEY"):
            await client.chat.completions.create("hi", "claude-sonnet-4.5")
        with pytest.raises(errors.ModelNotFoundError, match="Did you mean"):
            await client.chat.completions.create("hi", "claude-sonet-4.5")


async def test_a_handle_of_the_catalog_pins_a_request_and_is_included_where_the_file_does_not_name_it(write):
    async with AsyncClient(config=write(A="http://127.0.0.1:1/v1")) as client:
        with pytest.raises(errors.ProviderNotFoundError):
            client.explain("m", provider="Groq")
        found = client.explain("llama-3.1-8b", provider=Groq)
    assert [(skip["provider"], skip["model"]) for skip in found.skipped] == [("Groq", "llama-3.1-8b-instant")]


async def test_a_call_that_takes_too_long_ends_with_a_timeout():
    class Sleeps:
        @staticmethod
        async def create_async(model, messages, timeout):
            await asyncio.Event().wait()

    async with AsyncClient(Sleeps) as client:
        with pytest.raises(errors.TimeoutError, match="of this call"):
            await client.chat.completions.create("hi", "m", timeout=0.01)
        with pytest.raises(TimeoutError):
            await client.chat.completions.create("hi", "m", stream=True, timeout=0.01)


async def test_reload_serves_by_the_new_file_and_refuses_a_bad_one_unchanged(write):
    async with Upstream(Completion("one")) as one, Upstream(Completion("two")) as two:
        path = write(A=one.url)
        async with AsyncClient(config=path) as client:
            assert await client.reload() is False
            write(A=two.url)
            assert await client.reload() is True
            assert (await client.chat.completions.create("hi", "m")).choices[0].message.content == "two"
            path.write_text("models: {m: {chain: [Nobody]}}")
            with pytest.raises(errors.ConfigError, match="Nobody"):
                await client.reload()
            assert (await client.chat.completions.create("hi", "m")).choices[0].message.content == "two"


async def test_a_watching_client_follows_its_file(write):
    async with Upstream(Completion("one")) as one, Upstream(Completion("two")) as two:
        async with AsyncClient(config=write(A=one.url), watch=True) as client:

            async def said():
                return (await client.chat.completions.create("hi", "m")).choices[0].message.content

            assert await said() == "one"
            write(A=two.url)
            while await said() != "two":
                pass


async def test_a_watching_client_has_missed_nothing_that_changed_before_its_first_request(write):
    async with Upstream(Completion("one")) as one, Upstream(Completion("two")) as two:
        async with AsyncClient(config=write(A=one.url), watch=True) as client:
            write(A=two.url)
            assert (await client.chat.completions.create("hi", "m")).choices[0].message.content == "two"


def test_a_client_watches_in_each_loop_of_its_program(write):
    client = AsyncClient(config=write(A="http://127.0.0.1:1/v1"), watch=True)

    async def models():
        with contextlib.suppress(errors.G4FError):
            await client.chat.completions.create("hi", "nothing")
        return client.models.get_all()

    assert asyncio.run(models()) == ["m"]
    path = write(A="http://127.0.0.1:1/v1")
    path.write_text(path.read_text().replace("  m:", "  other:"))
    assert asyncio.run(models()) == ["other"]


async def test_an_object_that_was_handed_over_outlives_a_reload(write):
    class Own:
        @staticmethod
        async def create_async(model, messages):
            return "own"

    path = write(A="http://127.0.0.1:1/v1")
    async with AsyncClient(config=path) as client:
        assert (await client.chat.completions.create("hi", "m", Own)).provider == "Own"
        write(B="http://127.0.0.1:1/v1")
        assert await client.reload() is True
        assert (await client.chat.completions.create("hi", "m", Own)).provider == "Own"
