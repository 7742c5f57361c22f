"""`g4fd run`: serve until told to stop."""

import argparse
import errno
import os
import signal
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config
from g4f.cli.output import print_error, print_problems
from g4f.cli.place import config_path
from g4f.config.aside import aside
from g4f.config.settings import environment, from_environment
from g4f.errors import ConfigError

EXAMPLES = """\
examples:
  g4fd run --config g4f.yaml
  g4fd run --config g4f.yaml --listen 127.0.0.1:8080 --debug

signals: HUP reloads, TERM and INT drain and stop, a second one stops at once
exit codes: 0 stopped as told, 1 the address cannot be listened on, 78 the file is refused
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, "the file to serve by")
    parser.add_argument("--listen", metavar="HOST:PORT", help="listen here instead of the file's server.listen")
    parser.add_argument("--debug", "-d", action="store_true", help="log at debug level (G4F_DEBUG)")


def execute(options: argparse.Namespace) -> int:
    """Serve; returns the exit code."""
    return serve_by(options.config, listen=options.listen, debug=options.debug or None)


def serve_by(written: str | None, *, may_be_missing: bool = False, **flags: Any) -> int:
    """Serve by a file, with what `flags` set over it; returns the exit code.

    Where the file `may_be_missing` and none is named or found, the catalog is served.
    """
    signal.signal(signal.SIGTERM, _leave)
    with aside():
        from g4f.api.programmatic import file_or_none
        from g4f.api.start import start

    try:
        settings = from_environment(**flags)
        named = bool(written) or not may_be_missing
        path = config_path(written, settings) if named else file_or_none(settings)
        start(path, environ=environment(), settings=settings)
    except ConfigError as error:
        print_problems(error)
        return exits.BAD_CONFIG
    except OSError as error:
        print_error(_os_problem(error))
        return exits.NO
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return exits.WELL


def _leave(*_: object) -> None:
    """Stop while nothing is served yet, also as the first process of a container. The server has its own way later."""
    raise SystemExit(0)


def _os_problem(error: OSError) -> str:
    where = error.filename or "the address"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken: another program (another g4fd?) listens there. Use another port or stop it."
    if error.errno == errno.EACCES and not str(where).startswith("unix:"):
        return f"{where} needs a privilege: ports below 1024 do. Use a higher one."
    known = error.errno is not None and error.errno > 0  # those of getaddrinfo are below
    problem = (os.strerror(error.errno or 0) if known else error.strerror) or str(error) or type(error).__name__
    return f"cannot listen on {where}: {problem}" if error.filename else problem
