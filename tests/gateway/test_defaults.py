"""The provider and the model of requests that name none, from the file or from outside of it."""

import pytest

from g4f.config.embedded import embedded
from g4f.config.load import load_text
from g4f.config.settings import Settings
from g4f.errors import ConfigError, ModelNotFoundError, RequestError
from g4f.exchange.request import Operation, Request
from g4f.gateway.snapshot import plan
from tests.support.replies import Completion, Status
from tests.support.upstream import Upstream


def two(a: Upstream, b: Upstream, defaults: str = "") -> str:
    return f"""
defaults: {{retries: 0{defaults}}}
providers: {{A: {{base_url: "{a.url}"}}, B: {{base_url: "{b.url}"}}}}
models: {{m: {{chain: [A, B]}}, other: {{chain: [A]}}}}
"""


async def test_a_request_without_a_model_gets_the_default_one(bench):
    async with Upstream(Completion()) as a, Upstream() as b:
        made = bench(two(a, b, ", model: other"))
        await made.ask(made.gateway.with_model(Request(id="r", model="", payload={})).model)
        await made.ask("m")
    assert [request.json["model"] for request in a.requests] == ["other", "m"]


async def test_without_a_default_the_model_is_required(bench):
    async with Upstream() as a, Upstream() as b:
        with pytest.raises(RequestError, match="model is required") as caught:
            bench(two(a, b)).gateway.with_model(Request(id="r", model="", payload={}))
    assert (caught.value.status, caught.value.param) == (422, "model")


async def test_the_default_provider_is_the_only_one_of_requests_that_pick_none(bench):
    async with Upstream(Completion()) as a, Upstream(Status(500), Completion()) as b:
        made = bench(two(a, b, ", provider: B"))
        with pytest.raises(Exception, match="No provider answered"):
            await made.ask()
        assert made.gateway.explain("anything").targets[0]["provider"] == "B"
        await made.ask(provider="A")
        assert made.path == "A"
    assert a.requests[0].json["model"] == "m"


async def test_the_default_provider_is_passed_over_where_it_cannot_do_what_the_model_is_for(bench):
    file = """
    defaults: {provider: Talks}
    providers:
      Talks: {base_url: "http://127.0.0.1:1/v1", operations: [chat]}
      Draws: {base_url: "http://127.0.0.1:2/v1", operations: [image-generation]}
    models: {pictures: {chain: [Draws], operations: [image-generation]}}
    """
    explain = bench(file).gateway.explain
    drawing = explain("pictures", operation=Operation.IMAGE_GENERATION)
    assert [target["provider"] for target in drawing.targets] == ["Draws"]
    assert [target["provider"] for target in explain("pictures", operation=Operation.CHAT).targets] == ["Talks"]


def test_what_the_environment_says_stands_over_the_file():
    written = load_text("defaults: {provider: OpenAI, model: a, timeouts: {total: 1m}}\nignored_providers: [Groq]")
    limits = {"timeout": "300", "stream_timeout": "90s"}
    settings = Settings(provider="Groq", model="b", ignored_providers="Together, xAI", **limits)
    config = plan(written, {}, settings).config
    defaults = config.defaults
    assert (defaults.provider, defaults.model) == ("Groq", "b")
    assert (defaults.timeouts.total, defaults.timeouts.answer, defaults.timeouts.idle) == (300, 300, 90)
    assert config.ignored_providers == ("Groq", "Together", "xAI")


def test_a_default_provider_that_does_not_exist_is_refused_wherever_it_is_named():
    with pytest.raises(ConfigError, match=r"1:24: defaults.provider: .*did you mean OpenAI"):
        load_text("defaults: {provider:   OpenAl}")
    with pytest.raises(ConfigError, match="did you mean OpenAI"):
        plan(load_text("{}"), {}, Settings(provider="OpenAl"))


def test_a_known_model_without_a_key_is_told_which_variable_to_set(bench):
    with pytest.raises(ModelNotFoundError, match="Set OPENAI_API_KEY or "):
        bench("{}").gateway.explain("gpt-4o")


def without_a_file(environ, **settings):
    table = plan(embedded(environ, demo=settings.get("demo")), environ, Settings(**settings)).table
    return lambda model: [*route.providers()][-1] if (route := table.find(model)) else None


def test_on_a_machine_without_a_file_and_a_key_the_demo_answers():
    last = without_a_file({})
    assert (last("gpt-4o"), last("llama-3.1-8b"), last("no-such-model")) == ("Demo", "Demo", None)


def test_the_demo_never_stands_in_where_a_provider_has_a_key_unless_it_is_asked_to():
    environ = {"OPENAI_API_KEY": "sk-x"}
    assert (without_a_file(environ)("gpt-4o"), without_a_file(environ)("no-such-model")) == ("OpenRouter", None)
    assert without_a_file(environ, demo=True)("no-such-model") == "Demo"
    assert without_a_file({}, demo=False)("gpt-4o") == "OpenRouter"


def test_the_demo_stands_in_for_what_a_file_says_only_where_it_is_asked_to():
    written = load_text("models: {m: {chain: [OpenAI]}}")
    assert plan(written, {}, Settings()).table.find("other") is None
    assert [*plan(written, {}, Settings(demo=True)).table.find("other").providers()] == ["Demo"]


NAMES = """
providers:
  Lab: {base_url: "http://127.0.0.1:1/v1", models: {house: h-1}}
  Other: {base_url: "http://127.0.0.1:2/v1"}
  Shared: {base_url: "http://127.0.0.1:3/v1"}
  Locked: {base_url: "http://127.0.0.1:4/v1", keyless: false}
models:
  paints: {chain: [Other], operations: [image-generation]}
  talks: {chain: [Shared, Other]}
  Shared: {chain: [Other/own]}
  "*": {chain: [Lab]}
"""


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"model": "Other"}, ("Other", "talks")),
        ({"model": "Other", "provider": "Other"}, ("Other", "talks")),
        ({"model": "Other", "operation": Operation.IMAGE_GENERATION}, ("Other", "paints")),
        ({"model": "Other", "operation": Operation.EMBEDDINGS}, (None, "Other")),
        ({"model": "Other", "provider": "Lab"}, ("Lab", "Other")),
        ({"model": "Lab"}, ("Lab", "house")),
        ({"model": "Shared"}, (None, "Shared")),
        ({"model": "Locked"}, (None, "Locked")),
        ({"model": "talks"}, (None, "talks")),
        ({"model": "other"}, (None, "other")),
        ({"model": "", "provider": "Other"}, ("Other", "talks")),
        ({"model": "", "provider": ("Lab", "Other")}, (("Lab", "Other"), "house")),
    ],
)
def test_a_provider_in_place_of_a_model_stands_for_its_first_one(bench, asked, meant):
    request = bench(NAMES).gateway.with_model(Request(id="r", payload={}, **asked))
    assert (request.provider, request.model) == meant


def test_a_provider_stands_for_no_model_that_its_caller_may_not_use(bench):
    gateway = bench(NAMES).gateway
    asked = Request(id="r", payload={}, model="Other")
    request = gateway.with_model(asked, lambda name: name not in ("talks", "Shared"))
    assert (request.provider, request.model) == (None, "Other")
