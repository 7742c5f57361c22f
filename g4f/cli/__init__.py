"""The commands: parsing and printing only. What is loaded is what the words on the command line need."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """`g4f`: `g4f api ...` serves, everything else asks a question. Returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["api"]:
        from g4f.cli.api import main as serve

        return serve(words[1:])
    from g4f.cli.chat import main as ask

    return ask(words)


__all__ = ["main"]
