"""The wheel and the sdist hold all that the program needs, and work where nothing else of the repository is."""

import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from g4f.version import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The directory with a wheel and an sdist, built without a network."""
    place = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(place)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return place


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """An environment with the wheel and, beside it, the dependencies of this one."""
    place = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = place / "bin/python"
    (wheel,) = built.glob("*.whl")
    words = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([sys.executable, *words, str(wheel)], check=True)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def run(installed: Path, *words: str, cwd: Path) -> str:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run([*words], cwd=cwd, env=environ, check=True, capture_output=True, text=True).stdout


def test_the_wheel_holds_the_program_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("g4f/py.typed", "g4f/catalog/providers.yaml", "g4f/catalog/models.yaml", "g4f/cli/daemon.py"):
        assert needed in names
    assert any(name.endswith("share/man/man1/g4fd.1") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    allowed = ("g4f/", f"g4f-{__version__}.dist-info/", f"g4f-{__version__}.data/")
    assert [name for name in names if not name.startswith(allowed)] == []
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_every_file_of_the_package_is_in_the_wheel(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "g4f"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(listed.stdout.split()) <= names


def test_the_sdist_builds_the_same_wheel(built, tmp_path):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    assert (tree / "config/recipes/README.md").is_file()
    assert (tree / "deploy/g4fd.service").is_file()
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    subprocess.run(words, cwd=tree, check=True, capture_output=True)
    (again,), (first,) = (tmp_path / "again").glob("*.whl"), built.glob("*.whl")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(first).namelist()


def test_what_is_installed_runs_by_itself(installed, tmp_path):
    python, g4fd = str(installed / "bin/python"), str(installed / "bin/g4fd")
    assert str(installed) in run(installed, python, "-c", "import g4f; print(g4f.__file__)", cwd=tmp_path)
    assert __version__ in run(installed, g4fd, "--version", cwd=tmp_path)
    assert __version__ in run(installed, str(installed / "bin/g4f"), "--version", cwd=tmp_path)
    run(installed, g4fd, "init", "--yes", cwd=tmp_path)
    assert "ok" in run(installed, g4fd, "check", cwd=tmp_path)
    (drilled, *_) = json.loads(run(installed, g4fd, "drill", "--model", "default", "--json", cwd=tmp_path))
    assert drilled["keeps_answering"]
    schema = json.loads(run(installed, g4fd, "schema", cwd=tmp_path))
    assert schema == json.loads((ROOT / "config/g4f.schema.json").read_text())


def test_the_image_takes_what_the_build_needs():
    """Every file that the Dockerfile copies is there, and is let through by .dockerignore."""
    text = (ROOT / "deploy/Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = {word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()}
    assert {"requirements.lock", "g4f", "pyproject.toml", "deploy/man"} <= copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
    stages = text.split("FROM ")[1:]
    assert all(stage.startswith("python:3.11-slim") for stage in stages)
    assert "USER 10001:10001" in stages[-1]
    assert "HEALTHCHECK" in stages[-1]
    assert all("--require-hashes" in line for line in text.splitlines() if "install" in line and "-r " in line)
