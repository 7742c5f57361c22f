"""What a new configuration changes, in the words of an operator: `model x: B moved before A`.

Two files that mean the same have no difference, however they are written. Secrets are compared and never told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from g4f.config.rows import Row, rows
from g4f.config.schema import ChainEntry, Model
from g4f.config.units import shown_duration
from g4f.gateway.snapshot import Plan
from g4f.router.table import ProviderRules

#: What a running daemon keeps until it is started again; see `gateway/reload.py`.
NEEDS_RESTART: Final = frozenset({"listen", "workers", "state"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what it is about (`model fast`, `provider Lab`, `server`), and what is different there."""

    subject: str
    text: str
    restart: bool = False

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" + (" (needs a restart)" if self.restart else "")


def differences(old: Plan, new: Plan) -> list[Change]:
    """Everything that `new` changes, in the order of the file's sections."""
    return [*_sections(old, new), *_providers(old, new), *_models(old, new)]


def _sections(old: Plan, new: Plan) -> Iterator[Change]:
    without: dict[str, object] = {"providers": {}, "models": None}
    before = rows(old.config.model_copy(update=without), by_name=True)
    after = rows(new.config.model_copy(update=without), by_name=True)
    for path, text in _changed(before, after):
        subject, _, name = path.partition(".")
        yield Change(subject, f"{name} {text}".strip(), restart=(name or subject) in NEEDS_RESTART)


def _providers(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = _in_use(old), _in_use(new)
    yield from (Change(f"provider {name}", "not used any more") for name in before if name not in after)
    yield from (Change(f"provider {name}", "added") for name in after if name not in before)
    for name in after:
        if name in before:
            was, now = old.providers[name], new.providers[name]
            inherited = _Inherited(old.table.providers[name], new.table.providers[name])
            for path, text in _changed(rows(was, by_name=True), rows(now, by_name=True), inherited=inherited):
                yield Change(f"provider {name}", f"{path} {text}")


def _in_use(plan: Plan) -> list[str]:
    if plan.config.models is None and not plan.config.providers:
        return []
    return [name for name, rules in plan.table.providers.items() if rules.listed]


def _models(old: Plan, new: Plan) -> Iterator[Change]:
    before, after = old.config.models or {}, new.config.models or {}
    if (old.config.models is None) != (new.config.models is None):
        served = "only the file's models are served now" if new.config.models else "the catalog's models are served now"
        yield Change("models", served)
    yield from (Change(f"model {name}", "removed") for name in before if name not in after)
    for name, model in after.items():
        if name not in before:
            yield Change(f"model {name}", f"added, {_chain(model)}")
            continue
        was = before[name]
        for text in (*_about(was, model), *_order(was, model), *_targets(was, model, old, new)):
            yield Change(f"model {name}", text)


def _about(old: Model, new: Model) -> Iterator[str]:
    """All that is not the chain."""
    yield from (f"alias {alias} removed" for alias in old.aliases if alias not in new.aliases)
    yield from (f"alias {alias} added" for alias in new.aliases if alias not in old.aliases)
    without = {"chain": (), "aliases": ()}
    for path, text in _changed(rows(old.model_copy(update=without)), rows(new.model_copy(update=without))):
        yield f"{path} {text}"


def _order(old: Model, new: Model) -> Iterator[str]:
    """What was added, removed and moved in the chain, with the least moves."""
    before, after = list(_by_label(old)), list(_by_label(new))
    yield from (f"{label} removed" for label in before if label not in after)
    for index, label in enumerate(after):
        if label not in before:
            yield f"{label} added {_where(after, index)}"
    kept_before = [label for label in before if label in after]
    kept_after = [label for label in after if label in before]
    blocks = SequenceMatcher(None, kept_before, kept_after, autojunk=False).get_matching_blocks()
    stayed = {kept_after[block.b + offset] for block in blocks for offset in range(block.size)}
    for index, label in enumerate(kept_after):
        if label not in stayed:
            yield f"{label} moved {_where(kept_after, index)}"
    if _mates(old, kept_before) != _mates(new, kept_after):
        yield f"tiers {_chain(old)} -> {_chain(new)}"


def _where(order: Sequence[str], index: int) -> str:
    return f"before {order[index + 1]}" if index + 1 < len(order) else "at the end"


def _mates(model: Model, labels: Sequence[str]) -> frozenset[frozenset[str]]:
    """Which targets share a tier, of those that both chains have."""
    return frozenset(frozenset(_label(e) for e in tier if _label(e) in labels) for tier in model.chain) - {frozenset()}


def _targets(was: Model, now: Model, old: Plan, new: Plan) -> Iterator[str]:
    """What is different about a target that both chains have."""
    before = _by_label(was)
    for label, entry in _by_label(now).items():
        if label in before:
            inherited = _Inherited(old.table.providers[entry.provider], new.table.providers[entry.provider])
            for path, text in _changed(rows(before[label]), rows(entry), inherited=inherited):
                yield f"{label}: {path} {text}"


def _by_label(model: Model) -> Mapping[str, ChainEntry]:
    return {_label(entry): entry for tier in model.chain for entry in tier}


def _label(entry: ChainEntry) -> str:
    return f"{entry.provider}/{entry.model}" if entry.model else entry.provider


def _chain(model: Model) -> str:
    tiers = ([_label(entry) for entry in tier] for tier in model.chain)
    return ", ".join(tier[0] if len(tier) == 1 else f"[{', '.join(tier)}]" for tier in tiers)


def _changed(
    old: Iterator[Row], new: Iterator[Row], *, inherited: "_Inherited | None" = None
) -> Iterator[tuple[str, str]]:
    """The paths whose values differ, and how. `inherited` tells what holds where nothing is written."""
    before, after = ({row.path: row for row in found} for found in (old, new))
    gone, come = _named(before) - _named(after), _named(after) - _named(before)
    yield from ((name, "removed") for name in sorted(gone))
    yield from ((name, "added") for name in sorted(come))
    for path in {**before, **after}:
        was, now = before.get(path), after.get(path)
        if path.rpartition(".")[0] in gone | come:
            continue
        if was is None and now is not None and now.value not in ({}, ()):
            yield path, f"{now.text} added"
        elif now is None and was is not None and was.value not in ({}, ()):
            yield path, f"{was.text} removed"
        elif was is not None and now is not None and was.value != now.value:
            left, right = was.text, now.text
            if inherited is not None:
                left, right = inherited.old(path, was), inherited.new(path, now)
            yield path, "has another value" if left == right else f"{left} -> {right}"


def _named(found: Mapping[str, Row]) -> set[str]:
    """The items of lists that are known by their names."""
    return {path.removesuffix(".name") for path in found if path.endswith(".name")}


class _Inherited:
    """What is in effect for a provider where its own row says nothing."""

    def __init__(self, old: ProviderRules, new: ProviderRules) -> None:
        self._old, self._new = old, new

    def old(self, path: str, row: Row) -> str:
        return self._text(self._old, path, row)

    def new(self, path: str, row: Row) -> str:
        return self._text(self._new, path, row)

    @staticmethod
    def _text(rules: ProviderRules, path: str, row: Row) -> str:
        if row.value is not None:
            return row.text
        if path == "retries":
            return str(rules.retries)
        section, _, name = path.partition(".")
        return shown_duration(getattr(rules.timeouts, name)) if section == "timeouts" else row.text
