"""`g4fd config diff`: the command around the comparison."""

import json

from g4f.cli import daemon, exits


def test_it_exits_as_diff_does(tmp_path, capsys):
    old, new, bad = (tmp_path / name for name in ("old.yaml", "new.yaml", "bad.yaml"))
    old.write_text("models: {m: {chain: [Demo]}}")
    new.write_text("models: {m: {aliases: [n], chain: [Demo]}}")
    bad.write_text("modles: {}")
    assert daemon.main(["config", "diff", str(old), "--config", str(old)]) == exits.WELL
    assert capsys.readouterr().out == "no difference in meaning\n"
    assert daemon.main(["config", "diff", str(new), "--config", str(old)]) == exits.NO
    assert capsys.readouterr().out == "model m: alias n added\n"
    assert daemon.main(["config", "diff", str(new), "--config", str(old), "--json"]) == exits.NO
    assert json.loads(capsys.readouterr().out) == [{"subject": "model m", "change": "alias n added", "restart": False}]
    assert daemon.main(["config", "diff", str(bad), "--config", str(old)]) == exits.USAGE
    assert f"{bad}:1:1: modles" in capsys.readouterr().err
