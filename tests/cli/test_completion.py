"""What the shells complete, asked of the shells themselves."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from g4f.cli import daemon, exits
from g4f.cli.commands import COMMANDS
from tests.support.terminal import Terminal

BASH = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_g4fd; printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def script(tmp_path, capsys):
    def make(shell: str) -> str:
        assert daemon.main(["completion", shell]) == exits.WELL
        path = tmp_path / f"g4fd.{shell}"
        path.write_text(capsys.readouterr().out)
        return str(path)

    return make


def ask(*words: str, cwd=None) -> list[str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd, timeout=30)
    assert done.stderr == ""
    return done.stdout.split()


#: A line, some of what it may go on with, and some that it may not.
LINES = [
    ("g4fd ", {"run", "config", "drill", "completion"}, {"show", "--json"}),
    ("g4fd dr", {"drill"}, {"run"}),
    ("g4fd config ", {"show", "diff", "import"}, {"test", "run"}),
    ("g4fd config show --o", {"--origin"}, {"--json"}),
    ("g4fd config import x --from ", {"litellm", "g4f"}, {"--json"}),
    ("g4fd completion ", {"bash", "zsh", "fish"}, set()),
    ("g4fd routes test --m", {"--model"}, {"--file"}),
    ("g4fd --li", {"--listen"}, {"--json"}),
]


@pytest.mark.parametrize(("line", "some", "none"), LINES)
def test_bash_completes(script, tmp_path, line, some, none):
    words = " ".join(f"'{word}'" for word in line.split(" "))
    found = set(ask("bash", "-c", BASH.format(script=script("bash"), words=words), cwd=tmp_path))
    assert some <= found
    assert not none & found


def test_bash_completes_files(script, tmp_path):
    (tmp_path / "mine.yaml").touch()
    for line in ("'g4fd' 'check' 'mi'", "'g4fd' 'drill' '--config' 'mi'", "'g4fd' '-c' 'mi'"):
        code = BASH.format(script=script("bash"), words=line)
        assert ask("bash", "-c", code, cwd=tmp_path) == ["mine.yaml"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="FISH IS NOT INSTALLED: its completion was not tried")
@pytest.mark.parametrize(("line", "some", "none"), [line for line in LINES if line[0] != "g4fd --li"])
def test_fish_completes(script, tmp_path, line, some, none):
    code = f"source {script('fish')}; complete -C '{line}'"
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(["fish", "-c", code], capture_output=True, text=True, check=True, env=environ, timeout=30)
    found = {row.split("\t")[0] for row in done.stdout.splitlines()}
    assert some <= found
    assert not none & found


@pytest.mark.skipif(shutil.which("zsh") is None, reason="ZSH IS NOT INSTALLED: its completion was not tried")
@pytest.mark.parametrize(("line", "some"), [("g4fd config ", "import"), ("g4fd config show --", "origin")])
def test_zsh_completes(script, tmp_path, line, some):
    # zsh completes only in its line editor, which wants a terminal.
    (tmp_path / ".zshrc").write_text(f"autoload -U compinit; compinit -D -u; source {script('zsh')}; PS1='READY> '\n")
    environ = {"PATH": "/usr/bin:/bin", "ZDOTDIR": str(tmp_path), "HOME": str(tmp_path), "TERM": "dumb"}
    with Terminal(["zsh", "-i"], environ=environ, cwd=tmp_path) as terminal:
        terminal.until("READY> ")
        terminal.type(f"{line}\t\t")
        terminal.until(some)


def test_every_command_is_completed_by_every_shell(script):
    for shell in ("bash", "zsh", "fish"):
        text = Path(script(shell)).read_text()
        assert all(command.name.split()[-1] in text for command in COMMANDS)
