"""The ways in which a configuration file gets onto a disk and changes there."""

from itertools import count
from pathlib import Path
from textwrap import dedent

_NUMBERS = count()


def write_config(path: Path, text: str) -> Path:
    """Write in place, as an editor without a temporary file does; returns the path."""
    path.write_text(dedent(text), "utf-8")
    return path


def atomic_write(path: Path, text: str) -> None:
    """Write beside it and rename over it, as most editors do."""
    beside = path.with_name(f".{path.name}.{next(_NUMBERS)}")
    write_config(beside, text)
    beside.replace(path)


def symlink_swap(path: Path, text: str) -> None:
    """Make `path` lead to new content through `..data`, as Kubernetes does with a ConfigMap.

    `path` becomes a link to `..data/NAME`, and `..data` a link that is replaced by one rename.
    """
    version = path.parent / f"..version-{next(_NUMBERS)}"
    version.mkdir()
    write_config(version / path.name, text)
    fresh = path.parent / f"..data-{next(_NUMBERS)}"
    fresh.symlink_to(version.name)
    fresh.replace(path.parent / "..data")
    if not path.is_symlink():
        link = path.with_name(f".{path.name}.{next(_NUMBERS)}")
        link.symlink_to(Path("..data") / path.name)
        link.replace(path)
