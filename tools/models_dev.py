"""What https://github.com/anomalyco/models.dev (MIT) knows of providers' models, read from a checkout of it.

One file describes one model of one provider, by the provider's own name for it; what it does not say, the file of its
`base_model` does. Only models that answer with text are read, and none that is deprecated.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: Its names of providers, and the rows of `providers.yaml`: makers of models, hosts of open ones, gateways to many.
MAKERS: Final[Mapping[str, str]] = {
    "alibaba": "DashScope",
    "inception": "Inception",
    "llama": "LlamaAPI",
    "morph": "Morph",
    "poolside": "Poolside",
    "sarvam": "Sarvam",
    "stepfun": "StepFun",
    "upstage": "Upstage",
    "xiaomi": "Xiaomi",
    "zhipuai": "Zhipu",
}
HOSTS: Final[Mapping[str, str]] = {
    "baseten": "Baseten",
    "chutes": "Chutes",
    "clarifai": "Clarifai",
    "deepinfra": "DeepInfra",
    "digitalocean": "DigitalOcean",
    "friendli": "Friendli",
    "gmicloud": "GMICloud",
    "huggingface": "HuggingFace",
    "io-net": "IoNet",
    "modelscope": "ModelScope",
    "nebius": "Nebius",
    "nvidia": "Nvidia",
    "ollama-cloud": "OllamaCloud",
    "ovhcloud": "OVHcloud",
    "regolo-ai": "Regolo",
    "scaleway": "Scaleway",
    "siliconflow": "SiliconFlow",
    "stackit": "Stackit",
    "synthetic": "Synthetic",
    "tinfoil": "Tinfoil",
    "vultr": "Vultr",
    "wandb": "WandB",
}
GATEWAYS: Final[Mapping[str, str]] = {
    "cortecs": "Cortecs",
    "helicone": "Helicone",
    "kilo": "Kilo",
    "nano-gpt": "NanoGPT",
    "nearai": "NearAI",
    "opencode": "OpenCodeZen",
    "orcarouter": "OrcaRouter",
    "poe": "Poe",
    "requesty": "Requesty",
    "venice": "Venice",
    "vercel": "Vercel",
    "zenmux": "ZenMux",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One model of one provider: its own name there, tokens of context, US dollars for a million tokens."""

    id: str
    context: int | None
    price: Mapping[str, float] | None


def listed(checkout: Path, provider: str) -> Iterator[Listed]:
    """The models of a provider, by the names that it has in the checkout."""
    place = checkout / "providers" / provider / "models"
    for file in sorted(file for file in place.rglob("*.toml") if file.is_file()):  # some are links that lead nowhere
        facts = _facts(checkout, file)
        outputs = facts.get("modalities", {}).get("output", ["text"])
        if facts.get("status") == "deprecated" or outputs != ["text"]:
            continue
        context = facts.get("limit", {}).get("context")
        name = file.relative_to(place).as_posix().removesuffix(".toml")
        yield Listed(id=name, context=context or None, price=_price(facts.get("cost")))


def _facts(checkout: Path, file: Path) -> dict[str, Any]:
    facts = tomllib.loads(file.read_text("utf-8"))
    base = checkout / "models" / f"{facts.get('base_model')}.toml"
    below = tomllib.loads(base.read_text("utf-8")) if base.is_file() else {}
    return {**below, **facts, "limit": {**below.get("limit", {}), **facts.get("limit", {})}}


def _price(cost: Any) -> dict[str, float] | None:
    """A price of nothing is that of a plan, or of a trial: nothing is known then."""
    if not isinstance(cost, Mapping) or not cost.get("input") or not cost.get("output"):
        return None
    names = {"input": "input", "output": "output", "cached": "cache_read", "cache_write": "cache_write"}
    return {ours: float(cost[theirs]) for ours, theirs in names.items() if cost.get(theirs)}
