"""`g4fd init`: a first g4f.yaml from what is here: keys in the environment, and servers on this machine."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from g4f.cli import exits
from g4f.cli.keys_new import RANDOM
from g4f.cli.output import print_error, print_json, print_problems
from g4f.config import addresses, names
from g4f.config.digests import PREFIX, digest
from g4f.config.load import load_text
from g4f.config.settings import environment, from_environment
from g4f.config.starter import Link, starter
from g4f.errors import ConfigError, G4FError
from g4f.gateway.discovery import Usable, local_servers, on_this_machine, with_keys

EXAMPLES = """\
examples:
  g4fd init                         asks, and writes ./g4f.yaml
  g4fd init --yes                   asks nothing and uses what it finds
  g4fd init --yes --file /etc/g4f/g4f.yaml --listen 0.0.0.0:1337
  g4fd init --yes --force           in place of a file that is there

It looks at the environment for the keys of known providers and asks the default ports of local servers (Ollama, LM
Studio, llama.cpp, vLLM) on this machine; nobody else is contacted. Keys stay where they are: none is written.
exit codes: 0 written, 1 not, 2 wrong usage (such as no terminal to ask on, without --yes)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", "-f", default="g4f.yaml", metavar="FILE", help="what to write (./g4f.yaml)")
    parser.add_argument("--yes", "-y", action="store_true", help="ask nothing")
    parser.add_argument("--force", action="store_true", help="replace a file that is there already")
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:1337", help="where to listen")
    parser.add_argument("--model", metavar="NAME", default="default", help="what clients shall ask for (default)")
    parser.add_argument("--demo", action="store_true", help="let the built-in model answer when nobody else does")
    parser.add_argument("--json", action="store_true", help="what was found and written, as JSON")


@dataclass(slots=True, kw_only=True)
class _Wishes:
    """What the user wants. `keys` are names, keys and digests; the keys are shown once and written nowhere."""

    listen: str
    model: str
    demo: bool
    use: Sequence[Usable]
    keys: list[tuple[str, str, str]] = field(default_factory=list)


def execute(options: argparse.Namespace) -> int:
    """Write the file; returns the exit code."""
    file = Path(options.file)
    if file.exists() and not options.force:
        print_error(f"{file} is there already; --force replaces it, --file writes another one.")
        return exits.NO
    if not options.yes and not sys.stdin.isatty():
        print_error("there is no terminal to ask on; --yes asks nothing.")
        return exits.USAGE
    try:
        found = [*with_keys(environment()), *asyncio.run(on_this_machine(local_servers()))]
        wishes = _Wishes(listen=options.listen, model=options.model, demo=options.demo, use=found)
        if not options.yes:
            _ask(wishes, found)
        _settle(wishes)
        text = _text(file, wishes)
        load_text(text, name=str(file), environ=environment(), settings=from_environment())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except (G4FError, OSError) as error:
        print_error(error.message if isinstance(error, G4FError) else f"{file}: {error.strerror}")
        return exits.NO
    _tell(file, found, wishes, as_json=options.json)
    return exits.WELL


def _ask(wishes: _Wishes, found: Sequence[Usable]) -> None:
    print("Press Enter for what stands in brackets.\n")
    print("Found: " + (", ".join(f"{u.provider} ({u.why})" for u in found) or "no key and no local server") + "\n")
    wishes.listen = _answer("Listen on", wishes.listen)
    wishes.model = _answer("What shall clients ask for", wishes.model)
    if found:
        names = _answer("Use, in this order", ",".join(u.provider for u in found))
        by_name = {u.provider.lower(): u for u in found}
        wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
        unknown = [name for name in wanted if name not in by_name]
        if unknown:
            raise G4FError(f"{unknown[0]!r} was not found; there are {', '.join(u.provider for u in found)}.")
        wishes.use = [by_name[name] for name in dict.fromkeys(wanted)]
    if not wishes.demo and wishes.use:
        wishes.demo = _agrees("Let the built-in demo model answer when nobody else does")
    if _is_public(wishes.listen) or _agrees("Ask callers for a key"):
        wishes.keys.append(_new_key())


def _settle(wishes: _Wishes) -> None:
    """What has to be so, whatever was answered. Raises G4FError."""
    if not names.is_upstream_model(wishes.model):
        raise G4FError(f"{wishes.model!r} cannot be the name of a model.")
    try:
        addresses.address(wishes.listen)
    except ValueError as wrong:
        raise G4FError(f"{wishes.listen!r}: {wrong}.") from None
    if _is_public(wishes.listen) and not wishes.keys:
        wishes.keys.append(_new_key())
    wishes.demo = wishes.demo or not wishes.use


def _text(file: Path, wishes: _Wishes) -> str:
    chain = [Link(f"{usable.provider}/{usable.model}", usable.why) for usable in wishes.use]
    if wishes.demo:
        chain.append(Link("Demo", "built in: answers without a key and without a network"))
    keys = [(name, proof) for name, _, proof in wishes.keys]
    return starter(str(file), listen=wishes.listen, keys=keys, model=wishes.model, chain=chain)


def _tell(file: Path, found: Sequence[Usable], wishes: _Wishes, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "file": str(file),
                "found": [{"provider": u.provider, "model": u.model, "why": u.why} for u in found],
                "keys": [{"name": name, "key": key} for name, key, _ in wishes.keys],
            }
        )
        return
    print(f"wrote {file}: {wishes.model} is answered by {', '.join(u.provider for u in wishes.use) or 'Demo'}")
    for name, key, _ in wishes.keys:
        print(f"\nThe key of {name!r}, shown only now and written nowhere:\n  {key}")
    authorization = " -H 'Authorization: Bearer KEY'" if wishes.keys else ""
    print(f"\nNext:\n  g4fd --config {file}")
    print(f"  curl http://{_reached(wishes.listen)}/v1/chat/completions{authorization} \\")
    print(f"""    -d '{{"model": "{wishes.model}", "messages": [{{"role": "user", "content": "Hello!"}}]}}' \\""")
    print("    -H 'Content-Type: application/json'")
    print(f"  g4fd drill --config {file}    # what your users see while providers fail")


def _new_key() -> tuple[str, str, str]:
    key = f"g4f-{secrets.token_urlsafe(RANDOM)}"
    return "first", key, f"{PREFIX}{digest(key).hex()}"


def _reached(listen: str) -> str:
    """Where this machine finds what listens everywhere."""
    host, port = addresses.address(listen)
    return f"127.0.0.1:{port}" if addresses.is_everywhere(host) else listen


def _is_public(listen: str) -> bool:
    try:
        return not addresses.is_loopback(addresses.address(listen)[0])
    except ValueError:
        return False


def _answer(question: str, usual: str) -> str:
    try:
        return input(f"{question} [{usual}]: ").strip() or usual
    except EOFError:
        return usual


def _agrees(question: str) -> bool:
    return _answer(f"{question} (y/n)", "n").lower() in ("y", "yes")
