"""Serve until told to stop, in an event loop of its own: what the commands and `run_api` end in."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from g4f.api.server import serve
from g4f.config.settings import Settings


def start(path: Path | None, *, environ: Mapping[str, str], settings: Settings) -> None:
    """Serve by a file, or by the catalog alone. Raises ConfigError, OSError and KeyboardInterrupt."""
    allow_files()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(path, environ=environ, settings=settings))


def allow_files() -> None:
    """Open as many files as the process may. The soft limit of a shell, often 1024, is for programs that use select(2);
    here each stream takes two."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has none; some allow less than they say
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.Loop
