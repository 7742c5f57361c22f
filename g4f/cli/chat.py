"""`g4f`: ask a question from the terminal, through a g4f.yaml."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.version import __version__

if TYPE_CHECKING:
    from g4f.client import Client

_EXAMPLES = """\
examples:
  g4f "Why is the sky blue?" --model gpt-4o --config g4f.yaml
  g4f "Tell me a story" --model fast --stream
  cat notes.txt | g4f --model fast
The daemon is another command: g4fd --help
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Ask and print the answer; returns the exit code."""
    options = _parser().parse_args(argv)
    prompt = options.prompt or ("" if sys.stdin.isatty() else sys.stdin.read())
    if not prompt.strip():
        print("g4f: nothing to ask; see g4f --help", file=sys.stderr)
        return 2

    from g4f import Client
    from g4f.cli.output import print_problems
    from g4f.cli.place import config_path
    from g4f.config.settings import from_environment
    from g4f.errors import ConfigError, G4FError

    try:
        path: Path = config_path(options.config, from_environment())
        with Client(config=path) as client:
            if options.stream:
                _stream(client, prompt, options)
            else:
                answer = client.chat.completions.create(prompt, options.model, **_pin(options))
                print(answer.choices[0].message.content)
    except ConfigError as error:
        print_problems(error)
        return 1
    except G4FError as error:
        print(f"g4f: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _stream(client: "Client", prompt: str, options: argparse.Namespace) -> None:
    for chunk in client.chat.completions.create(prompt, options.model, stream=True, **_pin(options)):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
    print()


def _pin(options: argparse.Namespace) -> dict[str, Any]:
    return {"provider": options.provider} if options.provider else {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="g4f",
        description="Ask a model, through the chains of a g4f.yaml.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("prompt", nargs="?", help="the question; without it, standard input")
    parser.add_argument("--model", "-m", required=True, help="a model of the file")
    parser.add_argument("--provider", "-p", help="one provider only")
    parser.add_argument("--config", "-c", metavar="FILE", help="the file (G4F_CONFIG; else ./g4f.yaml)")
    parser.add_argument("--stream", "-s", action="store_true", help="print the answer as it comes")
    parser.add_argument("--version", action="version", version=f"g4f {__version__}")
    return parser
