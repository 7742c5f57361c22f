"""`g4fd status`: how a running daemon does, live like top, or once."""

import argparse
import shutil
import sys
import time
from typing import Final

from g4f.cli import exits
from g4f.cli.keyboard import Keyboard
from g4f.cli.options import add_config, add_daemon, add_json, add_key
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.reaching import admin_url
from g4f.cli.remote import ask, ask_text
from g4f.cli.statuspage import SHOWN, page
from g4f.errors import ConfigError, G4FError
from g4f.meter.reading import Counted, counted

EXAMPLES = """\
examples:
  g4fd status                       the daemon of ./g4f.yaml, live; q ends it
  g4fd status --once                once; so it is in a pipe, too
  g4fd status --url http://127.0.0.1:1338 --json
  watch -n 5 g4fd status --once

It wants the operator's rights: `admin.listen` of the file, a key with `admin: true`, or a server without keys.
exit codes: 0 shown, 1 the file is refused, 2 the daemon cannot be asked, 130 interrupted
"""

_CLEAR: Final = "\x1b[H\x1b[2J"
_HIDE, _SHOW = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    add_config(where, "the file that says where the daemon listens")
    add_daemon(where)
    add_key(parser)
    parser.add_argument("--once", action="store_true", help="show it once, and end")
    parser.add_argument("--every", type=_seconds, default=2.0, metavar="SECONDS", help="how often to look; 2")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Show the status; returns the exit code."""
    try:
        url = admin_url(options)
        if options.json or options.once or not sys.stdout.isatty():
            return _once(options, url)
        return _live(options, url)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except G4FError as error:
        print_error(error.message)
        return exits.USAGE


def _once(options: argparse.Namespace, url: str) -> int:
    state, counts = _look(options, url)
    if options.json:
        print_json({**state, "counts": counts.as_dict()})
    else:
        print("\n".join(page(url, state, counts)))
    return exits.WELL


def _live(options: argparse.Namespace, url: str) -> int:
    """Show it again and again. A daemon that goes away is waited for: it may be starting again."""
    before: Counted | None = None
    lines: list[str] = []
    sys.stdout.write(_HIDE)
    try:
        with Keyboard() as keyboard:
            while True:
                try:
                    state, counts = _look(options, url)
                    lines, before = page(url, state, counts, before=before), counts
                except G4FError as error:
                    if not lines:
                        raise
                    lines = [lines[0], f"  {error.message}  {time.strftime('%H:%M:%S')}", *lines[2:]]
                    before = None
                _draw(lines)
                if keyboard.pressed(options.every) in ("q", "Q"):
                    return exits.WELL
    finally:
        sys.stdout.write(_SHOW)
        sys.stdout.flush()


def _draw(lines: list[str]) -> None:
    width, height = shutil.get_terminal_size()
    shown = [line[: width - 1] for line in lines[: height - 1]]
    sys.stdout.write(_CLEAR + "\r\n".join(shown))
    sys.stdout.flush()


def _look(options: argparse.Namespace, url: str) -> tuple[dict[str, object], Counted]:
    state = ask(url, "/admin/state", key=options.key, wanted=SHOWN)
    try:
        counts = counted(ask_text(url, "/metrics", key=options.key), time.monotonic())
    except G4FError:  # it is told how it stands all the same
        counts = Counted(at=time.monotonic())
    return state, counts


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.2 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.2 to 3600")
    return value
