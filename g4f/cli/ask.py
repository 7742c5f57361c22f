"""`g4f "question"`: one question, one answer."""

import argparse
import sys
from typing import TYPE_CHECKING

from g4f.cli import exits
from g4f.cli.asking import add_options, answer, messages, run
from g4f.cli.files import PIPE, piped

if TYPE_CHECKING:
    from g4f.client import Client

EXAMPLES = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt", nargs="*", metavar="question", help="the question; `-` is standard input, and so is nothing"
    )
    add_options(parser)
    parser.add_argument(
        "--stream",
        "-s",
        action=argparse.BooleanOptionalAction,
        default=sys.stdout.isatty(),
        help="print the answer as it comes (on a terminal it does)",
    )


def execute(options: argparse.Namespace) -> int:
    """Ask what is written and what is piped in."""
    words = " ".join(word for word in options.prompt if word != PIPE)
    prompt = "\n\n".join(part for part in (words, piped(options.prompt)) if part.strip())
    if not prompt:
        print("g4f: nothing to ask; see g4f --help", file=sys.stderr)
        return exits.USAGE

    def ask(client: "Client") -> int:
        answer(client, messages(options.instructions, (), prompt), options)
        return exits.WELL

    return run(options, ask)
