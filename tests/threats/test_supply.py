"""What is installed is what was locked, and somebody can be told what that is."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "deploy" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", LOCKS)
def test_every_dependency_is_locked_with_its_hash(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;\\]+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert "://" not in re.sub(r"(?m)^\s*#.*\n", "", text), "a lock names no index"


def test_there_are_few_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert len(project["dependencies"]) <= 12


def test_the_bill_of_materials_names_what_the_lock_holds(sbom: ModuleType) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    bill = sbom.bill(lock, "1.0")
    pinned = set(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock))
    assert {(c["name"], c["version"]) for c in bill["components"]} == pinned
    assert sum(len(c["hashes"]) for c in bill["components"]) == lock.count("--hash=sha256:")
    assert bill == sbom.bill(lock, "1.0"), "the same lock is the same bill"
    assert bill["serialNumber"] != sbom.bill(lock, "1.1")["serialNumber"]


def test_nothing_of_ours_runs_at_every_start_of_python() -> None:
    own = [path.relative_to(ROOT) for path in ROOT.rglob("*.pth")]
    # What is in a hidden directory was installed there: the environment, and the programs that the benchmark compares.
    assert not [path for path in own if not any(part.startswith(".") for part in path.parts)]
    assert "sitecustomize" not in sys.modules or "g4f" not in str(sys.modules["sitecustomize"])
