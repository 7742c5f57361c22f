"""Fixtures for all tests, and a last word about what was skipped: a skipped check must not look like a passed one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.daemon import Daemon
from tests.support.files import write_config

#: Starts a daemon over the text of a g4f.yaml; further arguments are Daemon's.
Serve = Callable[..., Awaitable[Daemon]]

#: Events that no test may provoke: a bug of ours, or a complaint of a library about how we use it.
BUGS = ("request.crashed", "library.logged")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "e2e: runs the daemon as a process of its own")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("NOT CHECKED")
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.write_line(f"{report.nodeid}: {reason}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    """`await serve(yaml)` is a running daemon; it is stopped after the test, and must not have crashed on a request."""
    async with AsyncExitStack() as stack:
        daemons: list[Daemon] = []

        async def start(text: str, **options: Any) -> Daemon:
            place = tmp_path / f"daemon-{len(daemons)}"
            place.mkdir()
            config = write_config(place / "g4f.yaml", text)
            daemons.append(await stack.enter_async_context(Daemon(config, **options)))
            return daemons[-1]

        yield start
        for daemon in daemons:
            await daemon.stop()
            found = [line for line in daemon.log_lines() if line["event"] in BUGS]
            assert not found, found
            assert "Traceback" not in daemon.output()
