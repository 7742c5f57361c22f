"""`g4fd provider list` and `g4fd provider test`: the table, the card, and the exit codes."""

import json

import pytest

from g4f.cli import daemon, exits

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "G4F_CONFIG")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A directory without a file, and without keys."""
    monkeypatch.chdir(tmp_path)
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def traffic(tmp_path):
    """A directory with one recording, of a provider that refuses a key."""
    folder = tmp_path / "traffic"
    folder.mkdir()
    error = {"id": "c1", "message": "invalid api token"}
    asked = {"url": "https://api.cohere.com/v2/chat", "body": {"model": "m", "messages": []}}
    said = {"status": 401, "headers": {"content-type": "application/json"}, "body": json.dumps(error)}
    (folder / "refused.json").write_text(json.dumps({"provider": "cohere", "request": asked, "response": said}))
    return folder


def test_the_list_says_who_can_be_used_here(capsys, monkeypatch):
    assert daemon.main(["provider", "list"]) == exits.WELL
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "set OPENAI_API_KEY" in lines["OpenAI"]
    assert "yes" in lines["Ollama"]
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    assert daemon.main(["provider", "list", "--usable", "--json", "moderation"]) == exits.WELL
    out = capsys.readouterr().out
    assert "sk-secret" not in out
    assert {"OpenAI", "Demo"} <= {row["name"] for row in json.loads(out)}


def test_a_file_adds_to_the_list(capsys, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("ignored_providers: [Ollama]\nproviders: {Lab: {dialect: gemini, base_url: 'http://127.0.0.1:9'}}")
    assert daemon.main(["provider", "list", "--config", str(file), "--json"]) == exits.WELL
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["Lab"]["dialect"] == "gemini"
    assert rows["Lab"]["usable"]
    assert not rows["Ollama"]["usable"]


def test_nothing_found_exits_1(capsys):
    assert daemon.main(["provider", "list", "telepathy"]) == exits.NO
    assert "no provider is like that" in capsys.readouterr().err


def test_a_card_says_what_was_recorded_and_what_its_dialect_has(capsys, traffic):
    assert daemon.main(["provider", "test", "Cohere", "--cassettes", str(traffic), "--json"]) == exits.WELL
    told = json.loads(capsys.readouterr().out)
    assert told["holds"]
    assert told["card"]["errors"] == {"verdict": "yes", "evidence": ["refused"], "claimed": False}
    assert told["card"]["parallel tools"]["verdict"] == "by its dialect"
    assert told["card"]["count_tokens"]["verdict"] == "no"
    assert {each["recording"] for each in told["recordings"] if not each["documented"]} == {"refused"}


def test_a_loss_exits_1_and_is_named(capsys, traffic):
    (traffic / "refused.json").write_text((traffic / "refused.json").read_text().replace("401", "200"))
    assert daemon.main(["provider", "test", "Cohere", "--cassettes", str(traffic)]) == exits.NO
    out = capsys.readouterr().out
    assert "FAILED  refused (openai caller): a whole answer is one" in out
    assert "1 of them lose or change something" in out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["Opena1"], exits.NO, "did you mean OpenAI?"),
        (["Demo"], exits.NO, "nothing is recorded of Demo"),
        (["OpenAI", "--cassettes", "nowhere"], exits.NO, "there is no such directory"),
        (["--live"], exits.USAGE, "--live asks one provider"),
        (["OpenAI", "--live"], exits.USAGE, "set OPENAI_API_KEY"),
        (["VLLM", "--live", "--yes"], exits.USAGE, "cannot be asked"),
    ],
)
def test_what_cannot_be_tested_says_why(words, code, told, capsys, tmp_path):
    if "VLLM" in words:
        file = tmp_path / "dead.yaml"
        file.write_text("providers: {VLLM: {base_url: 'http://127.0.0.1:9/v1'}}")
        words = [*words, "--model", "m", "--config", str(file)]
    assert daemon.main(["provider", "test", *words]) == code
    assert told in capsys.readouterr().err


def test_nothing_is_spent_without_a_yes(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-0123456789")
    assert daemon.main(["provider", "test", "OpenAI", "--live", "--model", "gpt-5-nano"]) == exits.USAGE
    err = capsys.readouterr().err
    assert "9 tiny questions of gpt-5-nano: at most about $" in err
    assert "--yes" in err
