"""Every file in `bad/` is refused for exactly the reasons it names, at their places, and tells no secret."""

from pathlib import Path

import pytest

from g4f.config.load import load
from g4f.errors import ConfigError

BAD = sorted(path for path in (Path(__file__).parent / "bad").iterdir() if path.suffix == ".yaml")

ENVIRON = {
    "KEY": "CANARY-in-the-environment",
    "BAD_KEY": "CANARY with\na line break",
    "EMPTY": "",
    "NAME": "CANARY",
    "WORDS": "CANARY words",
}


def expected(path: Path) -> list[str]:
    """From the first lines of the file, or from a sibling where a comment would spoil the case."""
    sibling = path.with_suffix(".expect")
    if sibling.exists():
        return sibling.read_text("utf-8").splitlines()
    lines = path.read_text("utf-8").splitlines()
    return [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]


def test_there_are_at_least_150_of_them() -> None:
    assert len(BAD) >= 150


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_at_the_right_places(path: Path) -> None:
    reasons = expected(path)
    assert reasons, "a bad file names what it is refused for"
    with pytest.raises(ConfigError) as caught:
        load(path, environ=ENVIRON)
    found = [str(problem).removeprefix(f"{path}:").strip() for problem in caught.value.problems]
    assert found == reasons
    assert "CANARY" not in str(caught.value)
    assert "CANARY" not in repr(caught.value.problems)
