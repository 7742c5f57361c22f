"""The code in the documentation runs, block after block, as a reader would run it."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ["library.md", "migration.md", "providers.md"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty directory on a machine without keys."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in __import__("os").environ if name.endswith(("_API_KEY", "_TOKEN"))]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, place, capsys):
    text = (DOCS / page).read_text("utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert any(kind == "python" for kind, _ in blocks)
    names = {"__name__": "__main__"}
    for kind, code in blocks:
        if kind == "yaml" and code.startswith("# g4f.yaml"):
            (place / "g4f.yaml").write_text(code, "utf-8")
        if kind == "python":
            exec(compile(code, f"{page}:{text[: text.index(code)].count(chr(10)) + 1}", "exec"), names)
    assert capsys.readouterr().out
