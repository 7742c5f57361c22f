"""g4f's own config.yaml: `models: [{name, providers: [{provider, model, condition}]}]`.

Its providers are classes of that program; those that are in the catalog here are taken over. Its conditions know
`error_count` (failures in the last hour), `balance` and `quota`; only the first has an equivalent.
"""

import re
from collections.abc import Mapping
from typing import Final

from g4f.config import condition, names, tree
from g4f.config.importing.draft import Draft, Model, Target
from g4f.config.problem import Report
from g4f.config.tree import Node

#: Its classes for what the catalog calls otherwise.
_CLASSES: Final[Mapping[str, str]] = {
    "openaiapi": "OpenAI",
    "deepseekapi": "DeepSeek",
    "perplexityapi": "Perplexity",
    "huggingfaceapi": "HuggingFace",
    "huggingfaceinference": "HuggingFace",
    "openrouterfree": "OpenRouter",
    "geminipro": "GeminiPro",
    "nvidia": "Nvidia",
    "grokapi": "xAI",
}
_MODEL_KEYS: Final = ("name", "providers")
_PROVIDER_KEYS: Final = ("provider", "model", "condition")


def convert(root: Node, draft: Draft, catalog: Mapping[str, object], report: Report) -> None:
    """Add the routes of the file to the draft. What has no equivalent becomes a warning of the report."""
    known = {**_CLASSES, **{name.lower(): name for name in catalog}}
    for entry in tree.entries(root):
        if entry.key != "models":
            report.warning(entry.place, entry.path, "has no equivalent; left out")
    taken: set[str] = set()
    for node in tree.items(tree.child(root, "models")):
        name = tree.text(tree.child(node, "name"))
        if not name or not names.is_model_name(name):
            report.warning(node.place, node.path, "has no name that a model can have here; left out")
            continue
        if name in taken:
            report.warning(node.place, node.path, f"{name!r} is there already; the first one counts")
            continue
        targets = _targets(node, name, known, catalog, report)
        if not targets:
            report.warning(node.place, node.path, f"no provider of {name!r} is left; the model is left out")
            continue
        taken.add(name)
        draft.models.append(Model(name=name, tiers=[[target] for target in targets]))


def _targets(
    node: Node, name: str, known: Mapping[str, str], catalog: Mapping[str, object], report: Report
) -> list[Target]:
    _note_others(node, _MODEL_KEYS, report)
    found: dict[str, Target] = {}
    for item in tree.items(tree.child(node, "providers")):
        _note_others(item, _PROVIDER_KEYS, report)
        written = tree.text(tree.child(item, "provider")) or ""
        provider = known.get(written.lower())
        model = tree.text(tree.child(item, "model")) or name
        if provider is None or provider not in catalog:
            report.warning(item.place, item.path, f"no provider {written!r} here; left out")
        elif not names.is_upstream_model(model):
            report.warning(item.place, item.path, f"{model!r} cannot be the name of a model here; left out")
        else:
            target = Target(provider=provider, model=None if model == name else model, when=_when(item, report))
            if target.name in found:
                report.warning(item.place, item.path, f"{target.name} is in the chain already; left out")
            found.setdefault(target.name, target)
    return list(found.values())


def _when(item: Node, report: Report) -> str | None:
    node = tree.child(item, "condition")
    written = tree.text(node)
    if node is None or not written or not written.strip():
        return None
    translated = re.sub(r"\berror_count\b", "errors(1h)", " ".join(written.split()))
    try:
        return condition.parse(translated).text
    except condition.WrongCondition:
        message = f"the condition {written[:80]!r} has no equivalent; the provider is used without it"
        report.warning(node.place, node.path, message)
        return None


def _note_others(node: Node, known: tuple[str, ...], report: Report) -> None:
    for entry in tree.entries(node):
        if entry.key not in known:
            report.warning(entry.place, entry.path, "has no equivalent; left out")
