"""Where the books are, by the file."""

from pathlib import Path
from typing import Final

from g4f.config.schema import Config

LEDGER: Final = "usage.sqlite3"
_FILE: Final = "file:"


def ledger_path(config: Config, base: Path) -> Path | None:
    """The ledger's file, None where it is kept in memory. What is relative is so to `base`, the file's directory."""
    written = config.usage.file
    if written == "memory":
        return None
    if written is not None:
        return base / written
    if config.state.startswith(_FILE):
        return base / config.state.removeprefix(_FILE) / LEDGER
    return None
