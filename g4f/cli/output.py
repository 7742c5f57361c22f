"""What commands print: problems, errors and JSON, each in one form."""

import json
import sys
from typing import Any

from g4f.errors import ConfigError


def print_json(value: Any) -> None:
    """A value as JSON that people can read too."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_problems(error: ConfigError) -> None:
    """Every problem on a line of its own, in the form that editors and compilers use."""
    for problem in error.problems:
        print(problem, file=sys.stderr)


def print_error(message: str) -> None:
    """Why a command failed."""
    print(f"g4fd: {message}", file=sys.stderr)
