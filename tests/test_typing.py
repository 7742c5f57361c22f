"""Type checkers accept what users write."""

import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = [str(path) for path in sorted((ROOT / "tests" / "typing").glob("*.py"))]


def test_mypy_accepts_users_programs():
    """In a process of its own: mypy's state is global. The cache makes the next run quick."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), *PROGRAMS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_pyright_accepts_users_programs():
    pyright = which("basedpyright", path=str(Path(sys.executable).parent)) or which("pyright")
    if pyright is None:
        pytest.skip("PYRIGHT IS ABSENT: only mypy has looked at the programs of users")
    command = [pyright, "--level", "error", "--pythonpath", sys.executable, *PROGRAMS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
