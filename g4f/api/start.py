"""Serve until told to stop, in an event loop of its own: what the commands and `run_api` end in."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from g4f.api.server import serve
from g4f.config.settings import Settings


def start(path: Path | None, *, environ: Mapping[str, str], settings: Settings) -> None:
    """Serve by a file, or by the catalog alone. Raises ConfigError, OSError and KeyboardInterrupt."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(path, environ=environ, settings=settings))


def loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.Loop
