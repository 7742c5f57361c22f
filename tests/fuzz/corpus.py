"""Inputs that once were findings, or are worth beginning with: one file each in `tests/corpus/TARGET/`."""

from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus"


def corpus_of(target: str) -> list[bytes]:
    """The inputs that are kept for a target."""
    place = CORPUS / target
    return [path.read_bytes() for path in sorted(place.iterdir())] if place.is_dir() else []
