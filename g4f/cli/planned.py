"""The plan of a file, as a command sees it: by the environment that is, or by one in which no key is missing."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

from g4f.cli.place import config_path
from g4f.config.assumed import AssumedEnvironment, with_every_key
from g4f.config.load import Loaded, load
from g4f.config.settings import environment, from_environment
from g4f.gateway.snapshot import Plan, plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that was read, and what it means. `environ` is what its variables were taken from."""

    loaded: Loaded
    plan: Plan
    environ: Mapping[str, str]


def add_assume_keys(parser: argparse.ArgumentParser) -> None:
    """`--assume-keys`."""
    parser.add_argument("--assume-keys", action="store_true", help="as if every key were set, such as in CI")


def planned(file: str | None, *, assume_keys: bool = False) -> Planned:
    """Read and plan a file. Raises ConfigError."""
    settings, environ = from_environment(), environment()
    path = config_path(file, settings)
    if not assume_keys:
        loaded = load(path, environ=environ, settings=settings)
        return Planned(loaded, plan(loaded, environ, settings), environ)
    loaded = load(path, environ=AssumedEnvironment(environ), settings=settings)
    assumed = with_every_key(loaded, environ)
    return Planned(loaded, plan(loaded, assumed, settings), assumed)
