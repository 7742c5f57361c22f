"""Who else may read or change the file and the keys it names: said at every start, check and reload.

A file that everybody may write is refused: whoever writes it decides where requests and keys go. One that a group may
write, or that everybody may read although a secret stands in it, is warned of. On Windows modes say nothing.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from g4f.config import digests, tree
from g4f.config.problem import Report
from g4f.config.tree import Node

#: Where file systems know no owners (WSL, some mounts of containers) everything looks writable.
WAY_OUT = "or set G4F_ALLOW_WRITABLE_CONFIG=true where the file system knows no owners"


def check_exposure(path: Path, root: Node, report: Report, *, allow_writable: bool) -> None:
    """Add what the modes of the configuration and of its key files allow others to the report."""
    mode, shared = _mode(path)
    if mode & stat.S_IWOTH and not allow_writable:
        report.problem(None, "", f"everybody may change this file: chmod o-w {path.name}, {WAY_OUT}")
    elif mode & stat.S_IWGRP and shared:
        report.warning(None, "", f"its group may change this file: chmod g-w {path.name}")
    if mode & stat.S_IROTH:
        for secret in _secrets(root):
            message = f"a secret stands in a file that everybody may read: chmod o-r {path.name}, or use ${{VARIABLE}}"
            report.warning(secret.place, secret.path, message)
            break
    for file in _key_files(root):
        written = tree.text(file)
        mode, _ = _mode(path.parent / written) if written else (0, False)
        if mode & stat.S_IWOTH and not allow_writable:
            report.problem(file.place, file.path, f"everybody may change this key: chmod o-w it, {WAY_OUT}")
        elif mode & stat.S_IROTH:
            report.warning(file.place, file.path, "everybody may read this key: chmod o-r it")


def _mode(path: Path) -> tuple[int, bool]:
    """The mode of a file, whatever links lead to it, and whether its group has others than its owner in it, as far as
    numbers tell: distributions give users a group of their own number. Nothing is known of what is no file."""
    if os.name != "posix":
        return 0, False
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, False
    mode = stat.S_IMODE(found.st_mode) if stat.S_ISREG(found.st_mode) else 0
    return mode, found.st_gid != found.st_uid


def _owners(root: Node) -> Iterator[Node | None]:
    yield tree.child(root, "server")
    for row in tree.entries(tree.child(root, "providers")):
        yield row.value


def _key_files(root: Node) -> Iterator[Node]:
    for owner in _owners(root):
        for item in tree.items(tree.child(owner, "keys")):
            file = tree.child(item, "file")
            if file is not None:
                yield file


def _secrets(root: Node) -> Iterator[Node]:
    """What stands in the file itself and must not be known: keys, and proxies with a password."""
    for owner in _owners(root):
        for item in tree.items(tree.child(owner, "keys")):
            key = tree.child(item, "key")
            text = tree.text(key)
            if isinstance(key, tree.Scalar) and text and not (_elsewhere(key, item) or text.startswith(digests.PREFIX)):
                yield key
    for row in tree.entries(tree.child(root, "proxies")):
        node = row.value
        if isinstance(node, tree.Scalar) and not node.variable and _has_password(tree.text(node) or ""):
            yield node


def _elsewhere(key: tree.Scalar, item: Node) -> bool:
    return key.variable or tree.child(item, "file") is not None


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None
    except ValueError:
        return False
