"""Gather what is known of models into `g4f/catalog/gathered.json`: names, context windows, prices, who serves them.

`python -m tools.catalog CHECKOUT`. The facts are those of the package genai-prices (MIT,
https://github.com/pydantic/genai-prices), which is data and asks nobody, and below them those of a checkout of
models.dev (`models_dev.py`). A model is listed if OpenRouter names its maker, or its maker's own row here does; a
provider serves it if its own name for it comes down to the same. What is deprecated is left out.
"""

import datetime
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from genai_prices.data import providers as gathered

from tools import models_dev

TARGET: Final = Path(__file__).parent.parent / "g4f" / "catalog" / "gathered.json"

#: genai-prices' names of providers, and the rows of `providers.yaml`, the makers of models first.
ROWS: Final[Mapping[str, str]] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "GeminiPro",
    "mistral": "Mistral",
    "deepseek": "DeepSeek",
    "x-ai": "xAI",
    "cohere": "Cohere",
    "minimax": "MiniMax",
    "moonshotai": "Moonshot",
    "zai": "Zai",
    "perplexity": "Perplexity",
    "groq": "Groq",
    "cerebras": "Cerebras",
    "together": "Together",
    "fireworks": "Fireworks",
    "novita": "Novita",
}
#: OpenRouter's names of makers, and the row that is the maker's own.
MAKERS: Final[Mapping[str, str | None]] = {
    "openai": "OpenAI", "anthropic": "Anthropic", "google": "GeminiPro", "mistralai": "Mistral",
    "deepseek": "DeepSeek", "x-ai": "xAI", "cohere": "Cohere", "minimax": "MiniMax", "moonshotai": "Moonshot",
    "z-ai": "Zai", "perplexity": "Perplexity", "meta-llama": None, "meta": None, "qwen": None, "microsoft": None,
    "nvidia": None, "amazon": None, "ai21": None, "ibm-granite": None, "baidu": None, "tencent": None,
    "bytedance-seed": None, "inception": None, "liquid": None, "nousresearch": None, "arcee-ai": None, "allenai": None,
    "inclusionai": None, "xiaomi": None, "stepfun": None, "stepfun-ai": None,
}  # fmt: skip
#: Rows that serve open models: a tier, before the one account for all.
HOSTS: Final = ("Groq", "Cerebras", "Together", "Fireworks", "Novita")
#: What stands before a name on the wire, where genai-prices leaves it out.
PREFIXES: Final = {"Fireworks": "accounts/fireworks/models/"}
#: What a name may end with without being another model.
_ENDINGS = re.compile(r"(?:-(?:instruct|turbo|fp8|it|hf|chat|versatile|instant|tput))+$")
#: What is asked for otherwise than by a chat, or is no model of its own.
_NO_CHAT = re.compile(
    r"embed|rerank|moderation|whisper|tts|transcribe|audio|speech|image|dall-e|sora|realtime|guard|ocr|lyria|veo|voxtral"
    r"|imagen|search-preview|computer-use|deep-research|^ft:|:|auto$|router|bodybuilder|safeguard",
)


def main() -> None:
    """Write the file."""
    rows = {provider.id: provider for provider in gathered}
    served = {row: dict(_by_key(rows[own])) for own, row in ROWS.items()}
    # With its maker a model has one name, endings and all; hosts of open models add some of their own.
    made = {row: {_spelt(m.id): m for m in rows[own].models if not m.deprecated} for own, row in ROWS.items()}
    models: dict[str, Any] = {}
    names: dict[str, dict[str, str]] = {}
    prices: dict[str, dict[str, Any]] = {}
    for model in rows["openrouter"].models:
        maker, _, name = model.id.partition("/")
        if model.deprecated or maker not in MAKERS or _NO_CHAT.search(name):
            continue
        public = _public(name)
        if public in models:
            continue
        found = {row: known[_key(name)] for row, known in served.items() if row in HOSTS and _key(name) in known}
        own = MAKERS[maker]
        if own is not None and _spelt(name) in made[own]:
            found = {own: made[own][_spelt(name)], **found}
        models[public] = _described(model, maker, [*found])
        for row, other in [*found.items(), ("OpenRouter", model)]:
            own_name = PREFIXES.get(row, "") + other.id
            if own_name != public:
                names.setdefault(row, {})[public] = own_name
            cost = _price(other)
            if cost is not None:
                prices.setdefault(row, {})[own_name] = cost
    _add_listed(Path(sys.argv[1]), models, names, prices)
    document = {
        "source": f"genai-prices {version('genai-prices')} and models.dev (MIT)",
        "checked": datetime.date.today().isoformat(),
        "models": dict(sorted(models.items())),
        "names": names,
        "prices": prices,
    }
    TARGET.write_text(_written(document))
    print(f"{len(models)} models, {sum(map(len, names.values()))} names, {sum(map(len, prices.values()))} prices")


def _add_listed(checkout: Path, models: dict[str, Any], names: dict[str, Any], prices: dict[str, Any]) -> None:
    """What models.dev lists: the makers' own models first, then who else serves what is known by then."""
    for known in (models_dev.MAKERS, models_dev.HOSTS, models_dev.GATEWAYS):
        publics = {_key(public): public for public in models}
        for provider, row in known.items():
            for model in models_dev.listed(checkout, provider):
                name = model.id.rpartition("/")[2]
                if _NO_CHAT.search(name.lower()):
                    continue
                public = publics.get(_key(name))
                if public is None and known is models_dev.MAKERS:
                    public = publics[_key(name)] = _public(name)
                    models[public] = {"family": provider, "chain": []}
                if public is not None and public not in names.get(row, {}) and _add_row(models[public], row, known):
                    if model.context:
                        models[public].setdefault("context", model.context)
                    names.setdefault(row, {})[public] = model.id
                    if model.price is not None:
                        prices.setdefault(row, {})[model.id] = model.price


def _add_row(described: dict[str, Any], row: str, known: Mapping[str, str]) -> bool:
    """Put a row into a model's chain, unless it is there: a maker before, a host among hosts, a gateway behind."""
    chain: list[list[str]] = described["chain"]
    if any(row in tier for tier in chain):
        return False
    rows, behind = set(HOSTS) | set(models_dev.HOSTS.values()), set(models_dev.GATEWAYS.values())
    if known is models_dev.MAKERS:
        chain.insert(0, [row])
        return True
    tier = next((tier for tier in chain if tier[0] in (rows if known is models_dev.HOSTS else behind)), None)
    if tier is not None:
        tier.append(row)
    elif known is models_dev.HOSTS:
        place = next((place for place, tier in enumerate(chain) if tier == ["OpenRouter"]), len(chain))
        chain.insert(place, [row])
    else:
        chain.append([row])
    return True


def _by_key(provider: Any) -> Iterator[tuple[str, Any]]:
    """The provider's models by what their names come down to; of several the shortest name is the model itself."""
    for model in sorted(provider.models, key=lambda model: -len(model.id)):
        if not model.deprecated and not _NO_CHAT.search(model.id.rpartition("/")[2].lower()):
            yield _key(model.id.rpartition("/")[2]), model


def _key(name: str) -> str:
    """What a name comes down to, however a provider spells it."""
    return _spelt(_ENDINGS.sub("", _public(name)))


def _spelt(name: str) -> str:
    """A name whatever it has between its digits."""
    return re.sub(r"(?<=\d)[.p_](?=\d)", "-", _public(name))


def _public(name: str) -> str:
    return name.lower()


def _described(model: Any, maker: str, rows: list[str]) -> dict[str, Any]:
    first = [row for row in rows if row not in HOSTS]
    tier = [row for row in rows if row in HOSTS]
    chain = [[row] for row in first] + ([tier] if tier else []) + [["OpenRouter"]]
    described: dict[str, Any] = {"family": maker, "chain": chain}
    if model.context_window:
        described["context"] = model.context_window
    return described


def _price(model: Any) -> dict[str, float] | None:
    """US dollars for a million tokens, where that is all there is to it: of prices that have a date the one that holds
    today, of those that have hours the one of all other hours."""
    prices = model.prices
    if isinstance(prices, list):
        held = [price.prices for price in prices if _holds(price.constraint)]
        if not held:
            return None
        prices = held[-1]
    cost = {
        "input": prices.input_mtok,
        "output": prices.output_mtok,
        "cached": prices.cache_read_mtok,
        "cache_write": prices.cache_write_mtok,
    }
    plain = {name: _number(value) for name, value in cost.items() if value is not None}
    if None in plain.values() or "input" not in plain or "output" not in plain:
        return None
    return {name: value for name, value in plain.items() if value is not None}


def _holds(constraint: Any) -> bool:
    begins = getattr(constraint, "start_date", None)
    return constraint is None or (begins is not None and begins <= datetime.date.today())


def _number(value: Any) -> float | None:
    """A price; one that depends on the length of the prompt is its first step, which most requests pay."""
    value = getattr(value, "base", value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _written(document: Mapping[str, Any]) -> str:
    """One line for each entry, so that a change is readable."""
    parts = []
    for name, value in document.items():
        if isinstance(value, str):
            parts.append(f"{json.dumps(name)}: {json.dumps(value)}")
            continue
        inner = ",\n".join(f"  {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
        parts.append(f"{json.dumps(name)}: {{\n{inner}\n}}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
