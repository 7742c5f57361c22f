"""The reference is what the code says."""

import runpy
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="OTHER PYTHON: signatures are written differently there")
def test_the_reference_is_fresh():
    wanted = runpy.run_path(str(DOCS / "build_reference.py"))["pages"]()
    kept = {path.name: path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md")}
    assert kept == wanted, "run `make docs`"
