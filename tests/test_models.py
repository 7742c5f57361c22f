"""`g4f.models` and `g4f.Provider`: the catalog as Python names."""

import dataclasses

import pytest

import g4f
from g4f import ChatCompletion, Model, ModelRegistry, models
from g4f.client.completion import default_client
from g4f.client.registry import REGISTERED
from g4f.config.load import load_catalog
from g4f.providers.retry_provider import IterListProvider
from tools.names import HERE, stubs, written


@pytest.fixture(autouse=True)
def registry():
    before = dict(REGISTERED)
    yield
    REGISTERED.clear()
    REGISTERED.update(before)


class Own:
    @staticmethod
    async def create_async(model, messages):
        return f"own {model}"


def test_every_model_of_the_catalog_is_a_constant_and_in_the_registry():
    for name in load_catalog().models:
        constant = getattr(models, models.constant(name))
        assert constant is ModelRegistry.get(name) is ModelRegistry.all_models()[name]
        assert models.constant(name) in dir(models)
    assert models.gpt_4o.name == "gpt-4o"
    assert models.gpt_4_1_mini.best_provider.providers[0] is g4f.Provider.OpenAI


def test_editors_know_the_names_that_there_are():
    for file, text in (*stubs().items(), ("written.json", written())):
        assert (HERE / file).read_text("utf-8") == text, "run `make names`"


def test_a_model_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        models.gpt_4o.name = "another"
    assert len({models.gpt_4o, models.gpt_4o, models.gpt_4_1}) == 2
    assert models.VisionModel("v") == models.VisionModel("v")


def test_every_model_has_a_provider():
    assert ModelRegistry.validate_all_models() == {}


def test_a_model_without_a_provider_or_with_one_that_does_not_exist_is_reported():
    Model("orphan")
    Model("lost", best_provider="Nobody")
    problems = ModelRegistry.validate_all_models()
    assert problems["orphan"] == ["no provider"]
    assert "Nobody" in problems["lost"][0]


def test_models_are_found_by_provider_and_by_alias():
    assert "claude-sonnet-4.5" in ModelRegistry.list_models_by_provider("Anthropic")
    assert ModelRegistry.list_models_by_provider("Nobody") == []
    assert ModelRegistry.get("deepseek-chat") is models.deepseek_v4_flash
    assert ModelRegistry.get("no-such-model") is None


def test_a_model_that_a_program_makes_is_found_by_name_and_asks_its_own_provider():
    made = Model("my/model", "Me", Own)
    ModelRegistry.register(made, ["mine"])
    assert ModelRegistry.get("mine") is ModelRegistry.get("my/model") is made
    for asked in (made, "mine", "my/model"):
        assert ChatCompletion.create(asked, "hi") == "own my/model"
    models.ModelUtils.convert["converted"] = made
    assert ChatCompletion.create("converted", "hi") == "own my/model"


def test_a_name_that_does_not_exist_is_an_attribute_error_with_a_suggestion():
    with pytest.raises(AttributeError, match="gpt_4o"):
        _ = models.gpt_4oo
    with pytest.raises(ImportError):
        exec("from g4f.models import no_such_model_at_all")
    with pytest.raises(ImportError):
        exec("from g4f.Provider import Gorq")
    with pytest.raises(AttributeError, match="Groq"):
        _ = g4f.Provider.Gorq


def test_providers_are_classes_with_what_is_known_of_them():
    groq = g4f.Provider.Groq
    assert groq is g4f.Provider.Groq
    assert (groq.__name__, groq.working, groq.needs_auth, groq.supports_stream) == ("Groq", True, True, True)
    assert groq.url == "https://groq.com"
    assert "llama-3.1-8b" in groq.get_models()
    assert groq.get_model("llama-3.1-8b") == "llama-3.1-8b-instant"
    assert g4f.Provider.__map__["Groq"] in g4f.Provider.__providers__
    assert {"Groq", "RetryProvider"} <= set(dir(g4f.Provider))


def test_a_provider_of_the_catalog_can_be_called():
    demo = g4f.Provider.Demo
    assert "You said: hi" in "".join(demo.create_completion("demo", [{"role": "user", "content": "hi"}]))
    streamed = list(demo.create_function("demo", [{"role": "user", "content": "hi"}], stream=True))
    assert len(streamed) > 5


async def test_a_provider_of_the_catalog_can_be_called_in_a_coroutine():
    demo, said = g4f.Provider.Demo, [{"role": "user", "content": "hi"}]
    assert "You said: hi" in await demo.create_async("", said)
    pieces = [piece async for piece in demo.create_async_generator("demo", said)]
    assert len(pieces) > 5


def test_the_model_and_provider_of_a_request_can_be_looked_up():
    name, provider = g4f.get_model_and_provider("gpt-4o")
    assert (name, type(provider)) == ("gpt-4o", IterListProvider)
    assert g4f.get_model_and_provider("Groq") == (g4f.Provider.Groq.default_model, g4f.Provider.Groq)
    assert g4f.get_model_and_provider("x", "Groq Together")[1].providers == (
        g4f.Provider.Groq,
        g4f.Provider.Together,
    )


def test_a_provider_of_the_programs_file_is_told_by_its_name(tmp_path, monkeypatch):
    path = tmp_path / "g4f.yaml"
    path.write_text("providers: {Lab: {base_url: 'http://127.0.0.1:1/v1'}}\nmodels: {house: {chain: [Lab]}}\n")
    monkeypatch.setenv("G4F_CONFIG", str(path))
    default_client.cache_clear()
    try:
        assert g4f.get_model_and_provider("house")[1].providers == ("Lab",)
    finally:
        default_client.cache_clear()
