"""Files that a person names at the terminal: shown to the model as they are, or read into the question."""

import mimetypes
import sys
from collections.abc import Sequence
from pathlib import Path

#: The word that stands for standard input.
PIPE = "-"


def piped(words: Sequence[str]) -> str:
    """Standard input, where `-` asks for it or nothing else was said. It is not read otherwise: a program that starts
    this one may have left it open for good."""
    if PIPE not in words and (words or sys.stdin is None or sys.stdin.isatty()):
        return ""
    return sys.stdin.read()


def is_media(name: str) -> bool:
    """Whether a file goes to the model as it is: a picture, a sound, a PDF."""
    kind = mimetypes.guess_type(name.partition("?")[0])[0] or ""
    return kind.startswith(("image/", "audio/")) or kind == "application/pdf"


def as_text(path: Path) -> str:
    """A file within a question. Raises OSError and UnicodeDecodeError."""
    return f"{path.name}:\n```\n{path.read_text('utf-8')}\n```"


def without_fence(text: str) -> str:
    """The text within, where the whole answer is one block of code."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]) + "\n"
    return text
