"""`g4fd routes test`: expectations about routes, in CI or before a change is made."""

import json

import pytest

from g4f.cli import daemon, exits

CONFIG = """\
providers:
  A: {base_url: "http://127.0.0.1:1/v1"}
  B: {base_url: "http://127.0.0.1:2/v1", keys: [{name: one, key: k1}, {name: two, key: k2}]}
  C: {base_url: "http://127.0.0.1:3/v1", key: "${C_KEY_THAT_IS_NOT_SET}"}
models:
  m: {aliases: [short], chain: [A/x, [B, C]]}
  night: {chain: [{provider: A, when: hour >= 22}, B]}
  paid: {chain: [Together]}
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.delenv("TOGETHER_API_KEY", raising=False)
    path = tmp_path / "g4f.yaml"
    path.write_text(CONFIG)
    return path


def run(config, *words):
    return daemon.main(["routes", "test", "--config", str(config), "--assume-keys", *words])


@pytest.mark.parametrize(
    "words",
    [
        ["--model", "m", "--expect", "A,B,C"],
        ["--model", "short", "--expect", "A/x, B/m ,C"],
        ["--model", "m", "--provider", "B", "--expect", "B"],
        ["--model", "night", "--expect", "A,B", "--at", "2026-12-24T22:00"],
        ["--model", "night", "--expect", "B", "--at", "2026-12-24T21:59"],
        ["--model", "paid", "--expect", "Together"],
        ["--model", "unknown", "--expect", "none"],
    ],
)
def test_what_is_as_expected_exits_0(config, words, capsys):
    for _ in range(3):  # a tier is balanced by chance, but not here
        assert run(config, *words) == exits.WELL
    assert "ok " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "m", "--expect", "A,C,B"], "got:      A/x, B/m, C/m"),
        (["--model", "m", "--expect", "A/y,B,C"], "expected: A/y, B, C"),
        (["--model", "m", "--expect", "none"], "expected: nothing"),
        (["--model", "unknown", "--expect", "A"], "does not exist here"),
        (["--model", "night", "--expect", "A,B", "--at", "2026-12-24T03:00"], "A/night: when (when: hour >= 22)"),
    ],
)
def test_what_is_not_shows_both_and_exits_1(config, words, told, capsys):
    assert run(config, *words) == exits.NO
    assert told in capsys.readouterr().out


def test_without_keys_the_chain_is_the_one_of_this_environment(config, capsys, monkeypatch):
    words = ["routes", "test", "--config", str(config), "--model", "paid", "--expect", "Together"]
    assert daemon.main(words) == exits.NO
    assert "C_KEY_THAT_IS_NOT_SET" in capsys.readouterr().err
    monkeypatch.setenv("C_KEY_THAT_IS_NOT_SET", "a key")
    assert daemon.main(words) == exits.NO
    assert "no_key" in capsys.readouterr().out


def test_a_file_of_expectations_is_checked_whole_with_its_places(config, tmp_path, capsys):
    file = tmp_path / "routes.yaml"
    file.write_text(
        "- {model: m, expect: [A, B, C]}\n- model: m\n  expect: [B]\n- {model: m, provider: C, expect: [C]}\n"
    )
    assert run(config, "--file", str(file)) == exits.NO
    out = capsys.readouterr().out
    assert out.count("ok ") == 2
    assert f"FAIL  m  ({file}:2:3)" in out
    assert run(config, "--file", str(file), "--json") == exits.NO
    assert [verdict["met"] for verdict in json.loads(capsys.readouterr().out)] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must be a list"),
        ("{}", "must be a list"),
        ("- m", "names no model"),
        ("- {model: m, expect: A}", "must be a list of providers"),
        ("- {model: m, expect: [[A]]}", "must be a list of providers"),
        ("- {model: m}", "must be a list of providers"),
        ("- {model: m, expect: [], povider: A}", "unknown key"),
        ("- {model: m, expect: [], provider: 7}", "name of a provider"),
        ("- {model: [", "YAML syntax"),
    ],
)
def test_a_wrong_file_of_expectations_is_refused(config, tmp_path, text, told, capsys):
    file = tmp_path / "routes.yaml"
    file.write_text(text)
    assert run(config, "--file", str(file)) == exits.NO
    assert told in capsys.readouterr().err
    file.write_bytes(b"\xff")
    assert run(config, "--file", str(file)) == exits.NO
    assert run(config, "--file", str(tmp_path / "nowhere")) == exits.NO


def test_a_model_without_an_expectation_and_a_wrong_time_are_wrong_usage(config, capsys):
    assert run(config, "--model", "m") == exits.USAGE
    assert run(config, "--model", "m", "--expect", "A", "--at", "tomorrow") == exits.USAGE
