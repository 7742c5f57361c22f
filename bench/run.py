"""The plan of a run: rounds, and in each the layouts, their scenarios, and all candidates one after the other.

Within a scenario the candidates are interleaved round by round, so that what the machine does besides hits all of them
alike; a candidate that is not measured is stopped by a signal and costs nothing.
"""

import json
import os
import platform
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import lineup, processes
from bench.candidates.candidate import ROOT, Candidate, Command, Place, free_port
from bench.candidates.g4f import g4f_yaml
from bench.candidates.libraries import Library
from bench.lineup import Started
from bench.processes import Cores
from bench.workload import TOKEN, UPSTREAM_KEY, Kind, Layout, Scenario, messages, model_names, tokens_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`seconds` is the length of a measurement, of paced streams three times that; at least one stream's length."""

    rounds: int
    seconds: float
    scenarios: Sequence[Scenario]
    candidates: Sequence[Candidate]
    libraries: Sequence[Library]


@dataclass(slots=True)
class Results:
    """All samples of a run: `samples[scenario][candidate]` has one entry a round, as `bench.load.Measured` has it."""

    machine: dict[str, Any]
    titles: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    starts: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    samples: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def add(self, scenario: str, name: str, measured: dict[str, Any]) -> None:
        self.samples.setdefault(scenario, {}).setdefault(name, []).append(measured)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def run(options: Options) -> Results:
    """Set up, measure, and return the samples. Raises RuntimeError where the machine cannot measure."""
    cores = Cores.choose()
    results = Results(machine=_machine(cores, options))
    candidates = [one for one in options.candidates if _set_up(one, one.name, results)]
    libraries = [one for one in options.libraries if _set_up(one, f"client:{one.name}", results)]
    with tempfile.TemporaryDirectory(prefix="g4f-bench-") as directory, _upstream(cores, Path(directory)) as port:
        for number in range(options.rounds):
            for layout in Layout:
                where = Path(directory) / f"{number}-{layout}"
                proxied = [s for s in options.scenarios if s.layout is layout and not s.in_process]
                if proxied:
                    say(f"round {number + 1} of {options.rounds}, layout {layout}")
                    _round(proxied, candidates, options, cores, where, port, results)
            inside = [s for s in options.scenarios if s.in_process]
            for scenario in inside:
                _clients(scenario, libraries, options, cores, Path(directory), port, results)
    return results


def _set_up(one: Candidate | Library, key: str, results: Results) -> bool:
    say(f"setting up {one.title}")
    problem = one.set_up()
    if problem:
        say(f"  skipped: {problem}")
        results.skipped[key] = problem
        return False
    results.titles[key], results.notes[key], results.versions[key] = one.title, one.note, one.version()
    return True


def _round(
    scenarios: Sequence[Scenario],
    candidates: Sequence[Candidate],
    options: Options,
    cores: Cores,
    where: Path,
    upstream: int,
    results: Results,
) -> None:
    started: list[Started] = []
    try:
        for candidate in candidates:
            place = Place(directory=where / candidate.name, port=free_port(), upstream=upstream)
            one = _start(candidate, scenarios[0].layout, place, cores, results)
            if one is not None:
                started.append(one)
        for scenario in scenarios:
            for one in random.sample(started, len(started)):
                _measure(scenario, one, options, cores, where, results)
    finally:
        for one in started:
            one.end()


def _start(candidate: Candidate, layout: Layout, place: Place, cores: Cores, results: Results) -> Started | None:
    try:
        one = lineup.start(candidate, layout, place, cores)
    except RuntimeError as error:
        say(f"  {candidate.title} did not get ready: {error}")
        results.skipped[f"{candidate.name} ({layout})"] = "it did not get ready"
        return None
    if one is None:
        return None
    if one.process is not None:
        say(f"  {candidate.title} answers after {one.ready_seconds:.2f} s")
        if layout is Layout.ONE:
            results.starts.setdefault(candidate.name, []).append((one.ready_seconds, one.idle_rss))
    one.still()
    return one


def _measure(scenario: Scenario, one: Started, options: Options, cores: Cores, where: Path, results: Results) -> None:
    paced = scenario.kind is Kind.PACED
    seconds = max(3 * options.seconds, 2.2) if paced else options.seconds
    warm_up = 1.0 if paced else min(0.5, options.seconds)
    words = lineup.job_words(one, scenario.name, seconds=seconds, warm_up=warm_up)
    one.wake()
    try:
        command = Command(words=[sys.executable, "-m", "bench.load", words])
        out = processes.run_on_core(
            command.words, core=cores.load, environ=command.environment(where), cwd=ROOT, limit=seconds + 60
        )
        one.settle()
    except RuntimeError as error:
        say(f"  {scenario.name:<16} {one.candidate.title:<12} failed: {error}")
        return
    finally:
        one.still()
    _record(scenario, one.candidate.name, one.candidate.title, json.loads(out), results)


def _clients(
    scenario: Scenario,
    libraries: Sequence[Library],
    options: Options,
    cores: Cores,
    directory: Path,
    port: int,
    results: Results,
) -> None:
    place = Place(directory=directory, port=free_port(), upstream=port)
    config = directory / "client.yaml"
    config.write_text(g4f_yaml(place, Layout.ONE))
    for library in random.sample(libraries, len(libraries)):
        job = {
            "library": library.library,
            "base_url": place.base_url(),
            "key": UPSTREAM_KEY,
            "config": str(config),
            "model": model_names(Layout.ONE)[0],
            "messages": messages(scenario),
            "tokens": tokens_of(scenario),
            "token": TOKEN.decode(),
            "stream": scenario.streamed,
            "concurrency": scenario.concurrency,
            "seconds": options.seconds,
            "warm_up": min(0.5, options.seconds),
        }
        environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(ROOT)}
        command = Command(words=[library.python(), "-m", "bench.inprocess", json.dumps(job)], environ=environ)
        try:
            out = processes.run_on_core(
                command.words, core=cores.proxy, environ=command.environment(directory), cwd=directory, limit=90
            )
        except RuntimeError as error:
            say(f"  {scenario.name:<16} {library.title:<12} failed: {error}")
            continue
        _record(scenario, f"client:{library.name}", library.title, json.loads(out.splitlines()[-1]), results)


def _record(scenario: Scenario, name: str, title: str, measured: dict[str, Any], results: Results) -> None:
    results.add(scenario.name, name, measured)
    units = measured["tokens"] if scenario.kind is Kind.PACED else measured["answers"]
    rate = units / measured["wall"]
    cost = f"{1e6 * measured['cpu'] / units:8.0f} us each" if units and measured["cpu"] else ""
    errors = f"  errors: {measured['errors']}" if measured["errors"] else ""
    say(f"  {scenario.name:<16} {title:<12} {rate:10.0f}/s {cost}{errors}")


@contextmanager
def _upstream(cores: Cores, directory: Path) -> Iterator[int]:
    port = free_port()
    command = Command(words=[sys.executable, "-m", "bench.upstream", str(port)])
    log = directory / "upstream.log"
    process = processes.start(
        command.words, cores={cores.upstream}, log=log, environ=command.environment(directory), cwd=ROOT
    )
    try:
        _wait_for(port, process, log)
        yield port
    finally:
        processes.end(process)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError(f"the mock upstream did not start: {log.read_text(errors='replace')[-500:]}")


def _machine(cores: Cores, options: Options) -> dict[str, Any]:
    return {
        "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count(),
        "proxy_core": cores.proxy,
        "upstream_core": cores.upstream,
        "load_core": cores.load,
        "load_average": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
