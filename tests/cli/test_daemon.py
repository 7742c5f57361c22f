"""The command line of `g4fd` as a whole: how a command is found, and how it ends."""

import socket
import subprocess
import sys

import pytest

from g4f.cli import daemon, exits
from g4f.cli.commands import COMMANDS, find

NAMES = [command.name for command in COMMANDS]


def test_the_overview_lists_every_command(capsys):
    for words in (["--help"], ["help"], ["-h"]):
        with pytest.raises(SystemExit) as end:
            daemon.main(words)
        assert end.value.code == 0
        out = capsys.readouterr().out
        assert all(f"  {name} " in out for name in NAMES)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_every_command_has_help_with_examples(command, capsys):
    with pytest.raises(SystemExit) as end:
        daemon.main([*command.name.split(), "--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    assert "examples:\n" in out
    assert f"g4fd {command.name}" in out


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_wrong_option_exits_2(command, capsys):
    with pytest.raises(SystemExit) as end:
        daemon.main([*command.name.split(), "--no-such-option"])
    assert end.value.code == exits.USAGE
    assert f"g4fd {command.name}" in capsys.readouterr().err


def test_a_line_without_a_command_serves():
    for words in ([], ["--config", "x"], ["-d"]):
        assert find(words) == (COMMANDS[0], words)


def test_a_misspelt_command_is_suggested(capsys):
    assert daemon.main(["chekc", "g4f.yaml"]) == exits.USAGE
    assert "g4fd check" in capsys.readouterr().err
    assert daemon.main(["\0"]) == exits.USAGE


def test_a_reader_that_leaves_is_no_error():
    line = f"{sys.executable} -m g4f.cli.daemon schema | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_serving_loads_no_other_command():
    code = (
        "import sys; from g4f.cli import daemon; daemon.find([])[0].load();"
        "print([m for m in sys.modules if m.startswith('g4f.cli.')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "g4f.cli.run" in out
    assert "explain" not in out


@pytest.mark.parametrize("workers", [1, 2])
def test_who_cannot_listen_says_where(tmp_path, workers):
    config = tmp_path / "g4f.yaml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        config.write_text(f'{{server: {{workers: {workers}, listen: "{where}"}}, models: {{m: {{chain: [Demo]}}}}}}')
        line = [sys.executable, "-m", "g4f.cli.daemon", "--config", str(config)]
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == exits.NO
    assert done.stderr.splitlines()[-1].startswith(f"g4fd: {where} is taken: ")
