"""`g4fd run`: serve until told to stop."""

import asyncio
import errno
import signal
import sys

from g4f.cli.place import config_path, print_problems
from g4f.config.settings import environment, from_environment
from g4f.errors import ConfigError

#: sysexits.h: something in the configuration is wrong. systemd's RestartPreventExitStatus=78 keeps it from looping.
EX_CONFIG = 78


def run(config: str | None, *, listen: str | None, debug: bool) -> int:
    """Serve; returns the exit code."""
    signal.signal(signal.SIGTERM, _leave)
    from g4f.api.server import serve

    try:
        settings = from_environment(listen=listen, debug=debug)
        path = config_path(config, settings)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(path, environ=environment(), settings=settings))
    except ConfigError as error:
        print_problems(error)
        return EX_CONFIG
    except OSError as error:
        print(f"g4fd: {_os_problem(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _leave(*_: object) -> None:
    """Stop while nothing is served yet, also as the first process of a container. The server has its own way later."""
    raise SystemExit(0)


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.Loop


def _os_problem(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "the address is taken: another program (perhaps another g4fd) listens there. Use --listen or stop it."
    if error.errno == errno.EACCES:
        return "the address needs a privilege: ports below 1024 do. Use a higher one."
    return error.strerror or type(error).__name__
