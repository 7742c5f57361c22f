"""What no single value shows: names that point nowhere, names that are taken twice, an open door.

Works on the expanded tree, not on the validated models, so that these problems are reported together with all
others. Parts of the wrong shape are skipped: somebody else reports them.
"""

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from g4f.config import adapters, addresses, budgets, condition, digests, extras, tree, units
from g4f.config.problem import Place, Report
from g4f.config.refusals import did_you_mean
from g4f.config.tree import Node

#: Shorter inbound keys can be guessed (reference: 16 characters of 6 bits are 96 bits).
SHORT_KEY: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the checks need to know from outside the file. `now` is Unix time in seconds."""

    now: float
    catalog: Collection[str] = ()
    listen: str | None = None
    has_key: bool = False
    priced: Collection[str] = ()
    """The rows of the catalog that have prices."""


def check(root: Node, around: Surroundings, report: Report) -> None:
    """Add every broken reference, clash and danger to the report."""
    own = tuple(row.key for row in tree.entries(tree.child(root, "providers")))
    known = frozenset({*own, *around.catalog})
    _providers(root, around, report)
    _proxies(root, report)
    _chains(root, known, report)
    _default_provider(root, known, report)
    _conditions(root, report)
    _model_names(root, report)
    _ignored(root, known, report)
    _inbound_keys(root, around, report)
    _listen(root, around, report)
    _cors(root, around, report)
    budgets.check(root, around.priced, report)
    extras.check(root, report)


def _providers(root: Node, around: Surroundings, report: Report) -> None:
    for row in tree.entries(tree.child(root, "providers")):
        _unique_names(tree.child(row.value, "keys"), report)
        own = tree.child(row.value, "base_url"), tree.child(row.value, "adapter")
        if row.key not in around.catalog and all(tree.is_null(node) for node in own):
            hint = did_you_mean(row.key, around.catalog)
            report.problem(row.place, row.path, f"is not in the catalog, so it needs a base_url{hint}")
        _adapter(row.value, report)


def _adapter(provider: Node, report: Report) -> None:
    node = tree.child(provider, "adapter")
    name = tree.text(node)
    if node is None or name is None or name in adapters.LOCAL:
        return
    if name in adapters.REMOTE:
        if tree.is_null(tree.child(provider, "base_url")):
            message = "speaks to a server, so the provider needs a base_url: the address of that server"
            report.problem(node.place, node.path, message)
        return
    known = adapters.installed()
    if name not in known:
        hint = did_you_mean(name, (*adapters.BUILT_IN, *known))
        message = f"no adapter of this name is built in or installed as an entry point of {adapters.GROUP}{hint}"
        report.problem(node.place, node.path, message)


def _proxies(root: Node, report: Report) -> None:
    names = [row.key for row in tree.entries(tree.child(root, "proxies"))]
    for row in tree.entries(tree.child(root, "proxies")):
        if row.key == "none":
            report.problem(row.place, row.path, "`none` means no proxy; choose another name")
    owners = [tree.child(root, "defaults"), *(p.value for p in tree.entries(tree.child(root, "providers")))]
    for node in (tree.child(owner, "proxy") for owner in owners):
        name = tree.text(node)
        if node is None or name is None or name in (*names, "none") or "://" in name:
            continue
        report.problem(node.place, node.path, f"no proxy of this name in `proxies`{did_you_mean(name, names)}")


def _chains(root: Node, known: frozenset[str], report: Report) -> None:
    for row in tree.entries(tree.child(root, "models")):
        seen: dict[tuple[str, str], Place] = {}
        for target in _targets(tree.child(row.value, "chain")):
            provider = tree.child(target, "provider")
            name = tree.text(provider)
            if provider is None or not name:
                continue
            if name not in known:
                hint = did_you_mean(name, known)
                message = f"no provider {tree.shown(provider)} in `providers` or the catalog{hint}"
                report.problem(provider.place, target.path, message)
                continue
            model = tree.text(tree.child(target, "model")) or ""
            if model.endswith("*") and not row.key.endswith("*"):
                message = "a star stands for what the star of the model's name does, and that has none"
                report.problem(target.place, target.path, message)
            first = seen.setdefault((name, model), target.place)
            if first != target.place:
                message = f"the chain has this target already, at {first.line}:{first.col}"
                report.problem(target.place, target.path, message)


def _default_provider(root: Node, known: frozenset[str], report: Report) -> None:
    node = tree.child(root, "defaults", "provider")
    name = tree.text(node)
    if node is not None and name and name not in known:
        message = f"no provider {tree.shown(node)} in `providers` or the catalog{did_you_mean(name, known)}"
        report.problem(node.place, node.path, message)


def _conditions(root: Node, report: Report) -> None:
    """Checked here and not by the field, for the place inside the expression."""
    for row in tree.entries(tree.child(root, "models")):
        for target in _targets(tree.child(row.value, "chain")):
            node = tree.child(target, "when")
            written = tree.text(node)
            if not isinstance(node, tree.Scalar) or written is None:
                continue
            try:
                condition.parse(written)
            except condition.WrongCondition as wrong:
                exact = node.begins if not node.variable else None
                place = Place(exact.line, exact.col + wrong.col) if exact else node.place
                # What came out of a variable is not repeated: it may be anything.
                message = "the variable's value is not a condition" if node.variable else str(wrong)
                report.problem(place, node.path, message)


def _targets(chain: Node | None) -> Iterator[Node]:
    for tier in tree.items(chain):
        yield from tree.items(tier)


def _model_names(root: Node, report: Report) -> None:
    models = tree.entries(tree.child(root, "models"))
    taken: dict[str, Place] = {}
    for row in models:
        _take(taken, row.key, row.place, row.path, report)
    for row in models:
        for node in tree.items(tree.child(row.value, "aliases")):
            name = tree.text(node)
            if name is not None:
                _take(taken, name, node.place, node.path, report)


def _take(taken: dict[str, Place], name: str, place: Place, path: str, report: Report) -> None:
    first = taken.setdefault(unicodedata.normalize("NFC", name.strip()), place)
    if first != place:
        message = f"this name is taken by the model or alias at {first.line}:{first.col}"
        report.problem(place, path, message)


def _ignored(root: Node, known: frozenset[str], report: Report) -> None:
    for node in tree.items(tree.child(root, "ignored_providers")):
        name = tree.text(node)
        if name is not None and name not in known:
            report.warning(node.place, node.path, f"no provider of this name{did_you_mean(name, known)}")


def _inbound_keys(root: Node, around: Surroundings, report: Report) -> None:
    keys = tree.child(root, "server", "keys")
    _unique_names(keys, report)
    seen: dict[bytes, Place] = {}
    for item in tree.items(keys):
        _expiry(tree.child(item, "expires"), around, report)
        node = tree.child(item, "key")
        value = tree.text(node)
        if node is None or not value:
            continue
        try:
            known = digests.digest_of(value)
        except ValueError:
            continue  # the field says so
        first = seen.setdefault(known, node.place)
        if first != node.place:
            message = f"the same key as at {first.line}:{first.col}; each caller needs its own"
            report.problem(node.place, node.path, message)
        if len(value) < SHORT_KEY:
            message = f"a key of fewer than {SHORT_KEY} characters can be guessed"
            report.warning(node.place, node.path, message)


def _cors(root: Node, around: Surroundings, report: Report) -> None:
    """Every page may ask only where it has to bring a key along."""
    if around.has_key or tree.items(tree.child(root, "server", "keys")):
        return
    for node in tree.items(tree.child(root, "server", "cors", "origins")):
        if tree.text(node) == "*":
            message = "without keys every web page could use the server; name the origins, or add server.keys"
            report.problem(node.place, node.path, message)


def _expiry(node: Node | None, around: Surroundings, report: Report) -> None:
    """A key that has expired refuses no file: a restart must not end the service of all others."""
    written = tree.text(node)
    try:
        if node is not None and written and units.moment(written) <= around.now:
            report.warning(node.place, node.path, "the key has expired; nobody gets in with it")
    except ValueError:
        pass  # the field says so


def _unique_names(keys: Node | None, report: Report) -> None:
    seen: dict[str, Place] = {}
    for item in tree.items(keys):
        node = tree.child(item, "name")
        name = tree.text(node)
        if node is None or name is None:
            continue
        first = seen.setdefault(name, node.place)
        if first != node.place:
            message = f"this name is taken by the key at {first.line}:{first.col}"
            report.problem(node.place, node.path, message)


def _listen(root: Node, around: Surroundings, report: Report) -> None:
    node = tree.child(root, "server", "listen")
    listen = around.listen or tree.text(node)
    if listen is None or around.has_key or tree.items(tree.child(root, "server", "keys")):
        return
    try:
        host, _ = addresses.address(listen)
    except ValueError as wrong:
        if around.listen:
            report.problem(None, "G4F_LISTEN", str(wrong))
        return
    if not addresses.is_loopback(host):
        place, path = (node.place, node.path) if node and not around.listen else (None, "G4F_LISTEN")
        shown = listen if around.listen or node is None else tree.shown(node).strip("'\"")
        way_out = "set G4F_API_KEY, add server.keys or listen on 127.0.0.1"
        if around.listen:
            way_out += " (G4F_LISTEN, --listen or a supervisor's socket decides here)"
        report.problem(place, path, f"listen {shown} without keys: anybody could use it; {way_out}")
