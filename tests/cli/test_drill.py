"""`g4fd drill`: the table and the exit code."""

import json
import re
from pathlib import Path

import pytest

from g4f.cli import daemon, exits

EXAMPLE = Path(__file__).parents[2] / "g4f.example.yaml"


@pytest.fixture
def config(tmp_path, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENROUTER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "g4f.yaml"
    path.write_text("models: {good: {chain: [OpenAI, Ollama]}, lonely: {chain: [Ollama]}, demo: {chain: [Demo]}}")
    return path


def drill(config, *words):
    return daemon.main(["drill", "--config", str(config), *words])


def test_the_example_keeps_answering_with_and_without_keys(config, capsys):
    assert drill(EXAMPLE) == exits.WELL
    out = capsys.readouterr().out
    assert "left out: OpenAI/gpt-4o-mini: no_key" in out
    assert re.search(r"\n  down +200 ", out)
    assert "5 routes: 5 keep answering" in out
    assert drill(EXAMPLE, "--assume-keys") == exits.WELL
    assert "all but the last are down" in capsys.readouterr().out


def test_a_route_without_a_working_fallback_is_named_and_exits_1(config, capsys):
    assert drill(config, "--assume-keys") == exits.NO
    out = capsys.readouterr().out
    assert "502 upstream_connect_error" in out
    assert out.splitlines()[-1] == "3 routes: 2 keep answering, 1 without a working fallback: lonely"
    assert drill(config, "--assume-keys", "--model", "good", "--model", "demo") == exits.WELL


def test_it_speaks_json(config, capsys):
    assert drill(config, "--assume-keys", "--json", "-m", "good") == exits.WELL
    (route,) = json.loads(capsys.readouterr().out)
    assert (route["model"], route["keeps_answering"]) == ("good", True)
    down = next(play for play in route["plays"] if play["fault"] == "down")
    assert (down["status"], down["answered_by"]) == (200, "Ollama/good")


def test_what_cannot_be_drilled_is_said(config, capsys):
    assert drill(config, "--model", "nothing") == exits.NO
    assert "no model 'nothing'" in capsys.readouterr().err
    config.write_text("modles: {}")
    assert drill(config) == exits.NO
    assert "modles" in capsys.readouterr().err
