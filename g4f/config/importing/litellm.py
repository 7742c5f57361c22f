"""LiteLLM's config.yaml: deployments of one name become a tier, its fallbacks the tiers after it.

What it does by request parameters, callbacks, caches and its database has no equivalent and is noted. Keys are never
copied: one that is written out becomes a variable, and a note says which.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from g4f.config import names, schema, tree
from g4f.config.importing import litellm_upstreams as upstreams
from g4f.config.importing.draft import Draft, Model, Provider, Target
from g4f.config.importing.litellm_deployments import Deployment, Reader, seconds, value_of
from g4f.config.problem import Report
from g4f.config.tree import Node, Scalar

_SECTIONS: Final = (
    "model_list",
    "litellm_settings",
    "router_settings",
    "general_settings",
    "environment_variables",
    "credential_list",
)
_FALLBACKS: Final[Mapping[str, str | None]] = {
    "fallbacks": None,
    "context_window_fallbacks": "context_length",
    "content_policy_fallbacks": "content_filter",
}
_TRANSLATED: Final = frozenset(
    {*_FALLBACKS, "default_fallbacks", "num_retries", "request_timeout", "timeout", "stream_timeout"}
    | {"routing_strategy", "model_group_alias", "master_key"}
)
_BALANCE: Final[Mapping[str, str | None]] = {"simple-shuffle": None, "latency-based-routing": "latency"}
#: Where it listens unless its command line says otherwise; only its port is kept, not its being open to everybody.
_LISTEN: Final = "127.0.0.1:4000"


def convert(root: Node, draft: Draft, catalog: Mapping[str, schema.Provider], report: Report) -> None:
    """Add the file to the draft. What has no equivalent becomes a warning of the report."""
    _Conversion(root, draft, catalog, report).run()


class _Conversion:
    def __init__(self, root: Node, draft: Draft, catalog: Mapping[str, schema.Provider], report: Report) -> None:
        self._root = root
        self._draft = draft
        self._catalog = catalog
        self._report = report
        self._written: dict[str, str] = {}
        self._referenced = set(_references(root))

    def run(self) -> None:
        providers = _Providers(self._draft, self._catalog)
        found = [providers.see(d) for d in Reader(self._report, self._secret, self._catalog).deployments(self._root)]
        models = self._models(found, providers)
        self._settings(models)
        self._fall_back(models)
        self._draft.models = list(models.values())
        providers.write()

    def _secret(self, node: Scalar, name: str) -> str:
        """The variable for a value that a file should not hold: its own reference, or a new name."""
        value = value_of(node) or str(node.value)
        if value.startswith("${"):
            self._draft.variables.append(value[2:-1])
            return value
        known = self._written.get(value)
        if known is None:
            taken = {*self._written.values(), *self._referenced}
            known = next(n for n in (name, *(f"{name}_{i}" for i in range(2, 10_000))) if n not in taken)
            self._written[value] = known
        self._report.warning(node.place, node.path, f"is not copied: put it into the environment as {known}")
        self._draft.variables.append(known)
        return f"${{{known}}}"

    def _models(self, found: Iterable[Deployment], providers: "_Providers") -> dict[str, Model]:
        models: dict[str, Model] = {}
        tiers: dict[tuple[str, int], list[Target]] = {}
        for deployment in sorted(found, key=lambda d: d.order):
            model = models.setdefault(deployment.name, Model(name=deployment.name, tiers=[]))
            tier = tiers.get((deployment.name, deployment.order))
            if tier is None:
                tier = tiers[deployment.name, deployment.order] = []
                model.tiers.append(tier)
            target = Target(
                provider=providers.name(deployment),
                model=None if deployment.model in ("", deployment.name) else deployment.model,
                weight=deployment.weight,
                timeouts=deployment.timeouts,
                retries=deployment.retries,
            )
            same = next((other for t in model.tiers for other in t if other.name == target.name), None)
            if same is None:
                tier.append(target)
            else:
                same.weight = min(same.weight + target.weight, 10_000)
        for model in models.values():
            model.tiers = [tier for tier in model.tiers if tier]
            for tier in model.tiers:
                if len({target.weight for target in tier}) == 1:
                    for target in tier:
                        target.weight = 1
        return models

    def _settings(self, models: Mapping[str, Model]) -> None:
        for section in tree.entries(self._root):
            if section.key not in _SECTIONS:
                self._report.warning(section.place, section.path, "has no equivalent; left out")
            elif section.key == "environment_variables":
                for entry in tree.entries(section.value):
                    self._report.warning(entry.place, entry.path, "belongs into the environment of g4fd; not copied")
            elif section.key not in ("model_list", "credential_list"):
                for entry in tree.entries(section.value):
                    if entry.key not in _TRANSLATED:
                        self._report.warning(entry.place, entry.path, "has no equivalent; left out")
        self._server()
        self._limits()
        self._strategy(models)
        self._aliases(models)

    def _server(self) -> None:
        node = tree.child(self._root, "general_settings", "master_key")
        self._draft.listen = _LISTEN
        if isinstance(node, Scalar) and node.value:
            self._draft.inbound = self._secret(node, "LITELLM_MASTER_KEY")

    def _limits(self) -> None:
        for node in self._both("num_retries"):
            if isinstance(node, Scalar) and isinstance(node.value, int) and 0 <= node.value <= 10:
                self._draft.retries = node.value
        for theirs, ours in ((("request_timeout", "timeout"), "total"), (("stream_timeout",), "first_token")):
            for node in (found for name in theirs for found in self._both(name)):
                duration = seconds(node)
                if duration is None:
                    self._report.warning(node.place, node.path, "is not a number of seconds; left out")
                else:
                    self._draft.timeouts[ours] = duration

    def _strategy(self, models: Mapping[str, Model]) -> None:
        node = tree.child(self._root, "router_settings", "routing_strategy")
        written = tree.text(node)
        if node is None or written is None:
            return
        if written not in _BALANCE:
            self._report.warning(node.place, node.path, f"{written!r} has no equivalent; balanced by weight")
        for model in models.values():
            if any(len(tier) > 1 for tier in model.tiers):
                model.balance = _BALANCE.get(written)

    def _aliases(self, models: Mapping[str, Model]) -> None:
        for entry in tree.entries(tree.child(self._root, "router_settings", "model_group_alias")):
            name = tree.text(entry.value) or tree.text(tree.child(entry.value, "model"))
            taken = entry.key in models or any(entry.key in model.aliases for model in models.values())
            if name is not None and name in models and names.is_exact_name(entry.key) and not taken:
                models[name].aliases.append(entry.key)
            else:
                self._report.warning(entry.place, entry.path, "leads to no model that is left; left out")

    def _fall_back(self, models: Mapping[str, Model]) -> None:
        """Append the chains of the models that are fallen back to, each as it stood before."""
        before = {name: [list(tier) for tier in model.tiers] for name, model in models.items()}
        for setting, kind in _FALLBACKS.items():
            for written, others in self._written_fallbacks(setting):
                for name in models if written == "*" and "*" not in models else [written]:
                    self._append(models, before, name, others, kind)
        for node in self._both("default_fallbacks"):
            for name in models:
                self._append(models, before, name, tree.items(node), None)

    def _written_fallbacks(self, setting: str) -> Iterator[tuple[str, tuple[Node, ...]]]:
        for node in self._both(setting):
            for item in tree.items(node):
                for entry in tree.entries(item):
                    yield entry.key, tree.items(entry.value)

    def _append(
        self,
        models: Mapping[str, Model],
        before: Mapping[str, list[list[Target]]],
        name: str,
        others: Iterable[Node],
        kind: str | None,
    ) -> None:
        for node in others:
            other = tree.text(node)
            chain = _chain(other, before) if other is not None else None
            if other is None or name not in models or chain is None:
                self._report.warning(node.place, node.path, f"no fallback from {name!r} to {other!r}; left out")
                continue
            if other == name:
                continue
            model = models[name]
            if kind and kind not in model.fallback_on:
                model.fallback_on.append(kind)
            there = {_named(target, model.name) for tier in model.tiers for target in tier}
            for moved in chain:
                kept = [target for target in moved if _named(target, model.name) not in there]
                there |= {_named(target, model.name) for target in kept}
                if kept:
                    model.tiers.append(kept)

    def _both(self, name: str) -> Iterator[Node]:
        for section in ("litellm_settings", "router_settings"):
            node = tree.child(self._root, section, name)
            if node is not None and not tree.is_null(node):
                yield node


def _references(node: Node) -> Iterator[str]:
    """The variables that the file names: none of them may come to mean something else."""
    match node:
        case tree.Mapping():
            for entry in node.entries:
                yield from _references(entry.value)
        case tree.Sequence():
            for item in node.items:
                yield from _references(item)
        case Scalar():
            value = value_of(node) or ""
            if value.startswith("${"):
                yield value[2:-1]


def _chain(name: str, models: Mapping[str, list[list[Target]]]) -> list[list[Target]] | None:
    """The targets of a model, or of the longest pattern that it matches, with what goes upstream written out: in the
    chain of another model neither its own name nor what its star stands for is known."""
    patterns = sorted((m for m in models if m.endswith("*") and name.startswith(m[:-1])), key=len)
    found = name if name in models else patterns[-1] if patterns else None
    if found is None or name.endswith("*"):
        return models.get(name)
    matched = name.removeprefix(found.removesuffix("*")) if found != name else ""

    def own(model: str | None) -> str:
        return name if model is None else f"{model[:-1]}{matched}" if model.endswith("*") else model

    return [[replace(target, model=own(target.model)) for target in tier] for tier in models[found]]


def _named(target: Target, model: str) -> tuple[str, str]:
    return target.provider, target.model or model


class _Providers:
    """The rows that the deployments need: one for each upstream, or for each of its keys where models differ in it."""

    def __init__(self, draft: Draft, catalog: Mapping[str, schema.Provider]) -> None:
        self._draft = draft
        self._catalog = catalog
        self._seen: dict[tuple[str, str | None], list[Deployment]] = {}
        self._rows: dict[tuple[str, str | None, str | None], Provider] = {}

    def see(self, deployment: Deployment) -> Deployment:
        """Take note of a deployment; it comes back with the usual key of its provider where it has none."""
        shipped = self._catalog.get(upstreams.ROWS.get(deployment.kind, ""))
        if deployment.key is None and deployment.base is None and shipped is not None and shipped.key_env:
            deployment = replace(deployment, key=f"${{{shipped.key_env}}}")
        self._seen.setdefault((deployment.kind, deployment.base), []).append(deployment)
        return deployment

    def name(self, deployment: Deployment) -> str:
        """What the provider of a deployment is called; its row is made with the first that asks."""
        upstream = (deployment.kind, deployment.base)
        key = None if self._shares_keys(upstream) else deployment.key
        row = self._rows.get((*upstream, key))
        if row is None:
            row = self._rows[*upstream, key] = self._row(deployment)
        row.headers |= deployment.headers
        if deployment.key and deployment.kind not in upstreams.AZURE and deployment.key not in row.keys.values():
            row.keys[f"key-{len(row.keys) + 1}"] = deployment.key
        return row.name

    def write(self) -> None:
        """Add to the draft what the catalog does not say already."""
        for row in self._rows.values():
            shipped = self._catalog.get(row.name)
            usual = shipped is not None and list(row.keys.values()) in ([], [f"${{{shipped.key_env}}}"])
            if row.base_url or row.headers or not usual:
                self._draft.providers.append(row)

    def _shares_keys(self, upstream: tuple[str, str | None]) -> bool:
        by_model: dict[str, set[str | None]] = {}
        for deployment in self._seen[upstream]:
            by_model.setdefault(deployment.name, set()).add(deployment.key)
        return len({frozenset(keys) for keys in by_model.values()}) == 1

    def _row(self, deployment: Deployment) -> Provider:
        kind, base = deployment.kind, deployment.base
        shipped = self._catalog.get(upstreams.ROWS.get(kind, ""))
        if base is None:
            name = self._free(upstreams.ROWS[kind])
            copied = shipped is not None and name != upstreams.ROWS[kind]
            return Provider(name=name, base_url=shipped.base_url if copied and shipped else None)
        row = Provider(name=self._free(_name(kind, base)), base_url=base)
        if kind in ("ollama", "ollama_chat") and not base.rstrip("/").endswith("/v1"):
            row.base_url = f"{base.rstrip('/')}/v1"
        elif kind in upstreams.AZURE:
            row.base_url = f"{base.rstrip('/').removesuffix('/openai/v1')}/openai/v1"
            if deployment.key:
                row.headers["api-key"] = deployment.key
        else:
            row.dialect = upstreams.DIALECTS.get(kind)
        return row

    def _free(self, name: str) -> str:
        taken = {row.name for row in self._rows.values()}
        return next(n for n in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if n not in taken)


def _name(kind: str, base: str) -> str:
    """A provider's name after its kind and host, such as `hosted_vllm-10.0.0.1`."""
    host = base[2:-1] if base.startswith("${") else (urlsplit(base).hostname or "")
    return re.sub(r"[^A-Za-z0-9._-]", "-", f"{kind or 'provider'}-{host}")[:60].strip("-")
