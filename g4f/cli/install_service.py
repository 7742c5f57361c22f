"""`g4fd install-service`: write the units that let systemd run the daemon, and say what to do with them."""

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from g4f.cli import exits, units
from g4f.cli.options import add_json
from g4f.cli.output import print_error, print_json
from g4f.config.load import load
from g4f.config.settings import environment, from_environment
from g4f.errors import ConfigError, G4FError

EXAMPLES = """\
examples:
  g4fd install-service --dry-run            print the units and where they would go
  sudo g4fd install-service                 for the machine, by /etc/g4f/g4f.yaml, as the user g4fd
  g4fd install-service --user               for you alone, by ~/.config/g4f/g4f.yaml
  sudo g4fd install-service --config /srv/g4f.yaml --force

Nothing is started: the commands that do are printed. A file that is there already is kept unless --force is given.
exit codes: 0 written (or printed), 1 not
"""

_SYSTEM_CONFIG = Path("/etc/g4f/g4f.yaml")
#: What ProtectHome= hides, see systemd.exec(5).
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


@dataclass(frozen=True, slots=True)
class _Written:
    path: Path
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", action="store_true", help="for your own service manager, without root")
    parser.add_argument("--config", "-c", metavar="FILE", help="the file to serve by (/etc/g4f/g4f.yaml)")
    parser.add_argument("--program", metavar="PATH", help="the g4fd to start (the one that runs now)")
    parser.add_argument("--directory", metavar="DIR", help="write the units there (systemd's own place)")
    parser.add_argument("--dry-run", action="store_true", help="print what would be written, and write nothing")
    parser.add_argument("--force", action="store_true", help="replace files that are there already")
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Write the units; returns the exit code."""
    try:
        setting = _setting(options)
        files = _files(setting, options)
        if not options.dry_run:
            _write(files, force=options.force)
    except G4FError as error:
        print_error(error.message)
        return exits.NO
    steps = _steps(setting)
    if options.json:
        print_json({"files": {str(file.path): file.text for file in files}, "next": steps})
        return exits.WELL
    for file in files:
        print(f"# --- {file.path}\n{file.text}" if options.dry_run else f"wrote {file.path}")
    if not setting.config.is_file():
        print(f"{setting.config} is not there yet: g4fd init writes a first one.")
    print("\nNext:\n" + "\n".join(f"  {step}" for step in steps))
    return exits.WELL


def _setting(options: argparse.Namespace) -> units.Setting:
    config = Path(options.config) if options.config else _own("g4f/g4f.yaml") if options.user else _SYSTEM_CONFIG
    config = config.absolute()
    program = (options.program,) if options.program else _program()
    if options.program and not Path(options.program).is_absolute():
        raise G4FError(f"--program {options.program!r}: systemd needs an absolute path.")
    if any(character in program[0] for character in "\"'\\$\n"):
        raise G4FError(f"systemd starts no program whose path has quotes, backslashes or dollars: {program[0]!r}.")
    for path in (Path(program[0]), config):
        _check_readable_by_service(path, user=options.user)
    return units.Setting(
        program=program,
        config=config,
        environment=config.with_name("g4fd.env"),
        listen=_listen(config),
        user=options.user,
    )


def _files(setting: units.Setting, options: argparse.Namespace) -> list[_Written]:
    directory = _own("systemd/user") if setting.user else Path("/etc/systemd/system")
    sysusers = Path("/etc/sysusers.d/g4fd.conf")
    if options.directory:
        directory = Path(options.directory).absolute()
        sysusers = directory / "g4fd.sysusers.conf"
    files = [
        _Written(directory / f"{units.NAME}.service", units.service(setting)),
        _Written(directory / f"{units.NAME}.socket", units.listening_socket(setting)),
    ]
    if not setting.user:
        files.append(_Written(sysusers, units.sysusers()))
    return files


def _write(files: list[_Written], *, force: bool) -> None:
    """All of them or none. Raises G4FError."""
    for file in files:
        there = file.path.read_text("utf-8", "replace") if file.path.is_file() else None
        if there is not None and there != file.text and not force:
            raise G4FError(f"{file.path} is there already and differs; --force replaces it.")
    try:
        for file in files:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.path.write_text(file.text, "utf-8")
    except OSError as error:
        raise G4FError(f"{file.path} cannot be written ({error.strerror}); use sudo, or --user.") from None


def _steps(setting: units.Setting) -> list[str]:
    if setting.user:
        return [
            f"put keys, one NAME=value a line, into {setting.environment} (chmod 600)",
            "systemctl --user daemon-reload",
            "systemctl --user enable --now g4fd.service",
            "loginctl enable-linger    # to run while you are not logged in",
            "journalctl --user -u g4fd -f",
        ]
    return [
        "systemd-sysusers    # makes the user g4fd",
        f"chown root:g4fd {setting.config} && chmod 640 {setting.config}",
        f"put keys, one NAME=value a line, into {setting.environment} (chown root, chmod 600)",
        "systemctl daemon-reload",
        "systemctl enable --now g4fd.service    # and g4fd.socket, to restart without refusing anybody",
        "journalctl -u g4fd -f",
    ]


def _program() -> tuple[str, ...]:
    """The words that start the daemon that runs now, whichever way it was installed."""
    started = Path(sys.argv[0])
    beside = Path(sys.executable).with_name(units.NAME)
    for candidate in (started if started.name == units.NAME else None, beside):
        if candidate is not None and candidate.is_file():
            return (str(candidate.absolute()),)
    found = shutil.which(units.NAME)
    return (found,) if found else (sys.executable, "-m", "g4f.cli.daemon")


def _check_readable_by_service(path: Path, *, user: bool) -> None:
    """The system's unit hides the homes of people from the daemon: what is in one could not be started."""
    if user or not any(path.is_relative_to(home) for home in _HOMES):
        return
    raise G4FError(
        f"{path} is in somebody's home, which the service cannot see. Install for the machine "
        "(python3 -m venv /opt/g4f && /opt/g4f/bin/pip install g4f), or use --user."
    )


def _listen(config: Path) -> str:
    """The address of the socket unit: the file's, if there is a good file."""
    try:
        settings = from_environment()
        return load(config, environ=environment(), settings=settings).config.server.listen
    except ConfigError:
        return "127.0.0.1:1337"


def _own(name: str) -> Path:
    """A place under the user's own configuration (XDG Base Directory Specification)."""
    home = environment().get("XDG_CONFIG_HOME") or ""
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / name
