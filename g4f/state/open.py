"""From what `state:` says in g4f.yaml to the store that it names."""

from pathlib import Path

from g4f.state.file import FileStore
from g4f.state.memory import MemoryStore
from g4f.state.types import Store

MEMORY = "memory"
_FILE = "file:"


def open_store(written: str, base: Path) -> Store:
    """The store for `memory` or `file:DIRECTORY`, which is relative to `base`. Raises StateError."""
    if written.startswith(_FILE):
        return FileStore(base / written.removeprefix(_FILE))
    return MemoryStore()
