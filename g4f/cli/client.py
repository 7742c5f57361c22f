"""`g4f client`: a question with files and pictures, in a conversation that goes on with the next call."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.cli import conversation, exits
from g4f.cli.asking import add_options, answer, messages, run
from g4f.cli.files import PIPE, as_text, is_media, piped, without_fence

if TYPE_CHECKING:
    from g4f.client import Client

EXAMPLES = """\
examples:
  g4f client "What is the capital of France?"
  g4f client "And its river?"                       # it remembers
  g4f client photo.jpg "What is on this picture?"
  g4f client notes.txt todo.md "What is missing?"
  git diff | g4f client "Write a commit message" -
  g4f client --edit main.py "Add type hints"
  g4f client --clear-history
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input",
        nargs="*",
        help="words, files, pictures, addresses of pictures; `-` is standard input, `models` lists models",
    )
    add_options(parser)
    parser.add_argument("--output", "-O", type=Path, metavar="FILE", help="write the answer to this file as well")
    parser.add_argument("--edit", "-e", type=Path, metavar="FILE", help="send a file and put the answer in its place")
    parser.add_argument("--conversation-file", type=Path, default=conversation.DEFAULT, metavar="FILE")
    parser.add_argument("--clear-history", "-C", action="store_true", help="forget the conversation first")
    parser.add_argument("--no-config", "-N", action="store_true", help="neither remember nor look back")
    parser.add_argument("--max-messages", type=int, default=20, metavar="N", help="messages to look back (20)")
    parser.add_argument("--cookies-dir", type=Path, metavar="DIR", help="where cookies are kept")


def execute(options: argparse.Namespace) -> int:
    """Ask, show, and remember."""
    if options.cookies_dir is not None:
        from g4f.cookies import set_cookies_dir

        set_cookies_dir(options.cookies_dir)
    if options.clear_history:
        conversation.clear(options.conversation_file)
    if options.input == ["models"]:
        from g4f.cli.models import execute as list_models

        return list_models(options)
    try:
        text, media = _question(options)
    except (OSError, UnicodeDecodeError) as error:
        print(f"g4f: {getattr(error, 'filename', '') or 'a file'} could not be read as text", file=sys.stderr)
        return exits.NO
    if not text and not media:
        if options.clear_history:
            return exits.WELL
        print("g4f: nothing to ask; see g4f client --help", file=sys.stderr)
        return exits.USAGE
    return run(options, lambda client: _ask(client, options, text, media))


def _ask(client: "Client", options: argparse.Namespace, text: str, media: list[tuple[Any, str]]) -> int:
    path, most = options.conversation_file, options.max_messages
    before = [] if options.no_config or options.edit else conversation.load(path, most)
    said = answer(client, messages(options.instructions, before, text), options, media=media)
    if options.output is not None:
        options.output.write_text(said, "utf-8")
    if options.edit is not None:
        options.edit.write_text(without_fence(said), "utf-8")
    elif not options.no_config:
        told = [*before, {"role": "user", "content": text}, {"role": "assistant", "content": said}]
        conversation.save(path, told[-max(most, 2) :])
    return exits.WELL


def _question(options: argparse.Namespace) -> tuple[str, list[tuple[Any, str]]]:
    """The words, with the texts of the files among them, and the pictures and sounds. Raises OSError and
    UnicodeDecodeError."""
    words: list[str] = []
    texts: list[str] = []
    media: list[tuple[Any, str]] = []
    for item in (item for item in options.input if item != PIPE):
        path = Path(item)
        if item.startswith(("http://", "https://")) and is_media(item):
            media.append((item, path.name))
        elif "\n" not in item and len(item) < 1000 and path.is_file():
            if is_media(item):
                media.append((path, path.name))
            else:
                texts.append(as_text(path))
        else:
            words.append(item)
    if options.edit is not None:
        texts.append(as_text(options.edit))
        words.append("Answer with the whole new content of the file and nothing else.")
    texts.append(piped(options.input or ([options.edit] if options.edit else [])))
    return "\n\n".join(part for part in (" ".join(words), *texts) if part.strip()), media
