"""`g4f chat`: talk to a model, line by line."""

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f.cli import conversation, exits
from g4f.cli.asking import add_options, answer, messages, run
from g4f.cli.files import as_text, is_media

if TYPE_CHECKING:
    from g4f.client import Client

EXAMPLES = """\
examples:
  g4f chat
  g4f chat --model fast --instructions "Answer in French."
  printf 'Hello\\nAnd again\\n' | g4f chat --model demo
"""

_HELP = """\
/model NAME     ask another model        /file PATH  send a file with the next line
/provider NAME  ask this provider only   /clear      begin anew
/save PATH      write what was said      /exit       leave (or Ctrl-D)
Ctrl-C stops an answer, or drops the line; twice, it leaves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument("--conversation-file", type=Path, metavar="FILE", help="go on with this conversation")
    parser.add_argument("--max-messages", type=int, default=100, metavar="N", help="messages to look back (100)")


def execute(options: argparse.Namespace) -> int:
    """Read lines and answer them until there are no more."""
    return run(options, lambda client: Talk(client, options).go_on())


class Talk:
    """A conversation at the terminal."""

    def __init__(self, client: "Client", options: argparse.Namespace) -> None:
        self._client = client
        self._options = options
        self._file: Path | None = options.conversation_file
        self._said: list[dict[str, Any]] = []
        self._media: list[tuple[Any, str]] = []
        self._texts: list[str] = []
        if self._file is not None:
            self._said = conversation.load(self._file, options.max_messages)

    def go_on(self) -> int:
        people = sys.stdin.isatty()
        if people:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401 - line editing and the arrow keys, where there is one
            print("/help shows what else there is.")
        dropped = False
        while True:
            try:
                line = input("> " if people else "").strip()
            except EOFError:
                return exits.WELL
            except KeyboardInterrupt:
                if dropped or not people:
                    return exits.INTERRUPTED
                dropped = True
                print()
                continue
            dropped = False
            if line in ("/exit", "/quit"):
                return exits.WELL
            if line.startswith("/") and self._command(*line[1:].split(None, 1)):
                continue
            if line:
                self._answer(line)

    def _answer(self, line: str) -> None:
        from g4f.errors import G4FError

        line = "\n\n".join([line, *self._texts])
        asked = messages(self._options.instructions, self._said[-self._options.max_messages :], line)
        try:
            said = answer(self._client, asked, self._options, media=self._media)
        except KeyboardInterrupt:
            print("\n(stopped)")
            return
        except G4FError as error:
            print(f"g4f: {error.message}", file=sys.stderr)
            return
        self._media, self._texts = [], []
        self._said += [{"role": "user", "content": line}, {"role": "assistant", "content": said}]
        if self._file is not None:
            conversation.save(self._file, self._said)

    def _command(self, name: str = "", argument: str = "") -> bool:
        """Do what a line with a slash says; False where it is none of ours, and so a line like others."""
        match name:
            case "help":
                print(_HELP)
            case "clear":
                self._said, self._media, self._texts = [], [], []
            case "model":
                self._options.model = argument
            case "provider":
                self._options.provider = argument or None
            case "file" | "image":
                self._attach(Path(argument).expanduser())
            case "save":
                self._save(Path(argument).expanduser())
            case _:
                return False
        return True

    def _attach(self, path: Path) -> None:
        try:
            if is_media(path.name) and path.is_file():
                self._media.append((path, path.name))
            else:
                self._texts.append(as_text(path))
        except (OSError, UnicodeDecodeError):
            print(f"g4f: {path} could not be read as text", file=sys.stderr)

    def _save(self, path: Path) -> None:
        text = "\n\n".join(f"**{message['role']}**\n\n{message['content']}" for message in self._said)
        try:
            path.write_text(text + "\n", "utf-8")
        except OSError as error:
            print(f"g4f: {path} could not be written ({error.strerror})", file=sys.stderr)
