"""What a file asks for and only an extra of the package can do is warned of while nobody depends on it yet."""

from importlib.util import find_spec

from g4f.config import tree
from g4f.config.problem import Report
from g4f.config.tree import Node


def check(root: Node, report: Report) -> None:
    """Warn of traces that nothing here can send."""
    node = tree.child(root, "traces")
    if node is not None and not tree.is_null(node) and not _is_installed("opentelemetry.exporter"):
        report.warning(node.place, node.path, "nothing is sent without OpenTelemetry: pip install 'g4f[otel]'")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package it is in
        return False
