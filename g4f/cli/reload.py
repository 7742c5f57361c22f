"""`g4fd reload`: let a running daemon read its file again, all at once or on trial."""

import argparse
import time
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config, add_json, add_key
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.reaching import add_url, admin_url
from g4f.cli.remote import ask
from g4f.errors import ConfigError, G4FError

EXAMPLES = """\
examples:
  g4fd reload --dry-run                      check the file, and say what it would change
  g4fd reload                                apply it
  g4fd reload --canary 10% --for 60s         serve 10 % of the requests by it for a minute, then all of them; back to
                                             what was before if more of them fail, or their first content comes late
  g4fd reload --url http://127.0.0.1:1338

A file that is saved takes effect by itself, unless it says `server: {reload: manual}`: a trial needs that.
exit codes: 0 applied, or nothing to do; 1 refused, or rolled back; 2 the daemon cannot be asked
"""
#: The daemon's answer to a file that it refuses.
CONFLICT = 409
#: Seconds between two looks at a trial, and for a reload of a large file.
EVERY = 1.0
PATIENCE = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="change nothing")
    how.add_argument("--canary", metavar="PERCENT", help="try it on a share of the requests first, such as 10%%")
    parser.add_argument("--for", dest="seconds", metavar="DURATION", help="how long to try it: 60s unless said")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the end of the trial")
    add_url(parser)
    add_config(parser, "the file that says where the daemon is")
    add_key(parser)
    add_json(parser)


def execute(options: argparse.Namespace) -> int:
    """Reload; returns the exit code."""
    if options.seconds and not options.canary:
        print_error("--for says how long a --canary takes; there is none.")
        return exits.USAGE
    try:
        url = admin_url(options)
        found = ask(
            url,
            "/admin/reload",
            key=options.key,
            method="POST",
            body=_order(options),
            timeout=PATIENCE,
            take={CONFLICT},
        )
        if "verdict" in found and not options.no_wait:
            found = _awaited(url, options, found)
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except G4FError as error:
        print_error(error.message)
        return exits.NO if error.status in (400, CONFLICT) else exits.USAGE
    if options.json:
        print_json(found)
    else:
        print("\n".join(_lines(found)))
    good = found.get("ok", True) and found.get("result") != "refused"
    return exits.WELL if good and found.get("verdict") in (None, "applied", "going_on") else exits.NO


def _order(options: argparse.Namespace) -> dict[str, Any]:
    if options.dry_run:
        return {"dry_run": True}
    if options.canary:
        return {"canary": options.canary, **({"for": options.seconds} if options.seconds else {})}
    return {}


def _awaited(url: str, options: argparse.Namespace, trial: dict[str, Any]) -> dict[str, Any]:
    """The end of a trial."""
    found = trial
    while found["verdict"] == "going_on":
        time.sleep(EVERY)
        now = ask(url, "/admin/state", key=options.key, wanted=("trial",))["trial"]
        if now is None or now["digest"] != trial["digest"]:
            return {**found, "verdict": "superseded"}
        found = now
    return found


def _lines(found: dict[str, Any]) -> list[str]:
    said = [*found.get("problems", ()), *(f"warning: {warning}" for warning in found.get("warnings", ()))]
    if "verdict" in found:
        reason = f": {found['reason']}" if found["reason"] else ""
        before, now = found["before"], found["now"]
        counted = (
            f"{now['requests']} requests, {now['failed']} failed; before: {before['requests']}, {before['failed']}"
        )
        return [f"{found['verdict'].replace('_', ' ')}{reason} ({counted})"]
    if "ok" in found:
        return [*said, *(found["changes"] or (["no difference in meaning"] if found["ok"] else []))]
    return [*said, f"{found['result']}, generation {found['generation']}"] if "generation" in found else said
