"""The daemon as its users run it: a process of its own, found by its log and stopped by its pid."""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import aiohttp

READY_WITHIN = 20.0
STOPPED_WITHIN = 15.0
_POLL = 0.02
ROOT = Path(__file__).parents[2]


class Daemon:
    """`async with Daemon(config_file) as daemon:` is a `g4fd` on a free port that is ready to serve.

    The environment is empty but for paths and a home, plus `environ`. `listen` overrides the file's address; None
    leaves it to the file, and then `url` is where the file says. `program` is the module that is run, by the words of
    `launcher` if there are any, and with the descriptors of `pass_fds` open. `words` stand in place of the options.
    """

    def __init__(
        self,
        config: Path,
        *,
        environ: Mapping[str, str] | None = None,
        listen: str | None = "127.0.0.1:0",
        program: str = "g4f.cli.daemon",
        launcher: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
        words: Sequence[str] | None = None,
    ) -> None:
        self.config = config
        self.url = ""
        self._log = config.parent / "daemon.log"
        self._listen = listen
        self._environ = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(config.parent),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(ROOT),  # the tree that these tests belong to, whatever is installed
            **(environ or {}),
        }
        self._program = program
        self._launcher = launcher
        self._words = words
        self._pass_fds = pass_fds
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        listen = ["--listen", self._listen] if self._listen else []
        words = ["--config", str(self.config), *listen] if self._words is None else self._words
        with self._log.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(*self._launcher, sys.executable, "-m", self._program, *words),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._environ,
                cwd=self.config.parent,
                start_new_session=True,
                pass_fds=self._pass_fds,
            )
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def returncode(self) -> int | None:
        return self._running().returncode

    def reload(self) -> None:
        """SIGHUP."""
        self._running().send_signal(signal.SIGHUP)

    def terminate(self) -> None:
        """SIGTERM: drain and leave."""
        self._running().send_signal(signal.SIGTERM)

    async def stop(self) -> int:
        """End the process; returns its exit code. One that does not leave in time is killed."""
        process = self._running()
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOPPED_WITHIN):
                return await process.wait()
        except TimeoutError:
            process.kill()
            return await process.wait()

    def output(self) -> str:
        """All that the process printed."""
        return self._log.read_text("utf-8")

    def log_lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The structured lines of the log; those of one event if it is named."""
        lines = [json.loads(line) for line in self.output().splitlines() if line.startswith("{") and line.endswith("}")]
        return [line for line in lines if event is None or line.get("event") == event]

    async def logged(self, event: str, *, count: int = 1, within: float = 10.0) -> dict[str, Any]:
        """Wait until the log has `count` lines of an event; returns the last of them."""
        async with asyncio.timeout(within):
            while len(found := self.log_lines(event)) < count:
                await asyncio.sleep(_POLL)
        return found[count - 1]

    def rss_mib(self) -> float:
        """The memory that the process holds, in MiB (`VmRSS` of proc(5))."""
        return self._memory("VmRSS:")

    def peak_mib(self) -> float:
        """The most memory that the process held since it began or `forget_peak` was called, in MiB (`VmHWM`)."""
        return self._memory("VmHWM:")

    def forget_peak(self) -> None:
        """Let the peak be what is held now (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")

    def _memory(self, name: str) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1024

    async def _ready(self) -> None:
        while not await self._answers():
            if self.returncode is not None:
                raise AssertionError(f"the daemon ended with {self.returncode}:\n{self.output()}")
            await asyncio.sleep(_POLL)

    async def _answers(self) -> bool:
        started = self.log_lines("server.ready")
        if not started:
            return False
        self.url = started[0]["url"].removesuffix("/v1")
        try:
            async with aiohttp.request("GET", f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process
