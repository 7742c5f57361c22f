"""The commands: what they print and how they exit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from g4f.cli import daemon, front

GOOD = "models: {m: {aliases: [short], chain: [Nowhere, Demo]}}\nproviders: {Nowhere: {base_url: 'http://127.0.0.1:1/v1'}}\n"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in ("G4F_CONFIG", "G4F_API_KEY", "G4F_LISTEN", "G4F_PROXY", "G4F_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "g4f.yaml"
    path.write_text(GOOD)
    return path


def test_check_accepts_a_good_file(file, capsys):
    assert daemon.main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: ok, 1 model and 1 alias\n"


def test_check_prints_every_problem_with_its_place(file, capsys):
    file.write_text("modles: {}\nserver: {listen: nowhere}\n")
    assert daemon.main(["check", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{file}:1:1: modles: ")
    assert "models" in lines[0]
    assert lines[1].startswith(f"{file}:2:18: server.listen: ")


def test_check_speaks_json(file, capsys):
    assert daemon.main(["check", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": [], "warnings": []}


def test_the_file_is_found_by_the_environment(file, capsys, monkeypatch):
    monkeypatch.setenv("G4F_CONFIG", str(file))
    assert daemon.main(["check"]) == 0
    assert str(file) in capsys.readouterr().out


def test_a_wrong_variable_is_named(file, capsys, monkeypatch):
    monkeypatch.setenv("G4F_LISTEN", "nowhere")
    assert daemon.main(["check", str(file)]) == 1
    assert "G4F_LISTEN" in capsys.readouterr().err


def test_a_wrong_flag_is_named(file, capsys):
    assert daemon.main(["run", "--config", str(file), "--listen", "nowhere"]) == 78
    assert "--listen" in capsys.readouterr().err


def test_a_bad_file_at_start_exits_as_sysexits_has_it(file, capsys):
    file.write_text("models: {}\n")
    assert daemon.main(["--config", str(file)]) == 78
    assert f"{file}:1:" in capsys.readouterr().err


def test_explain_prints_the_chain_by_a_file(file, capsys):
    assert daemon.main(["explain", "short", "--config", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"short  (by 'm')  {file}:1:10  generation 1")
    assert "1. Nowhere/m" in out
    assert "2. Demo/m" in out


def test_explain_speaks_json(file, capsys):
    assert daemon.main(["explain", "m", "--config", str(file), "--provider", "Demo", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [target["provider"] for target in found["targets"]] == ["Demo"]


def test_explain_of_an_unknown_model_says_so(file, capsys):
    assert daemon.main(["explain", "sort", "--config", str(file)]) == 1
    assert "Did you mean 'short'" in capsys.readouterr().err


def test_explain_without_a_daemon_says_that_none_answers(capsys):
    assert daemon.main(["explain", "m", "--url", "http://127.0.0.1:1"]) == 2
    assert "No daemon answers" in capsys.readouterr().err


def test_the_schema_is_the_one_in_the_repository(capsys):
    assert daemon.main(["schema"]) == 0
    shipped = Path(__file__).parents[2] / "config/g4f.schema.json"
    assert json.loads(capsys.readouterr().out) == json.loads(shipped.read_text())


def test_a_question_is_answered_on_the_terminal(file, capsys):
    file.write_text("models: {m: {chain: [Demo]}}")
    for extra in ([], ["--stream"]):
        assert front.main(["What now?", "--model", "m", "--config", str(file), *extra]) == 0
        out = capsys.readouterr().out
        assert out.endswith("You said: What now?\n")


def test_the_commands_are_installed():
    for words in (["-m", "g4f", "--version"], ["-m", "g4f.cli.daemon", "--version"]):
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
        assert done.stdout.split()[1][0].isdigit()


def test_a_file_is_checked_where_its_variables_are_not_set(tmp_path, capsys, monkeypatch):
    for name in ("LAB_URL", "LAB_KEY", "PROXY_PASS"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "g4f.yaml"
    file.write_text(
        'proxies: {office: "http://u:${PROXY_PASS}@proxy.example.com:3128"}\n'
        'providers: {Lab: {base_url: "${LAB_URL}", key: "${LAB_KEY}", proxy: office}}\n'
        "models: {m: {chain: [Lab]}}\n"
    )
    file.chmod(0o600)
    assert daemon.main(["check", str(file)]) == 1
    assert "LAB_URL is not set" in capsys.readouterr().err
    assert daemon.main(["check", str(file), "--assume-keys"]) == 0
    assert capsys.readouterr().out == f"{file}: ok, 1 model and 0 aliases\n"
