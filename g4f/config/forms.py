"""The short ways of writing things, turned into the long one.

Keys: `key: K` on a provider and bare text in a `keys` list. Chains: `Provider`, `Provider/model` (split at
the first slash) and single entries, which become tiers of one. The new nodes keep the places of the old ones.
"""

from collections.abc import Callable
from dataclasses import replace

from g4f.config import tree
from g4f.config.problem import Report
from g4f.config.tree import Entry, Mapping, Node, Scalar, Sequence


def expand(root: Node, report: Report) -> Node:
    """The same file without short forms. What cannot be expanded is in `report`."""
    root = _edit(root, "server", lambda server: _edit(server, "keys", _named_keys))
    root = _edit(root, "providers", lambda rows: _each(rows, lambda row: _provider(row, report)))
    return _edit(
        root,
        "models",
        lambda rows: _each(rows, lambda row: _edit(row, "chain", lambda chain: _chain(chain, report))),
    )


def _edit(node: Node, key: str, change: Callable[[Node], Node]) -> Node:
    """`node` with the value of one entry changed, where there is such an entry."""
    if not isinstance(node, Mapping):
        return node
    return node.with_values(lambda entry: change(entry.value) if entry.key == key else entry.value)


def _each(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with the values of all its entries changed."""
    if not isinstance(node, Mapping):
        return node
    return node.with_values(lambda entry: change(entry.value))


def _provider(node: Node, report: Report) -> Node:
    short = tree.entry(node, "key")
    if short is None or not isinstance(node, Mapping):
        return _edit(node, "keys", _named_keys)
    if tree.entry(node, "keys"):
        report.problem(short.place, short.path, "`key` and `keys` say the same thing; keep one of them")
    rest = tuple(entry for entry in node.entries if entry.key not in ("key", "keys"))
    keys = Sequence(place=short.value.place, path=short.path, items=(_named(short.value, "default"),))
    return replace(node, entries=(*rest, replace(short, key="keys", value=keys)))


def _named_keys(node: Node) -> Node:
    if not isinstance(node, Sequence):
        return node
    items = (
        _named(item, f"key-{number}") if isinstance(item, Scalar) else item
        for number, item in enumerate(node.items, start=1)
    )
    return replace(node, items=tuple(items))


def _named(key: Node, name: str) -> Mapping:
    label = Scalar(place=key.place, path=key.path, value=name, written=name)
    return _mapping(key, name=label, key=key)


def _chain(node: Node, report: Report) -> Node:
    if not isinstance(node, Sequence):
        return node
    if not node.items:
        report.problem(node.place, node.path, "an empty chain can answer nothing; name a provider")
    return node.with_items(tuple([_tier(item, report) for item in node.items]))


def _tier(node: Node, report: Report) -> Sequence:
    if not isinstance(node, Sequence):
        return Sequence(place=node.place, path=node.path, items=(_target(node),))
    if not node.items:
        report.problem(node.place, node.path, "an empty tier can answer nothing; name a provider")
    for item in node.items:
        if isinstance(item, Sequence):
            report.problem(item.place, item.path, "a tier holds providers, not further lists")
    return node.with_items(tuple([_target(item) for item in node.items if not isinstance(item, Sequence)]))


def _target(node: Node) -> Node:
    written = tree.text(node)
    if written is None or not isinstance(node, Scalar):
        return node
    provider, slash, model = written.partition("/")
    parts = {"provider": provider, "model": model} if slash else {"provider": provider}
    return _mapping(node, **{key: _part(node, part) for key, part in parts.items()})


def _part(node: Scalar, part: str) -> Scalar:
    """A part of a text, in its place."""
    written = node.written if node.variable else part
    return Scalar(
        place=node.place, path=node.path, value=part, written=written, variable=node.variable, begins=node.begins
    )


def _mapping(origin: Node, **values: Node) -> Mapping:
    entries = [Entry(key=key, place=origin.place, path=origin.path, value=value) for key, value in values.items()]
    return Mapping(place=origin.place, path=origin.path, entries=tuple(entries))
