"""Which file a command is about, and how its problems are printed."""

import sys
from pathlib import Path

from g4f.config.settings import Settings
from g4f.errors import ConfigError

DEFAULT = Path("g4f.yaml")


def config_path(written: str | None, settings: Settings) -> Path:
    """The file named on the command line, else by G4F_CONFIG, else g4f.yaml here."""
    if written is not None:
        return Path(written)
    return settings.config or DEFAULT


def print_problems(error: ConfigError) -> None:
    """Every problem on a line of its own, in the form that editors and compilers use."""
    for problem in error.problems:
        print(problem, file=sys.stderr)
