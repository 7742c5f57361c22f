"""`g4fd manual`: the manual page, and the same as Markdown; made from the parsers, so that neither gets out of date."""

import argparse
from collections.abc import Iterator

from g4f.cli import exits
from g4f.cli.commands import COMMANDS, Command
from g4f.cli.parts import Part, parts
from g4f.version import __version__

EXAMPLES = """\
examples:
  g4fd manual | man -l -
  g4fd manual > /usr/local/share/man/man1/g4fd.1
  g4fd manual --markdown
"""

_ABOUT = """\
g4fd turns any mix of LLM providers into one endpoint that every LLM client already speaks, and that keeps answering
when providers break. One YAML file says how; saving it reloads it."""

_CODES = (
    ("0", "well"),
    ("1", "the answer is no: a file is refused, an expectation does not hold, a thing does not exist"),
    ("2", "the command line is wrong, or no daemon can be asked"),
    ("78", "the daemon's file is refused at start"),
    ("130", "interrupted"),
)
_VARIABLES = (
    ("G4F_CONFIG", "the file, where no --config is given; else ./g4f.yaml"),
    ("G4F_API_KEY", "a key that callers present, and that commands show to a daemon"),
    ("G4F_LISTEN, G4F_WORKERS, G4F_PROXY, G4F_DEBUG, G4F_LOG_LEVEL, G4F_LOG_FORMAT", "over or under the file"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", action="store_true", help="as Markdown, which docs/cli.md is")


def execute(options: argparse.Namespace) -> int:
    """Print the manual; returns the exit code."""
    print("\n".join(_markdown() if options.markdown else _roff()))
    return exits.WELL


def _roff() -> Iterator[str]:
    yield f'.TH G4FD 1 "" "g4f {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "g4fd \\- one endpoint for every LLM provider"
    yield ".SH SYNOPSIS"
    yield ".B g4fd"
    yield "[COMMAND] [OPTIONS]"
    yield ".SH DESCRIPTION"
    yield _escaped(_ABOUT)
    yield "Without a command it serves:"
    yield ".B g4fd \\-\\-config FILE"
    yield "is"
    yield '.BR "g4fd run \\-\\-config FILE" .'
    yield ".SH COMMANDS"
    for command in COMMANDS:
        yield f".SS g4fd {_escaped(command.name)} {_escaped(_usage(command))}".rstrip()
        yield _escaped(f"{command.help[0].upper()}{command.help[1:]}.")
        for part in parts(command):
            yield ".TP"
            yield f".B {_escaped(_words(part))}"
            yield _escaped(part.help)
        yield ".PP"
        yield ".nf"
        yield _escaped(command.load().EXAMPLES.rstrip())
        yield ".fi"
    yield ".SH ENVIRONMENT"
    for name, text in _VARIABLES:
        yield f".TP\n.B {_escaped(name)}\n{_escaped(text)}"
    yield ".SH EXIT STATUS"
    for code, text in _CODES:
        yield f".TP\n.B {code}\n{_escaped(text)}"


def _markdown() -> Iterator[str]:
    yield "# The commands of g4fd\n"
    yield "<!-- Written by `make manual`. -->\n"
    yield f"{_ABOUT} Without a command it serves: `g4fd --config FILE` is `g4fd run --config FILE`.\n"
    yield "| command | what it does |\n|---|---|"
    for command in COMMANDS:
        yield f"| [`g4fd {command.name}`](#g4fd-{command.name.replace(' ', '-')}) | {command.help} |"
    for command in COMMANDS:
        yield f"\n## g4fd {command.name}\n"
        yield f"{command.help[0].upper()}{command.help[1:]}.\n"
        yield f"`g4fd {command.name} {_usage(command)}".rstrip() + "`\n"
        yield "| | |\n|---|---|"
        for part in parts(command):
            yield f"| `{_words(part)}` | {part.help.replace('|', chr(92) + '|')} |"
        yield f"\n```text\n{command.load().EXAMPLES.rstrip()}\n```"
    yield "\n## Exit codes\n\n| code | meaning |\n|---|---|"
    yield from (f"| {code} | {text} |" for code, text in _CODES)


def _usage(command: Command) -> str:
    names = [part.words[0] for part in parts(command) if not part.is_option]
    return " ".join([*names, "[OPTIONS]"])


def _words(part: Part) -> str:
    if not part.is_option:
        return part.words[0]
    return ", ".join(part.words) + (f" {part.value}" if part.value else "")


def _escaped(text: str) -> str:
    """Text that troff takes as it is (groff_man(7)): no line is a request, no dash a hyphen."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.split("\n"))
