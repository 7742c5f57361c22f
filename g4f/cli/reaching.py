"""Where the operator's commands find the daemon: where they are told, else where the file says that it listens."""

import argparse

from g4f.cli.options import add_daemon
from g4f.cli.place import config_path
from g4f.cli.remote import DEFAULT_URL
from g4f.config.settings import environment, from_environment


def add_url(parser: argparse.ArgumentParser) -> None:
    """`--url URL`."""
    add_daemon(parser)


def admin_url(options: argparse.Namespace) -> str:
    """The address of the daemon's operator's endpoints: `--url`, else `admin.listen` of the file, else `server.listen`.

    Raises ConfigError for a bad file.
    """
    if options.url:
        return str(options.url)
    settings = from_environment()
    path = config_path(options.config, settings)
    if options.config is None and not path.exists():
        return DEFAULT_URL
    from g4f.config.layers import overlay
    from g4f.config.load import load

    config = overlay(load(path, environ=environment(), settings=settings).config, settings)
    listen = config.admin.listen or config.server.listen
    return listen if listen.startswith("unix:") else f"http://{listen}"
