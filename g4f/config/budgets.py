"""A budget of dollars that some answers do not count against is worth a word."""

from collections.abc import Collection

from g4f.config import tree
from g4f.config.problem import Report
from g4f.config.tree import Node


def check(root: Node, priced: Collection[str], report: Report) -> None:
    """Warn of budgets in dollars where targets have no prices; `priced` are the catalog's rows that have some."""
    free = _unpriced(root, priced)
    for item in tree.items(tree.child(root, "server", "keys")):
        node = tree.child(item, "budget", "usd")
        if node is not None and not tree.is_null(node) and free:
            names = ", ".join(free[:5])
            message = f"no prices are known of {names}: what they answer takes nothing from this budget"
            report.warning(node.place, node.path, message)


def _unpriced(root: Node, priced: Collection[str]) -> list[str]:
    rows = {row.key: row.value for row in tree.entries(tree.child(root, "providers"))}
    used: dict[str, None] = {}
    for model in tree.entries(tree.child(root, "models")):
        for tier in tree.items(tree.child(model.value, "chain")):
            for target in tree.items(tier):
                used[tree.text(tree.child(target, "provider")) or ""] = None
    return [
        name for name in used if name and name not in priced and not tree.entries(tree.child(rows.get(name), "prices"))
    ]
