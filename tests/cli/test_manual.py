"""The manual in the repository is what the parsers say now."""

import shutil
import subprocess
from pathlib import Path

import pytest

from g4f.cli import daemon, exits
from g4f.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "deploy/man/g4fd.1"


def test_the_page_and_its_markdown_are_fresh(capsys):
    for words, path in (([], PAGE), (["--markdown"], ROOT / "docs/cli.md")):
        assert daemon.main(["manual", *words]) == exits.WELL
        assert capsys.readouterr().out == path.read_text(), "make manual"


@pytest.mark.skipif(shutil.which("man") is None, reason="MAN IS NOT INSTALLED: the page was not formatted")
def test_the_page_is_formatted_without_a_warning():
    words = ["man", "--warnings", "-E", "UTF-8", "-l", str(PAGE)]
    done = subprocess.run(
        words, capture_output=True, text=True, check=True, env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin"}
    )
    assert done.stderr == ""
    for command in COMMANDS:
        assert f"g4fd {command.name}" in done.stdout
    assert "g4fd config show --origin --config g4f.yaml" in done.stdout
