"""`g4fd explain`: the chain a request would walk now, from a file or from a running daemon."""

import argparse
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config, add_daemon, add_json, add_key
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.place import config_path
from g4f.cli.remote import ask
from g4f.config.settings import from_environment
from g4f.errors import ConfigError, G4FError
from g4f.exchange.capability import NEEDS
from g4f.exchange.request import Operation

EXAMPLES = """\
examples:
  g4fd explain fast --config g4f.yaml
  g4fd explain fast --url http://127.0.0.1:1337 --key $G4F_API_KEY
  g4fd explain fast --provider Ollama --json
  g4fd explain whisper-1 --operation translation
  g4fd explain fast --needs vision,tools         who is skipped because it cannot see

exit codes: 0 explained, 1 no such model or provider, or the file is refused, 2 the daemon cannot be asked
"""
NOT_FOUND = 404


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--provider", metavar="NAME", help="as if the request had picked this provider")
    parser.add_argument(
        "--operation",
        metavar="NAME",
        choices=[operation.value for operation in Operation],
        help="what is asked for, such as embeddings or speech; without it a chat, or what the model is for",
    )
    parser.add_argument(
        "--needs",
        metavar="WORDS",
        type=_needs,
        default="",
        help=f"what the request would need, with commas: {', '.join(NEEDS)}",
    )
    where = parser.add_mutually_exclusive_group()
    add_config(where, "explain by a file")
    add_daemon(where)
    add_key(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Print an explanation; returns the exit code."""
    try:
        found = _live(options) if options.url else _static(options)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except G4FError as error:
        print_error(error.message)
        return exits.USAGE if options.url and error.status != NOT_FOUND else exits.NO
    if options.json:
        print_json(found)
    else:
        print(render(found))
    return exits.WELL


def _static(options: argparse.Namespace) -> dict[str, Any]:
    from g4f.gateway.gateway import Gateway

    gateway = Gateway.from_file(config_path(options.config, from_environment()))
    operation = Operation(options.operation) if options.operation else None
    needs = frozenset(filter(None, options.needs.split(",")))
    return gateway.explain(options.model, provider=options.provider, operation=operation, needs=needs).as_dict()


def _live(options: argparse.Namespace) -> dict[str, Any]:
    said = {"model": options.model, "provider": options.provider}
    said |= {"operation": options.operation, "needs": options.needs}
    query = {name: value for name, value in said.items() if value}
    found: dict[str, Any] = ask(options.url, "/admin/explain", query=query, key=options.key, wanted=("targets",))
    return found


def render(found: Mapping[str, Any]) -> str:
    """An explanation as text for a terminal."""
    via = "" if found["route"] in (None, found["model"]) else f"  (by {found['route']!r})"
    place = f"  {found['place']}" if found["place"] else ""
    lines = [f"{found['model']}{via}{place}  generation {found['generation']}"]
    for number, target in enumerate(found["targets"], 1):
        lines.append(f"  {number}. {_name(target):<40} {_limits(target)}")
    if not found["targets"]:
        lines.append("  nothing can be tried now")
    lines.extend(f"  -  {_name(skip):<40} skipped: {_reason(skip)}" for skip in found["skipped"])
    if found["able"]:
        lines.append(f"  what is needed can be done by {', '.join(found['able'])}")
    return "\n".join(lines)


def _needs(written: str) -> str:
    words = [word.strip() for word in written.split(",") if word.strip()]
    wrong = next((word for word in words if word not in NEEDS), None)
    if wrong is not None:
        raise argparse.ArgumentTypeError(f"{wrong!r} is none of {', '.join(NEEDS)}")
    return ",".join(words)


def _name(place: Mapping[str, Any]) -> str:
    key = f" key {place['key']}" if place["key"] else ""
    return f"{place['provider']}/{place['model']}{key}"


def _limits(target: Mapping[str, Any]) -> str:
    times = target["timeouts"]
    parts = [f"first token {_seconds(times['first_token'])}", f"total {_seconds(times['total'])}"]
    parts.append(f"retries {target['retries']}")
    if target["proxy"]:
        parts.append(f"proxy {target['proxy']}")
    if target["wait"]:
        parts.append(f"after a wait of {_seconds(target['wait'])}")
    return ", ".join(parts)


def _reason(skip: Mapping[str, Any]) -> str:
    text = f"{skip['reason']} ({skip['detail']})"
    if skip["for"] is not None:
        until = datetime.now().astimezone() + timedelta(seconds=skip["for"])
        text += f" until {until:%H:%M:%S}, {_seconds(skip['for'])} more"
    return text


def _seconds(value: float) -> str:
    return f"{value:g} s" if value < 120 else f"{value / 60:g} min"
