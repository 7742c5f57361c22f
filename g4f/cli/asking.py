"""What the commands that ask have in common: their options, the client they make, and how an answer is shown."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.cli import exits
from g4f.cli.terminal import Markdown, Spinner

if TYPE_CHECKING:
    from g4f.client import Client


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that asks."""
    parser.add_argument("--model", "-m", default="", help="the model; without it the default one")
    parser.add_argument("--provider", "-p", help="this provider only, or several in this order, separated by spaces")
    parser.add_argument("--config", "-c", metavar="FILE", help="the file (G4F_CONFIG; else ./g4f.yaml, else none)")
    parser.add_argument("--instructions", "-i", metavar="TEXT", help="what the model is told before everything else")
    parser.add_argument("--proxy", metavar="URL", help="a proxy for all providers")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="how long an answer may take")
    parser.add_argument("--debug", "-d", action="store_true", help="show what is tried, on standard error")


def run(options: argparse.Namespace, work: "Callable[[Client], int]") -> int:
    """Do the work with a client. Its errors are printed; returns the exit code."""
    from g4f.cli.output import print_problems
    from g4f.errors import ConfigError, G4FError

    try:
        with make_client(options) as client:
            return work(client)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except G4FError as error:
        print(f"g4f: {error.message}", file=sys.stderr)
        return exits.NO
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more; the interpreter would complain once again
        return exits.NO


def make_client(options: argparse.Namespace) -> "Client":
    """The client that the options ask for. Raises ConfigError."""
    from g4f import Client, debug
    from g4f.cli.place import DEFAULT
    from g4f.config.settings import from_environment

    if options.debug:
        debug.enable_logging()
    named = options.config or from_environment().config
    config = Path(named) if named else (DEFAULT if DEFAULT.exists() else None)
    return Client(config=config, proxy=options.proxy, timeout=options.timeout)


def messages(instructions: str | None, before: Sequence[dict[str, Any]], said: str) -> list[dict[str, Any]]:
    """The messages of a question that follows others."""
    told = [{"role": "system", "content": instructions}] if instructions else []
    return [*told, *before, {"role": "user", "content": said}]


def answer(client: "Client", asked: list[dict[str, Any]], options: argparse.Namespace, **fields: Any) -> str:
    """Ask, show the answer as it comes, and return it. On a terminal it is styled; elsewhere it is plain text."""
    shown = Markdown(sys.stdout) if sys.stdout.isatty() else None
    write = shown.feed if shown is not None else _plain
    pieces: list[str] = []
    spinner = Spinner(sys.stderr)
    try:
        if not getattr(options, "stream", True):
            with spinner:
                whole = client.chat.completions.create(asked, options.model, options.provider, **fields)
            pieces.append(str(whole.choices[0].message.content or "") if whole.choices else "")
            write(pieces[0])
        else:
            with spinner:
                stream = client.chat.completions.stream(asked, options.model, options.provider, **fields)
            with stream:
                for chunk in stream:
                    pieces.append(str(chunk))
                    write(pieces[-1])
    finally:
        if shown is not None:
            shown.end()
        if pieces:
            print(flush=True)
    return "".join(pieces)


def _plain(text: str) -> None:
    print(text, end="", flush=True)
