"""`${NAME}`, `${NAME:-default}` and `$${` (a literal `${`) in the values of the file.

Variables are put in after the YAML was parsed, so that a value can never add structure; keys are left alone.
A value that comes out empty counts as not written. No message holds what a variable contains.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from g4f.config import tree
from g4f.config.problem import Report

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|(?P<bad>\$\{)")


def interpolate(node: tree.Node, environ: Mapping[str, str], report: Report) -> tree.Node:
    """The same tree with every variable replaced. What cannot be replaced is in `report`."""
    match node:
        case tree.Mapping():
            return node.with_values(lambda entry: interpolate(entry.value, environ, report))
        case tree.Sequence():
            return node.with_items(tuple([interpolate(item, environ, report) for item in node.items]))
        case tree.Scalar(value=str() as value) if "${" in value:
            return _scalar(node, value, environ, report)
        case tree.Scalar():
            return node


def _scalar(node: tree.Scalar, value: str, environ: Mapping[str, str], report: Report) -> tree.Scalar:
    found = False

    def put(match: re.Match[str]) -> str:
        nonlocal found
        name, default = match["name"], match["default"]
        if match["bad"]:
            message = "a variable is written ${NAME} or ${NAME:-default}; $${ stands for a literal ${"
            report.broken(node.place, node.path, message)
            return ""
        if name is None:
            return "${"
        found = True
        if default is not None:
            return environ.get(name) or default
        if name not in environ:
            message = f"variable {name} is not set; set it, or give a default: ${{{name}:-default}}"
            report.broken(node.place, node.path, message)
            return ""
        return environ[name]

    text = _REFERENCE.sub(put, value)
    if found and not text:
        return replace(node, value=None, variable=True)
    return replace(node, value=text, variable=found)
