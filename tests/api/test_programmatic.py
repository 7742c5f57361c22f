"""run_api, AppConfig and create_app: the server started from a program."""

import sys

import pytest

from g4f import api
from g4f.api import AppConfig, create_app, run_api
from g4f.api.programmatic import listen_address
from g4f.config.settings import Settings
from g4f.errors import ConfigError
from tests.support.caller import chat


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.setattr(AppConfig, "_said", {})
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"G4F_{name.upper()}", raising=False)


def test_the_configuration_of_the_documentation_is_taken_whole():
    AppConfig.set_config(
        g4f_api_key="secret-key",
        provider="OpenAI",
        model="gpt-4o",
        proxy="http://proxy.example.com:8080",
        timeout=300,
        ignored_providers=["SomeProvider"],
        gui=True,
        demo=False,
    )
    found = AppConfig.settings()
    assert (found.provider, found.model, found.timeout, found.gui, found.demo) == ("OpenAI", "gpt-4o", 300, True, False)
    assert found.api_key.get_secret_value() == "secret-key"
    assert found.ignored_providers == ("SomeProvider",)


def test_a_name_that_there_is_none_of_is_refused_with_a_suggestion():
    with pytest.raises(TypeError, match="did you mean provider"):
        AppConfig.set_config(providr="OpenAI")


def test_what_is_set_stands_over_the_environment_and_none_takes_it_back(monkeypatch):
    monkeypatch.setenv("G4F_MODEL", "of-the-environment")
    AppConfig.set_config(model="of-the-program")
    assert AppConfig.settings().model == "of-the-program"
    AppConfig.set_config(model=None)
    assert AppConfig.settings().model == "of-the-environment"


def test_everybody_is_not_let_in_without_a_key():
    with pytest.raises(ConfigError, match=r"0\.0\.0\.0:8080 without keys"):
        run_api(host="0.0.0.0", port=8080)


@pytest.mark.parametrize(
    ("host", "port", "listen"),
    [(None, None, "127.0.0.1:1337"), ("::1", 80, "[::1]:80"), ("[::1]", 0, "[::1]:0"), ("0.0.0.0", 1, "0.0.0.0:1")],
)
def test_an_address_is_put_together(host, port, listen):
    assert listen_address(host, port) == listen


async def test_the_application_serves_and_asks_for_the_key(aiohttp_client):
    AppConfig.set_config(g4f_api_key="your-secret-key", model="demo")
    client = await aiohttp_client(await create_app())
    said = {"messages": chat("")["messages"]}
    assert (await client.post("/v1/chat/completions", json=said)).status == 401
    answer = await client.post("/v1/chat/completions", json=said, headers={"g4f-api-key": "your-secret-key"})
    assert (answer.status, (await answer.json())["provider"]) == (200, "Demo")


async def test_a_bad_file_is_refused_when_the_application_is_made(tmp_path):
    (tmp_path / "g4f.yaml").write_text("modles: {}")
    with pytest.raises(ConfigError, match="modles"):
        await create_app()


def test_the_package_loads_its_server_only_when_it_is_asked_for():
    assert set(api.__all__) <= set(dir(api))
    with pytest.raises(AttributeError):
        api.nothing  # noqa: B018
    assert sys.modules["g4f.api"].run_api is run_api
