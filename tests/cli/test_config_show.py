"""`g4fd config show`: every value in effect and its origin, and never a secret."""

import json

import pytest

from g4f.cli import daemon, exits

CONFIG = """\
server: {listen: "127.0.0.1:1", keys: [{name: me, key: CANARY-inbound-key, rpm: 7}]}
defaults:
  timeouts: {first_token: 20s}
  proxy: http://user:CANARY-password@proxy.example.com:8080
proxies: {office: "http://user:CANARY-password@office.example.com:3128"}
providers:
  Lab:
    {base_url: "http://lab.example.com/v1", key: CANARY-provider-key, timeouts: {idle: 90s}, headers: {x-a: CANARY-x}}
  Groq: {base_url: "http://10.0.0.1/v1"}
models:
  m: {chain: [{provider: Lab, model: x, retries: 3, timeouts: {connect: 1s}}, [OpenAI, Groq]]}
"""


def at(config, text):
    """Where the file says that."""
    before = CONFIG[: CONFIG.index(text)]
    return f"{config}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.fixture
def config(tmp_path, monkeypatch):
    for name in ("G4F_LISTEN", "G4F_PROXY", "G4F_DEBUG", "G4F_LOG_LEVEL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "g4f.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def show(config, capsys):
    def run(*words):
        assert daemon.main(["config", "show", "--config", str(config), "--json", *words]) == exits.WELL
        return {row["path"]: (row["value"], row["origin"]) for row in json.loads(capsys.readouterr().out)}

    return run


def test_every_value_comes_with_the_layer_that_said_it(config, show, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "CANARY-env-key")
    found = show()
    assert found["server.listen"] == ("127.0.0.1:1", at(config, "listen"))
    assert found["server.keys[0].rpm"] == ("7", at(config, "rpm"))
    assert found["limits.inflight"] == ("1000", "default")
    assert found["defaults.timeouts.first_token"] == ("20s", at(config, "first_token"))
    assert found["providers.Lab.timeouts.idle"] == ("1m30s", at(config, "idle"))
    assert found["providers.Lab.timeouts.first_token"] == ("20s", at(config, "first_token"))
    assert found["providers.Lab.timeouts.total"] == ("10m", "default")
    assert found["providers.OpenAI.base_url"] == ("https://api.openai.com/v1", "catalog")
    assert found["providers.OpenAI.keys[0].key"] == ("(secret)", "OPENAI_API_KEY, environment")
    assert found["providers.Groq.key_env"] == ("none", "default")
    assert found["models.m.chain[0][0]"] == ("Lab/x", at(config, "{provider: Lab"))
    assert found["models.m.chain[0][0].retries"][0] == "3"
    assert found["models.m.chain[0][0].timeouts.connect"] == ("1s", at(config, "connect"))
    assert found["models.m.chain[0][0].timeouts.answer"] == (
        "3m20s",
        f"10 times first_token, {at(config, 'first_token')}",
    )
    assert found["models.m.chain[1][1]"][0] == "Groq"


def test_the_environment_comes_before_the_file(show, monkeypatch):
    monkeypatch.setenv("G4F_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("G4F_DEBUG", "true")
    found = show()
    assert found["server.listen"] == ("127.0.0.1:2", "G4F_LISTEN, environment")
    assert found["log.level"] == ("debug", "G4F_DEBUG, environment")


def test_no_secret_is_shown(config, capsys):
    for words in ([], ["--origin"], ["--json"]):
        assert daemon.main(["config", "show", "--config", str(config), *words]) == exits.WELL
        captured = capsys.readouterr()
        assert "CANARY" not in captured.out + captured.err
    assert "http://office.example.com:3128" in captured.out


def test_a_prefix_limits_what_is_shown(show):
    assert {path.split(".")[0] for path in show("limits", "server")} == {"limits", "server"}
    assert all(path.startswith("server.keys[0]") for path in show("server.keys[0]"))
    assert "server.keys[0].name" in show("server.keys")


def test_a_prefix_of_nothing_exits_1(config, capsys):
    assert daemon.main(["config", "show", "serv", "--config", str(config)]) == exits.NO
    assert "nothing begins with serv" in capsys.readouterr().err


def test_a_refused_file_exits_1(config, capsys):
    config.write_text("modles: {}")
    assert daemon.main(["config", "show", "--config", str(config)]) == exits.NO
    assert "modles" in capsys.readouterr().err


def test_the_catalogs_models_need_no_file_of_theirs(config, show):
    config.write_text("{}")
    assert show()["server.listen"] == ("127.0.0.1:1337", "default")
