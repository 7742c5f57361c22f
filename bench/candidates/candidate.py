"""What every candidate says of itself."""

import json
import os
import shutil
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.workload import CLIENT_KEY, Layout, model_names

#: The repository, from which g4f runs, and what set-up installed for its peers.
ROOT = Path(__file__).parents[2]
CACHE = ROOT / "bench" / ".cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one start of a candidate takes place: its directory, its port, and the upstream's port."""

    directory: Path
    port: int
    upstream: int

    def base_url(self, prefix: str = "") -> str:
        """What OpenAI's SDK would take to reach the upstream. Below `/busy` it is always out of order."""
        return f"http://127.0.0.1:{self.upstream}{prefix}/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How to start a candidate. The environment holds nothing of the caller's but a path."""

    words: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)

    def environment(self, home: Path) -> dict[str, str]:
        path = os.environ.get("PATH", "/usr/bin:/bin")
        return {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "NO_PROXY": "*", **self.environ}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a candidate is asked."""

    path: str = "/v1/chat/completions"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {CLIENT_KEY}"})
    models: Sequence[str] = ()


class Candidate(ABC):
    """A proxy. `note` says what its configuration has on and off: it is printed below the tables."""

    name: str
    title: str
    note: str
    #: How many cores it is meant for, where the machine has as many to spare.
    cores = 1
    #: Seconds from its start to its first answer, at most.
    ready_within = 60.0

    def set_up(self) -> str | None:
        """Install it into the cache. Returns why that cannot be, or None."""
        return None

    def version(self) -> str:
        """What is installed."""
        return ""

    @abstractmethod
    def command(self, place: Place, layout: Layout) -> Command | None:
        """Write its configuration and say how to start it. None where there is nothing to start."""

    def manners(self, place: Place, layout: Layout) -> Manners:
        return Manners(models=model_names(layout))

    def port(self, place: Place, log: Path) -> int | None:
        """Where it listens; None as long as that is not known."""
        return place.port


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_environment(name: str, requirement: str) -> str | None:
    """A virtual environment with one requirement in the cache. Returns what went wrong, or None."""
    where = CACHE / name
    if (where / ".ready").exists():
        return None
    if not (where / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(where)], check=True)
    pip = [str(where / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, requirement], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"pip install {requirement} failed: {_last_line(done.stderr)}"
    (where / ".ready").touch()
    return None


def distribution_version(environment: str, distribution: str) -> str:
    """The version of a distribution in one of the cache's environments."""
    ask = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    python = str(CACHE / environment / "bin" / "python")
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False).stdout.strip()


def node_package(name: str, package: str, overrides: Mapping[str, str]) -> str | None:
    """A directory with one npm package in the cache. Returns what went wrong, or None."""
    where = CACHE / name
    if (where / "node_modules" / package).exists():
        return None
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "there is no node and npm"
    where.mkdir(parents=True, exist_ok=True)
    (where / "package.json").write_text(json.dumps({"private": True, "overrides": dict(overrides)}))
    install = [npm, "install", "--no-audit", "--no-fund", "--silent", package]
    done = subprocess.run(install, cwd=where, capture_output=True, text=True, check=False)
    return f"npm install {package} failed: {_last_line(done.stderr)}" if done.returncode else None


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1][:200]
