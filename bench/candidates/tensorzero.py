"""TensorZero's HTTP gateway, written in Rust, as its Python wheel carries it."""

import json
from pathlib import Path

from bench.candidates.candidate import (
    CACHE,
    ROOT,
    Candidate,
    Command,
    Manners,
    Place,
    distribution_version,
    python_environment,
)
from bench.workload import CHAIN_BUSY, CHAIN_TARGETS, CLIENT_KEY, UPSTREAM_KEY, Layout, model_names

_LISTENS = "listening on "


class TensorZero(Candidate):
    name = "tensorzero"
    title = "TensorZero"
    note = (
        "The HTTP gateway of the PyPI wheel, observability off. Inbound keys need a database and are off. It has no "
        "cooldowns: the targets that are out of order are tried each time."
    )

    def set_up(self) -> str | None:
        return python_environment("tensorzero", "tensorzero")

    def version(self) -> str:
        return distribution_version("tensorzero", "tensorzero")

    def command(self, place: Place, layout: Layout) -> Command | None:
        path = place.directory / "tensorzero.toml"
        path.write_text("\n".join(_config(place, layout)))
        python = str(CACHE / "tensorzero" / "bin" / "python")
        words = [python, str(ROOT / "bench" / "tensorzero_gateway.py"), str(path), _LISTENS]
        return Command(words=words, environ={"BENCH_UPSTREAM_KEY": UPSTREAM_KEY})

    def manners(self, place: Place, layout: Layout) -> Manners:
        models = [f"tensorzero::model_name::{name}" for name in model_names(layout)]
        headers = {"Authorization": f"Bearer {CLIENT_KEY}"}
        return Manners(path="/openai/v1/chat/completions", headers=headers, models=models)

    def port(self, place: Place, log: Path) -> int | None:
        """It chooses its port itself and says so."""
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith(_LISTENS):
                return int(line.removeprefix(_LISTENS).split("//")[1].split("/")[0].rpartition(":")[2])
        return None


def _config(place: Place, layout: Layout) -> list[str]:
    lines = ["[gateway]", "observability.enabled = false", "disable_pseudonymous_usage_analytics = true"]
    targets = CHAIN_TARGETS if layout is Layout.CHAIN else 1
    for name in model_names(layout):
        names = [f"mock{number}" for number in range(targets)]
        lines += [f"[models.{name}]", f"routing = {json.dumps(names)}"]
        for number, target in enumerate(names):
            busy = layout is Layout.CHAIN and number < CHAIN_BUSY
            lines += [
                f"[models.{name}.providers.{target}]",
                'type = "openai"',
                f'model_name = "{name}"',
                f'api_base = "{place.base_url("/busy" if busy else "")}/"',
                'api_key_location = "env::BENCH_UPSTREAM_KEY"',
            ]
    return [*lines, ""]
