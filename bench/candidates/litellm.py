"""LiteLLM's proxy, set up as its production notes say."""

import json

from bench.candidates.candidate import (
    CACHE,
    Candidate,
    Command,
    Place,
    distribution_version,
    python_environment,
)
from bench.workload import CHAIN_BUSY, CHAIN_TARGETS, CLIENT_KEY, UPSTREAM_KEY, Layout, model_names


class LiteLLM(Candidate):
    name = "litellm"
    title = "LiteLLM"
    note = (
        "One worker for one core, the master key as inbound key, LITELLM_LOG=ERROR and LITELLM_MODE=PRODUCTION as its "
        "production notes advise, no database. Cooling targets by `order`, `allowed_fails: 0` and `cooldown_time`."
    )
    ready_within = 120.0

    def set_up(self) -> str | None:
        return python_environment("litellm", "litellm[proxy]")

    def version(self) -> str:
        return distribution_version("litellm", "litellm")

    def command(self, place: Place, layout: Layout) -> Command | None:
        path = place.directory / "litellm.yaml"
        path.write_text(json.dumps(_config(place, layout)))
        program = str(CACHE / "litellm" / "bin" / "litellm")
        words = [program, "--config", str(path), "--host", "127.0.0.1", "--port", str(place.port), "--num_workers", "1"]
        environ = {
            "LITELLM_LOG": "ERROR",
            "LITELLM_MODE": "PRODUCTION",
            # Its list of prices would else be fetched at start.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        return Command(words=words, environ=environ)


def _config(place: Place, layout: Layout) -> dict[str, object]:
    """JSON is YAML."""
    targets = CHAIN_TARGETS if layout is Layout.CHAIN else 1
    listed = []
    for name in model_names(layout):
        for number in range(targets):
            busy = layout is Layout.CHAIN and number < CHAIN_BUSY
            where = {"api_base": place.base_url("/busy" if busy else ""), "api_key": UPSTREAM_KEY}
            order = {"order": number + 1} if layout is Layout.CHAIN else {}
            listed.append({"model_name": name, "litellm_params": {"model": f"openai/{name}", **where, **order}})
    config: dict[str, object] = {
        "model_list": listed,
        "litellm_settings": {"telemetry": False, "set_verbose": False},
        "general_settings": {"master_key": CLIENT_KEY},
    }
    if layout is Layout.CHAIN:
        config["router_settings"] = {
            "enable_pre_call_checks": True,
            "allowed_fails": 0,
            "cooldown_time": 600,
            "num_retries": CHAIN_BUSY,
        }
    return config
