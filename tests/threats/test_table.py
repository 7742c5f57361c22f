"""The page of threats is whole, and every test that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threats.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}


def test_there_is_a_row_for_each_of_the_23_threats() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 24))


def test_every_row_names_tests_that_exist() -> None:
    for number, _, behaviour, held_by in ROWS:
        named = re.findall(r"`(test_\w+)`", held_by)
        assert named, f"row {number} is held by nothing"
        assert not set(named) - TESTS, f"row {number}"
        assert behaviour
