"""A file of expectations about routes: a list of `{model, expect, provider}`, each with its place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from g4f.config import tree
from g4f.config.parse import parse
from g4f.config.problem import Report
from g4f.config.read import Unreadable, decode, read_stable
from g4f.errors import ConfigError

_MAX_BYTES: Final = 1024 * 1024
_KEYS: Final = ("model", "expect", "provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One entry of the file; `place` is `file:line:col`."""

    model: str
    expect: tuple[str, ...]
    provider: str | None
    place: str


def read(path: Path) -> tuple[Written, ...]:
    """The expectations of a file. Raises ConfigError with everything that is wrong."""
    report = Report(str(path))
    root: tree.Node | None = None
    try:
        root = parse(decode(read_stable(path, limit=_MAX_BYTES)), report)
    except Unreadable as error:
        report.problem(None, "", str(error))
    except UnicodeDecodeError:
        report.problem(None, "", "is not UTF-8")
    if not report.problems and not tree.items(root):
        message = "must be a list of expectations: - {model: fast, expect: [OpenAI, Ollama]}"
        report.problem(root.place if root else None, "", message)
    found = [_entry(item, report) for item in tree.items(root)]
    if report.problems:
        raise ConfigError(report.in_order())
    return tuple(entry for entry in found if entry is not None)


def _entry(node: tree.Node, report: Report) -> Written | None:
    for entry in tree.entries(node):
        if entry.key not in _KEYS:
            report.problem(entry.place, entry.path, f"unknown key; there are {', '.join(_KEYS)}")
    model, expect = tree.text(tree.child(node, "model")), tree.child(node, "expect")
    provider = tree.child(node, "provider")
    if not model:
        report.problem(node.place, node.path, "names no model; write {model: NAME, expect: [PROVIDER, ...]}")
    names = [tree.text(item) for item in tree.items(expect)]
    if not isinstance(expect, tree.Sequence) or not all(names):
        place = expect.place if expect else node.place
        report.problem(place, node.path, "`expect` must be a list of providers, or of Provider/model; [] for none")
    if provider is not None and tree.text(provider) is None:
        report.problem(provider.place, provider.path, "must be the name of a provider")
    return Written(
        model=model or "",
        expect=tuple(name for name in names if name),
        provider=tree.text(provider),
        place=f"{report.file}:{node.place.line}:{node.place.col}",
    )
