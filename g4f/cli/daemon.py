"""`g4fd`: run the gateway, check its file, explain its decisions.

`g4fd --config F` is `g4fd run --config F`. Exit codes: 0 well, 1 the file is refused, 2 wrong usage or the daemon
cannot be reached, 78 a bad file at start (sysexits' EX_CONFIG, so that a supervisor need not try again).
"""

import argparse
import sys
from collections.abc import Sequence

from g4f.version import __version__

_EXAMPLES = """\
examples:
  g4fd --config g4f.yaml                  serve by a file, and follow its changes
  g4fd check g4f.yaml                     check a file without serving; exits 1 and says file:line:col if it is wrong
  g4fd explain gpt-4o --config g4f.yaml   the chain a request would walk, by the file
  g4fd explain gpt-4o --url http://127.0.0.1:1337
                                          the same asked of a running daemon: what is cooling down, and until when
  g4fd schema > g4f.schema.json           the JSON Schema of g4f.yaml, for editors
"""

_COMMANDS = ("run", "check", "explain", "schema")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or (words[0] not in _COMMANDS and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    options = _parser().parse_args(words)
    # The commands are imported when they are used: `g4fd --help` need not load a web server.
    match options.command:
        case "run":
            from g4f.cli.run import run

            return run(options.config, listen=options.listen, debug=options.debug)
        case "check":
            from g4f.cli.check import check

            return check(options.file, as_json=options.json)
        case "explain":
            from g4f.cli.explain import explain

            return explain(options)
        case _:
            from g4f.cli.schema import print_schema

            return print_schema()


def _parser() -> argparse.ArgumentParser:
    parser = _make("g4fd", "One YAML file turns any mix of LLM providers into one endpoint.", _EXAMPLES)
    parser.add_argument("--version", action="version", version=f"g4fd {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_check(commands)
    _add_explain(commands)
    commands.add_parser("schema", help="print the JSON Schema of g4f.yaml")
    return parser


def _make(name: str, description: str, examples: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=name, description=description, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    run = commands.add_parser(
        "run",
        help="serve (the default command)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(
            "examples:\n"
            "  g4fd run --config g4f.yaml\n"
            "  g4fd run --config g4f.yaml --listen 127.0.0.1:8080 --debug\n\n"
            "signals: HUP reloads, TERM and INT drain and stop, a second one stops at once"
        ),
    )
    run.add_argument("--config", "-c", metavar="FILE", help="the file to serve by (G4F_CONFIG; else ./g4f.yaml)")
    run.add_argument("--listen", metavar="HOST:PORT", help="listen here instead of the file's server.listen")
    run.add_argument("--debug", "-d", action="store_true", help="log at debug level (G4F_DEBUG)")


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = commands.add_parser(
        "check",
        help="check a file without serving",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  g4fd check g4f.yaml\n  g4fd check g4f.yaml --json",
    )
    check.add_argument("file", nargs="?", metavar="FILE", help="the file (G4F_CONFIG; else ./g4f.yaml)")
    check.add_argument("--json", action="store_true", help="problems as JSON, for editors and CI")


def _add_explain(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explain = commands.add_parser(
        "explain",
        help="show the chain a request would walk, and why targets are skipped",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(
            "examples:\n"
            "  g4fd explain fast --config g4f.yaml\n"
            "  g4fd explain fast --url http://127.0.0.1:1337 --key $G4F_API_KEY\n"
            "  g4fd explain fast --provider Ollama --json"
        ),
    )
    explain.add_argument("model", metavar="MODEL")
    explain.add_argument("--provider", metavar="NAME", help="as if the request had picked this provider")
    where = explain.add_mutually_exclusive_group()
    where.add_argument("--config", "-c", metavar="FILE", help="explain by a file (G4F_CONFIG; else ./g4f.yaml)")
    where.add_argument("--url", metavar="URL", help="ask a running daemon: knows what is cooling down")
    explain.add_argument("--key", metavar="KEY", help="an inbound key for --url (G4F_API_KEY)")
    explain.add_argument("--json", action="store_true", help="machine-readable")


if __name__ == "__main__":
    sys.exit(main())
