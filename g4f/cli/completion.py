"""`g4fd completion`: what a shell needs to complete the command line of `g4fd`, made from its parsers."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping

from g4f.cli import exits
from g4f.cli.commands import COMMANDS, DEFAULT, Command
from g4f.cli.parts import Part, Takes, parts

EXAMPLES = """\
examples:
  g4fd completion bash > ~/.local/share/bash-completion/completions/g4fd
  g4fd completion zsh > ~/.zfunc/_g4fd        where fpath has ~/.zfunc
  g4fd completion fish > ~/.config/fish/completions/g4fd.fish
  source <(g4fd completion bash)              for this shell only
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(_SHELLS), help="the shell that shall complete")


def execute(options: argparse.Namespace) -> int:
    """Print the script; returns the exit code."""
    print("\n".join(_SHELLS[options.shell]()))
    return exits.WELL


def _bash() -> Iterator[str]:
    yield "# bash completion for g4fd"
    yield "_g4fd() {"
    yield '    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}"'
    yield '    local one="${COMP_WORDS[1]}" two="${COMP_WORDS[1]} ${COMP_WORDS[2]}" name options="" files=""'
    yield '    case "$two" in'
    yield from (f'        "{c.name}") name="{c.name}";;' for c in COMMANDS if " " in c.name)
    yield "    esac"
    yield '    if [ -z "$name" ]; then case "$one" in'
    yield from (f'        {c.name}) name="{c.name}";;' for c in COMMANDS if " " not in c.name)
    yield f'        -*) name="{DEFAULT.name}";;'
    yield "    esac; fi"
    yield from _bash_words()
    yield '    case "$name" in'
    for command in COMMANDS:
        yield f'        "{command.name}") {_bash_command(command)};;'
    yield "    esac"
    yield '    if [ -n "$files" ] && [[ "$cur" != -* ]]; then'
    yield '        COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null; return'
    yield "    fi"
    yield '    COMPREPLY=($(compgen -W "$options" -- "$cur"))'
    yield "}"
    yield "complete -F _g4fd g4fd"


def _bash_words() -> Iterator[str]:
    """The commands themselves, where one is being typed."""
    yield '    if [ "$COMP_CWORD" -eq 1 ] && [[ "$cur" != -* ]]; then'
    yield f'        COMPREPLY=($(compgen -W "{" ".join(_firsts())}" -- "$cur")); return'
    yield '    fi; if [ "$COMP_CWORD" -eq 2 ]; then case "$one" in'
    for first, seconds in _families().items():
        yield f'        {first}) COMPREPLY=($(compgen -W "{" ".join(seconds)}" -- "$cur")); return;;'
    yield "    esac; fi"


def _bash_command(command: Command) -> str:
    found = list(parts(command))
    cases = [
        f"{'|'.join(p.words)}) {_bash_value(p)}; return;;"
        for p in found
        if p.is_option and p.takes is not Takes.NOTHING
    ]
    options = " ".join(word for part in found if part.is_option for word in part.words)
    positional = next((part for part in found if not part.is_option), None)
    files = "files=1; " if positional is not None and positional.takes is Takes.FILE else ""
    words = " ".join([*(positional.choices if positional else ()), options]).strip()
    return f'{files}options="{words}"; case "$prev" in {" ".join(cases)} esac' if cases else f'{files}options="{words}"'


def _bash_value(part: Part) -> str:
    if part.takes is Takes.FILE:
        return 'COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null'
    return f'COMPREPLY=($(compgen -W "{" ".join(part.choices)}" -- "$cur"))' if part.choices else "COMPREPLY=()"


def _zsh() -> Iterator[str]:
    yield "#compdef g4fd"
    yield "_g4fd() {"
    yield "    local name='' skip=1"
    yield '    case "${words[2]} ${words[3]}" in'
    yield from (f"        '{c.name}') name='{c.name}'; skip=2;;" for c in COMMANDS if " " in c.name)
    yield "    esac"
    yield '    if [[ -z $name ]]; then case "${words[2]}" in'
    yield from (f"        {c.name}) name='{c.name}';;" for c in COMMANDS if " " not in c.name)
    yield f"        -*) name='{DEFAULT.name}'; skip=0;;"
    yield "    esac; fi"
    yield "    if (( CURRENT == 2 )) && [[ ${words[2]} != -* ]]; then"
    described = " ".join(_zsh_word(f"{name}:{text}") for name, text in _described().items())
    yield f"        local -a found=({described}); _describe command found; return"
    yield "    fi"
    yield '    if (( CURRENT == 3 )); then case "${words[2]}" in'
    for first, seconds in _families().items():
        yield f"        {first}) compadd -- {' '.join(seconds)}; return;;"
    yield "    esac; fi"
    yield "    (( CURRENT -= skip )); shift $skip words"
    yield '    case "$name" in'
    for command in COMMANDS:
        yield f"        '{command.name}') _arguments {' '.join(_zsh_parts(command))};;"
    yield "    esac"
    yield "}"
    yield 'if [ "$funcstack[1]" = _g4fd ]; then _g4fd "$@"; else compdef _g4fd g4fd; fi'


def _zsh_parts(command: Command) -> Iterator[str]:
    for part in parts(command):
        value = {Takes.FILE: f":{part.value}:_files", Takes.TEXT: f":{part.value}:", Takes.NOTHING: ""}.get(
            part.takes, f":{part.value}:({' '.join(part.choices)})"
        )
        for word in part.words if part.is_option else ("*",):
            about = f"[{part.help}]" if part.is_option else ""
            yield _zsh_word(f"{word}{about.replace(':', ' -')}{value}")


def _zsh_word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish() -> Iterator[str]:
    yield "# fish completion for g4fd"
    yield "function __g4fd_at"
    yield "    set -l line (commandline -opc)"
    yield "    set -e line[1]"
    yield '    string match -q -- "$argv[1] *" "$line "'
    yield "end"
    yield "function __g4fd_is"
    yield "    set -l line (commandline -opc)"
    yield "    set -e line[1]"
    yield '    test "$line" = "$argv[1]"'
    yield "end"
    yield "complete -c g4fd -f"
    for name, text in _described().items():
        yield f"complete -c g4fd -n __fish_use_subcommand -a {name} -d {_fish_word(text)}"
    for first, seconds in _families().items():
        yield f"complete -c g4fd -n '__g4fd_is {first}' -a '{' '.join(seconds)}'"
    for command in COMMANDS:
        for part in parts(command):
            yield from _fish_part(command, part)


def _fish_part(command: Command, part: Part) -> Iterator[str]:
    where = f"complete -c g4fd -n '__g4fd_at \"{command.name}\"'"
    chosen = f" -f -a '{' '.join(part.choices)}'"
    values = {Takes.FILE: " -F", Takes.NOTHING: "", Takes.TEXT: " -f"}.get(part.takes, chosen)
    if not part.is_option:
        if values:
            yield f"{where}{values}"
        return
    names = "".join(f" -l {w[2:]}" if w.startswith("--") else f" -s {w[1:]}" for w in part.words)
    needs = "" if part.takes is Takes.NOTHING else " -r"
    yield f"{where}{names}{needs}{values} -d {_fish_word(part.help)}"


def _fish_word(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _firsts() -> list[str]:
    return list(dict.fromkeys(command.name.split()[0] for command in COMMANDS))


def _families() -> dict[str, list[str]]:
    """The second words of commands of two, by the first."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        first, _, second = command.name.partition(" ")
        if second:
            found.setdefault(first, []).append(second)
    return found


def _described() -> dict[str, str]:
    families = _families()
    return {
        first: " | ".join(families[first]) if first in families else next(c.help for c in COMMANDS if c.name == first)
        for first in _firsts()
    }


_SHELLS: Mapping[str, Callable[[], Iterable[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
