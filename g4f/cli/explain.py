"""`g4fd explain`: the chain a request would walk now, from a file or from a running daemon."""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from g4f.cli.place import config_path, print_problems
from g4f.config.settings import from_environment
from g4f.errors import ConfigError, G4FError

UNREACHABLE = 2


def explain(options: argparse.Namespace) -> int:
    """Print an explanation; returns the exit code."""
    try:
        found = _live(options) if options.url else _static(options)
    except ConfigError as error:
        print_problems(error)
        return 1
    except G4FError as error:
        print(f"g4fd: {error.message}", file=sys.stderr)
        return UNREACHABLE if options.url else 1
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(render(found))
    return 0


def _static(options: argparse.Namespace) -> dict[str, Any]:
    from g4f.gateway.gateway import Gateway

    gateway = Gateway.from_file(config_path(options.config, from_environment()))
    return gateway.explain(options.model, provider=options.provider).as_dict()


def _live(options: argparse.Namespace) -> dict[str, Any]:
    query = {"model": options.model, **({"provider": options.provider} if options.provider else {})}
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise G4FError(f"{options.url!r} is not a URL such as http://127.0.0.1:1337.")
    request = Request(f"{parts.scheme}://{parts.netloc}/admin/explain?{urlencode(query)}")  # noqa: S310 - checked above
    configured = from_environment().api_key
    key = options.key or (configured.get_secret_value() if configured else None)
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    # No proxy from the environment: the daemon is asked directly or not at all.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as error:
        raise G4FError(_told(error)) from None
    except (URLError, OSError, ValueError):
        raise G4FError(f"No daemon answers at {parts.scheme}://{parts.netloc}; is it running?") from None


def _told(error: HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"The daemon answered {error.code}."


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
    return "\n".join(lines)


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
