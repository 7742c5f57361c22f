"""The application under somebody else's server: gunicorn with `--worker-class aiohttp.GunicornUVLoopWebWorker`.

Each worker is a whole server: it reads the file, enforces the keys and follows reloads by itself. That server listens
and drains; where there are no keys only this machine's own requests are answered, whatever it listens on.
"""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from aiohttp import web

from g4f.api.app import build_app
from g4f.api.following import Following
from g4f.api.keys import CONTROL
from g4f.api.serving import load_here
from g4f.config.settings import Settings


def build_hosted(path: Path | None, *, environ: Mapping[str, str], settings: Settings) -> web.Application:
    """The application over a file, or over the catalog alone. Raises ConfigError."""
    following = Following(load_here(path, environ, settings), environ=environ, settings=settings)
    serving = following.serving
    app = build_app(serving.gateway, serving.state, serving.meter)
    app[CONTROL] = following.control

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        following.begin()
        yield
        await following.end()

    app.cleanup_ctx.append(lifetime)
    return app
