"""Who takes part, and the one life of a candidate: started, ready, asked, stilled, ended."""

import contextlib
import http.client
import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.candidates.candidate import Candidate, Manners, Place
from bench.candidates.direct import Direct
from bench.candidates.g4f import G4f, G4fOnTwo
from bench.candidates.litellm import LiteLLM
from bench.candidates.nginx import Nginx
from bench.candidates.portkey import Portkey
from bench.candidates.tensorzero import TensorZero
from bench.processes import Cores
from bench.workload import SCENARIOS, Layout, request_body

CANDIDATES: tuple[Candidate, ...] = (Direct(), Nginx(), G4f(), G4fOnTwo(), TensorZero(), Portkey(), LiteLLM())

_POLL = 0.005
#: Seconds after the first answer in which a candidate may load what it put off: neither a request's cost, nor left out
#: of what it takes at rest.
_PUT_OFF = 1.0


@dataclass(slots=True, kw_only=True)
class Started:
    """A candidate that answers. `process` is None for the upstream itself."""

    candidate: Candidate
    manners: Manners
    port: int
    process: "subprocess.Popen[bytes] | None"
    ready_seconds: float = 0.0
    idle_rss: float = 0.0

    def pids(self) -> list[int]:
        return processes.tree(self.process.pid) if self.process else []

    def still(self) -> None:
        if self.process:
            processes.still(self.process.pid)

    def wake(self) -> None:
        if self.process:
            processes.wake(self.process.pid)

    def settle(self) -> None:
        if self.process:
            processes.wait_until_idle(self.process.pid, within=15.0)

    def end(self) -> None:
        if self.process:
            processes.end(self.process)


def start(candidate: Candidate, layout: Layout, place: Place, cores: Cores) -> Started | None:
    """Start a candidate and wait for its first answer. None if it does not take part in this layout.

    Raises RuntimeError with the end of its log if no answer comes.
    """
    place.directory.mkdir(parents=True, exist_ok=True)
    command = candidate.command(place, layout)
    manners = candidate.manners(place, layout)
    if command is None:
        if candidate.name != "direct":
            return None
        return Started(candidate=candidate, manners=manners, port=place.upstream, process=None)
    log = place.directory / "output.log"
    begun = time.monotonic()
    process = processes.start(
        command.words,
        cores=cores.for_proxy(candidate.cores),
        log=log,
        environ=command.environment(place.directory),
        cwd=place.directory,
    )
    try:
        port = _first_answer(candidate, manners, place, process, begun + candidate.ready_within)
    except BaseException:
        processes.end(process)
        raise
    ready = time.monotonic() - begun
    time.sleep(_PUT_OFF)
    processes.wait_until_idle(process.pid, within=5.0)
    started = Started(candidate=candidate, manners=manners, port=port, process=process, ready_seconds=ready)
    started.idle_rss = processes.rss_mib(started.pids())
    return started


def _first_answer(
    candidate: Candidate, manners: Manners, place: Place, process: "subprocess.Popen[bytes]", deadline: float
) -> int:
    body = request_body(SCENARIOS[0], manners.models[0])
    log = place.directory / "output.log"
    said = "no answer"
    while time.monotonic() < deadline and process.poll() is None:
        port = candidate.port(place, log)
        if port is not None:
            said = _ask(port, manners, body)
            if said == "200":
                return port
        time.sleep(_POLL)
    raise RuntimeError(f"{said}; {_end_of(log)}")


def _ask(port: int, manners: Manners, body: bytes) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "application/json", **manners.headers}
        connection.request("POST", manners.path, body, headers)
        answer = connection.getresponse()
        text = answer.read(300)
        return "200" if answer.status == 200 else f"{answer.status} {text.decode(errors='replace')}"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def _end_of(log: Path) -> str:
    with contextlib.suppress(OSError):
        return " | ".join(log.read_text(errors="replace").strip().splitlines()[-4:])[-600:]
    return ""


def job_words(started: Started, scenario: str, *, seconds: float, warm_up: float) -> str:
    """The `bench.load.Job` for a scenario at a candidate, as JSON."""
    return json.dumps(
        {
            "scenario": scenario,
            "port": started.port,
            "path": started.manners.path,
            "headers": dict(started.manners.headers),
            "models": list(started.manners.models),
            "pids": started.pids(),
            "seconds": seconds,
            "warm_up": warm_up,
        }
    )
