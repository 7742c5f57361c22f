"""`g4f api`: what its command line says, without serving."""

import pytest

from g4f.cli import main
from g4f.config.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"G4F_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--host", "0.0.0.0"], 78, "set G4F_API_KEY"),
        (["--provider", "OpenAl"], 78, "did you mean OpenAI"),
        (["--timeout", "soon"], 78, "settings: --timeout: not a duration"),
        (["--proxy", "proxy.example.com"], 78, "settings: --proxy: a proxy's URL begins with"),
        (["--workers", "0"], 78, "settings: --workers"),
        (["--config", "none.yaml"], 78, "none.yaml: cannot be read"),
        (["--bind", "nowhere"], 78, "write host:port"),
    ],
)
def test_what_cannot_be_served_is_refused_in_words(words, code, said, capsys):
    assert main(["api", *words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--bind", "127.0.0.1:1", "--port", "1"], ["--workers", "many"], ["--no-such-option"]]
)
def test_wrong_usage_exits_2(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(["api", *words])
    assert left.value.code == 2


def test_help_has_examples_and_names_every_option(capsys):
    with pytest.raises(SystemExit) as left:
        main(["api", "--help"])
    told = capsys.readouterr().out
    assert left.value.code == 0
    assert "g4f api --port 8080 --debug" in told
    for option in ("--port", "--debug", "--gui", "--g4f-api-key", "--provider", "--model", "--proxy", "--timeout"):
        assert option in told
