"""This program's daemon, from this tree, as its users run it."""

import sys

from bench.candidates.candidate import ROOT, Candidate, Command, Place
from bench.workload import CHAIN_BUSY, CHAIN_TARGETS, CLIENT_KEY, UPSTREAM_KEY, Layout, model_names


def g4f_yaml(place: Place, layout: Layout) -> str:
    """The file for a layout."""
    key = f'keys: [{{name: mock, key: "{UPSTREAM_KEY}"}}]'
    busy = range(CHAIN_BUSY)
    providers = [f"  Mock: {{base_url: {place.base_url()}, {key}}}"]
    chain = "[Mock]"
    if layout is Layout.CHAIN:
        urls = [place.base_url("/busy" if number in busy else "") for number in range(CHAIN_TARGETS)]
        providers = [f"  Mock{number}: {{base_url: {url}, {key}}}" for number, url in enumerate(urls)]
        chain = "[" + ", ".join(f"Mock{number}" for number in range(CHAIN_TARGETS)) + "]"
    models = [f"  {name}: {{chain: {chain}}}" for name in model_names(layout)]
    server = [f"  listen: 127.0.0.1:{place.port}", f'  keys: [{{name: bench, key: "{CLIENT_KEY}"}}]']
    return "\n".join(["server:", *server, "providers:", *providers, "models:", *models, ""])


class G4f(Candidate):
    name = "g4f"
    title = "g4f"
    note = "This tree, one process, features on: keys checked, routing, health, one JSON line a request, to a file."
    workers = 1

    def version(self) -> str:
        from g4f.version import __version__

        return __version__

    def command(self, place: Place, layout: Layout) -> Command | None:
        path = place.directory / "g4f.yaml"
        path.write_text(g4f_yaml(place, layout).replace("server:", f"server:\n  workers: {self.workers}", 1))
        words = [sys.executable, "-m", "g4f.cli.daemon", "--config", str(path)]
        return Command(words=words, environ={"PYTHONPATH": str(ROOT)})


class G4fOnTwo(G4f):
    """The same with two workers."""

    name = "g4f-2"
    title = "g4f, 2 workers"
    note = (
        "The same with `workers: 2`, on two cores where the machine has four. Where it has fewer, both share the "
        "proxy's core, and only CPU per request says what a second core would bring."
    )
    workers = cores = 2
