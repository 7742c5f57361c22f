"""`g4fd init`: a first file from what is found, asked for on a terminal or not at all."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from g4f.cli import daemon, exits
from g4f.config.load import load
from g4f.gateway.discovery import local_servers, on_this_machine, with_keys
from tests.support.replies import Models, Status
from tests.support.terminal import Terminal
from tests.support.upstream import Upstream

CANARY = "sk-CANARY-0123456789"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in [*os.environ]:
        if name.startswith("G4F_") or name.endswith(("_KEY", "_TOKEN")):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "new" / "g4f.yaml"


def init(file, *words):
    return daemon.main(["init", "--yes", "--file", str(file), *words])


def test_keys_of_the_environment_become_a_chain_and_are_not_written(file, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    assert init(file) == exits.WELL
    text = file.read_text()
    assert "CANARY" not in text + capsys.readouterr().out
    loaded = load(file, environ={})
    targets = [f"{entry.provider}/{entry.model}" for tier in loaded.config.models["default"].chain for entry in tier]
    assert targets[:2] == ["OpenAI/gpt-4o-mini", "Anthropic/claude-haiku-4-5"]
    assert loaded.config.catalog
    assert loaded.warnings == ()
    assert len([line for line in text.splitlines() if "#" in line]) > 8


def test_every_key_of_the_catalog_makes_a_file_that_loads(file, monkeypatch):
    from g4f.config.load import load_catalog

    variables = [row.key_env for row in load_catalog().providers.values() if row.key_env]
    for name in variables:
        monkeypatch.setenv(name, CANARY)
    assert init(file) == exits.WELL
    assert len(with_keys(dict.fromkeys(variables, "x"))) > len(variables) / 2
    load(file, environ={})


def test_without_anything_the_built_in_model_answers(file):
    assert init(file, "--model", "mine") == exits.WELL
    assert "Demo" in file.read_text()
    assert "mine" in load(file, environ={}).config.models


def test_a_public_address_gets_a_key_that_is_shown_once(file, capsys):
    assert init(file, "--listen", "0.0.0.0:1337", "--json") == exits.WELL
    (made,) = json.loads(capsys.readouterr().out)["keys"]
    assert made["key"].startswith("g4f-")
    assert made["key"] not in file.read_text()
    assert load(file, environ={}).config.server.keys[0].name == made["name"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--listen", "nowhere"], "host:port"),
        (["--model", "two words"], "cannot be the name of a model"),
        (["--model", "gpt-*"], "cannot be the name of a model"),
    ],
)
def test_what_cannot_be_written_is_refused(file, words, told, capsys):
    assert init(file, *words) == exits.NO
    assert told in capsys.readouterr().err
    assert not file.exists()


def test_a_file_that_is_there_is_kept_unless_it_is_forced(tmp_path, capsys):
    file = tmp_path / "g4f.yaml"
    file.write_text("mine")
    assert init(file) == exits.NO
    assert "--force" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert init(file, "--force") == exits.WELL
    assert "models:" in file.read_text()


def test_a_place_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert init(tmp_path / "file" / "g4f.yaml") == exits.NO
    assert "g4f.yaml: " in capsys.readouterr().err


async def test_a_local_server_is_found_by_its_list_of_models():
    async with Upstream() as here, Upstream() as broken:
        here.models = Models(("nomic-embed-text", "llama3.2:latest", "other"))
        broken.models = Status(500)
        servers = {"Ollama": here.url, "LMStudio": broken.url, "VLLM": "http://127.0.0.1:1/v1"}
        (found,) = await on_this_machine(servers)
    assert (found.provider, found.model, found.why) == ("Ollama", "llama3.2:latest", here.url)


def test_only_loopback_is_asked():
    assert {"Ollama", "LMStudio", "LlamaCpp", "VLLM"} <= set(local_servers())
    assert all(re.match(r"http://(127\.0\.0\.1|localhost)[:/]", url) for url in local_servers().values())


@pytest.fixture
def terminal(tmp_path):
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "GROQ_API_KEY": CANARY}
    environ |= {"OPENAI_API_KEY": CANARY, "TERM": "dumb"}
    with Terminal([sys.executable, "-m", "g4f.cli.daemon", "init"], environ=environ, cwd=tmp_path) as terminal:
        yield terminal


def test_on_a_terminal_it_asks(terminal, tmp_path):
    terminal.until("Listen on [127.0.0.1:1337]: ")
    terminal.type("127.0.0.1:8080\n")
    terminal.until("clients ask for [default]: ")
    terminal.type("\n")
    terminal.until("Use, in this order [OpenAI,Groq")
    terminal.type("groq, OpenAI\n")
    terminal.until("demo model")
    terminal.type("y\n")
    terminal.until("Ask callers for a key (y/n) [n]: ")
    terminal.type("y\n")
    assert terminal.ended() == exits.WELL
    assert "CANARY" not in terminal.shown
    config = load(tmp_path / "g4f.yaml", environ={}).config
    assert [tier[0].provider for tier in config.models["default"].chain] == ["Groq", "OpenAI", "Demo"]
    assert (config.server.listen, len(config.server.keys)) == ("127.0.0.1:8080", 1)


def test_an_interrupted_question_writes_nothing(terminal, tmp_path):
    terminal.until("Listen on")
    assert terminal.interrupt() == exits.INTERRUPTED
    assert not (tmp_path / "g4f.yaml").exists()


def test_without_a_terminal_it_wants_yes(file, capsys, monkeypatch):
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert daemon.main(["init", "--file", str(file)]) == exits.USAGE
    assert "--yes" in capsys.readouterr().err
