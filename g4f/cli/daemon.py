"""`g4fd`: run the gateway, check its file, explain its decisions.

`g4fd --config F` is `g4fd run --config F`. Exit codes: 0 well, 1 the answer is no (a file is refused, an expectation
does not hold), 2 wrong usage or the daemon cannot be reached, 78 a bad file at start (sysexits' EX_CONFIG, so that a
supervisor need not try again), 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from g4f.cli import exits
from g4f.cli.commands import COMMANDS, find, suggestion
from g4f.cli.plugins import without_plugins
from g4f.version import __version__

EXAMPLES: Final = """\
examples:
  g4fd --config g4f.yaml                  serve by a file, and follow its changes
  g4fd check g4f.yaml                     check a file without serving; exits 1 and says file:line:col if it is wrong
  g4fd explain gpt-4o --config g4f.yaml   the chain a request would walk, by the file
  g4fd explain gpt-4o --url http://127.0.0.1:1337
                                          the same asked of a running daemon: what is cooling down, and until when
  g4fd schema > g4f.schema.json           the JSON Schema of g4f.yaml, for editors

exit codes: 0 well; 1 the answer is no; 2 wrong usage, or no daemon answers; 78 a bad file at start; 130 interrupted
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    without_plugins()
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in ("-h", "--help", "help", "--version"):
        overview().parse_args([words[0].replace("help", "--help") if words[0] == "help" else words[0]])
    found = find(words)
    if found is None:
        print(f"g4fd: no command {words[0][:80]!r}; {suggestion(words)}", file=sys.stderr)
        return exits.USAGE
    command, rest = found
    options = command.parser().parse_args(rest)
    try:
        code = command.load().execute(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:  # `g4fd ... | head`: nobody reads on, and the interpreter must not complain when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.NO
    return code


def overview() -> argparse.ArgumentParser:
    """The parser of `g4fd --help`: every command with a line of help."""
    width = max(len(command.name) for command in COMMANDS) + 2
    listed = "\n".join(f"  {command.name:<{width}}{command.help}" for command in COMMANDS)
    parser = argparse.ArgumentParser(
        prog="g4fd",
        usage="g4fd [COMMAND] [OPTIONS]",
        description="One YAML file turns any mix of LLM providers into one endpoint.",
        epilog=f"commands (g4fd COMMAND --help says more):\n{listed}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"g4fd {__version__}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
