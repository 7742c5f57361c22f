"""A reload of many models under a beating loop: how long it takes, and how long nothing else ran.

`python -m bench.reload --models 10000`. The daemon runs in this process, as `g4fd` runs it; a timer beats in its event
loop every millisecond, and what a beat comes too late is a stall that every request would have felt. The same is
measured while nothing is reloaded, for what the machine itself adds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.candidates.candidate import free_port
from g4f import log
from g4f.api.following import Following
from g4f.config.load import load
from g4f.config.settings import Settings
from g4f.gateway.reload import ReloadResult

BEAT = 0.001


def config(models: int, version: int) -> str:
    """A file with so many models, whose every chain changes with `version`."""
    rows = [f"  m{number}: {{chain: [Mock/own-{number}-{version}]}}\n" for number in range(models)]
    provider = "  Mock: {base_url: http://127.0.0.1:9/v1, keys: [{name: mock, key: sk-bench-upstream}]}\n"
    return f"server: {{listen: 127.0.0.1:{free_port()}}}\nproviders:\n{provider}models:\n{''.join(rows)}"


class Beats:
    """Beats in the running loop; `latest` is by how many seconds the beat came too late that was latest."""

    def __init__(self) -> None:
        self.latest = 0.0

    async def run(self) -> None:
        while True:
            due = time.perf_counter() + BEAT
            await asyncio.sleep(BEAT)
            self.latest = max(self.latest, time.perf_counter() - due)


async def measure(models: int, rounds: int, directory: Path) -> list[dict[str, float]]:
    """Seconds of each reload, of the longest stall within it, and of the longest in as much time without one."""
    path = directory / "g4f.yaml"
    path.write_text(config(models, 0))
    path.chmod(0o600)
    settings = Settings()
    following = Following(load(path, environ={}, settings=settings), environ={}, settings=settings)
    following.serving.begin()
    log.silence()
    found = []
    for number in range(rounds):
        path.write_text(config(models, number + 1))
        beats = Beats()
        beating = asyncio.create_task(beats.run())
        await asyncio.sleep(0.2)
        beats.latest, began = 0.0, time.perf_counter()
        reloaded = await following.reloader.reload("signal")
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.3)  # what is left of the old one goes now
        stall, beats.latest = beats.latest, 0.0
        await asyncio.sleep(seconds)
        found.append({"seconds": seconds, "stall": stall, "idle_stall": beats.latest})
        beating.cancel()
        if reloaded.result is not ReloadResult.APPLIED:
            raise RuntimeError(f"the reload was {reloaded.result}: {reloaded.problems[:1]}")
    await following.end()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.reload", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000, metavar="N", help="models in the file (10000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="reloads (5)")
    options = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="g4f-bench-") as directory,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        found = runner.run(measure(options.models, options.rounds, Path(directory)))
    for one in found:
        print(
            f"{options.models} models: {one['seconds']:.2f} s, longest stall {1000 * one['stall']:.1f} ms "
            f"(without a reload {1000 * one['idle_stall']:.1f} ms)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
