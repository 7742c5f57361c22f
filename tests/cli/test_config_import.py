"""`g4fd config import`: the new file on standard output, the notes on standard error."""

import json

from g4f.cli import daemon, exits

FILE = "model_list: [{model_name: m, litellm_params: {model: openai/x, temperature: 1}}]\n"


def test_the_output_is_a_file_that_check_accepts(tmp_path, capsys):
    old, new = tmp_path / "config.yaml", tmp_path / "g4f.yaml"
    old.write_text(FILE)
    assert daemon.main(["config", "import", str(old)]) == exits.WELL
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{old}:1:64: model_list[0].litellm_params.temperature: has no equivalent")
    new.write_text(captured.out)
    assert daemon.main(["check", str(new)]) == exits.WELL


def test_it_speaks_json(tmp_path, capsys):
    old = tmp_path / "config.yaml"
    old.write_text(FILE)
    assert daemon.main(["config", "import", str(old), "--json", "--from", "litellm"]) == exits.WELL
    found = json.loads(capsys.readouterr().out)
    assert "OpenAI/x" in found["config"]
    assert [note["line"] for note in found["notes"]] == [1]
    assert found["variables"] == []


def test_what_is_no_config_of_theirs_exits_1(tmp_path, capsys):
    old = tmp_path / "config.yaml"
    old.write_text("hello")
    assert daemon.main(["config", "import", str(old)]) == exits.NO
    assert "neither" in capsys.readouterr().err
