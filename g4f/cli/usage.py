"""`g4fd usage`: who used what, and what it cost, as a table, a chart, CSV or JSON."""

import argparse
import csv
import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from g4f.cli import exits
from g4f.cli.options import add_config, add_daemon, add_key
from g4f.cli.output import print_error, print_json, print_problems
from g4f.cli.place import config_path
from g4f.cli.reaching import admin_url
from g4f.cli.remote import ask
from g4f.cli.tables import chart, table
from g4f.config.settings import environment, from_environment
from g4f.errors import ConfigError, G4FError
from g4f.meter.ledger import LedgerError
from g4f.meter.place import ledger_path
from g4f.meter.report import WORDS, By, Query, columns, report, select_from

EXAMPLES = """\
examples:
  g4fd usage                                   the last 30 days, a row for each
  g4fd usage --by key,model --since 7d         who used what in the last week
  g4fd usage --by day --format chart           bars, in the terminal
  g4fd usage --by key --since 2026-11-01 --format csv > november.csv
  g4fd usage --by outcome,provider --format json
  g4fd usage --url http://127.0.0.1:1338       ask the daemon; for books in memory that is done without being told

Days are in UTC. `usd` is empty where no price is known, and has a + where some of it has none.
exit codes: 0 printed, 1 no books, or the file is refused, 2 wrong usage or the daemon cannot be asked
"""
FORMATS = ("table", "chart", "csv", "json")
_AMOUNTS = ("calls", "answered", "input_tokens", "output_tokens", "usd", "unpriced", "uncounted")
#: Columns of a table only where there is something in them.
_RARE = frozenset({"unpriced", "uncounted"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by", metavar="WHAT", default="day", type=_by, help=f"of {', '.join(WORDS)}, with commas; day"
    )
    parser.add_argument("--since", metavar="DAY", default="30d", help="2026-11-01, or 7d for a week back; 30d")
    parser.add_argument("--until", metavar="DAY", help="the last day, in the same forms; today")
    parser.add_argument("--of-key", metavar="NAME", help="of this inbound key only")
    parser.add_argument("--model", metavar="NAME", help="of this model only")
    parser.add_argument("--format", choices=FORMATS, default="table", help="table unless said")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    where = parser.add_mutually_exclusive_group()
    add_config(where, "the file that says where the books are")
    where.add_argument("--file", metavar="FILE", type=Path, help="the books themselves")
    add_daemon(where)
    add_key(parser)


def execute(options: argparse.Namespace) -> int:
    """Print a report; returns the exit code."""
    try:
        today = datetime.now(UTC).date()
        since, until = _day(options.since, today), _day(options.until, today)
        query = Query(by=options.by, since=since, until=until, key=options.of_key, model=options.model)
        path = None if options.url else _file(options)
        rows = _asked(options, query) if path is None else report(query, select_from(path))
    except ConfigError as error:
        print_problems(error)
        return exits.NO
    except LedgerError as error:
        print_error(f"{error}.")
        return exits.NO
    except G4FError as error:
        print_error(error.message)
        return exits.USAGE
    names = ["key" if by is By.KEY else by.value for by in query.by]
    _print(rows, names, options.format)
    return exits.WELL


def _by(text: str) -> tuple[By, ...]:
    try:
        return columns(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def _day(text: str | None, today: date) -> str | None:
    if text is None:
        return None
    back = re.fullmatch(r"([0-9]{1,4})d", text)
    if back:
        return (today - timedelta(days=int(back[1]))).isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise G4FError(f"{text!r} is no day: write 2026-11-01, or 7d for seven days back.") from None


def _file(options: argparse.Namespace) -> Path | None:
    """Where the books are; None where the daemon has them in memory."""
    if options.file is not None:
        return Path(options.file)
    from g4f.config.load import load

    settings = from_environment()
    loaded = load(config_path(options.config, settings), environ=environment(), settings=settings)
    return ledger_path(loaded.config, loaded.path.parent)


def _asked(options: argparse.Namespace, query: Query) -> list[dict[str, Any]]:
    wanted = {"since": query.since, "until": query.until, "key": query.key, "model": query.model}
    words = ",".join("key" if by is By.KEY else by.value for by in query.by)
    sent = {"by": words, **{name: value for name, value in wanted.items() if value is not None}}
    told = ask(admin_url(options), "/admin/usage", query=sent, key=options.key, wanted=("rows",))
    rows: list[dict[str, Any]] = told["rows"]
    return rows


def _print(rows: Sequence[dict[str, Any]], names: list[str], form: str) -> None:
    if form == "json":
        print_json(rows)
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, [*names, *_AMOUNTS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif not rows:
        print("nothing was used in that time")
    elif form == "chart":
        priced = any(row["usd"] for row in rows)
        bars = [(" ".join(str(row[name]) for name in names), _height(row, priced=priced)) for row in rows]
        print(chart(bars, "US dollars" if priced else "tokens"))
    else:
        shown = [name for name in _AMOUNTS if name not in _RARE or any(row[name] for row in rows)]
        heads = [*names, *(name.removesuffix("_tokens") for name in shown)]
        print(table(heads, [[*(row[name] for name in names), *(_cell(row, name) for name in shown)] for row in rows]))


def _height(row: dict[str, Any], *, priced: bool) -> float:
    return float(row["usd"] or 0) if priced else float(row["input_tokens"] + row["output_tokens"])


def _cell(row: dict[str, Any], name: str) -> str:
    if name != "usd":
        return f"{row[name]:,}"
    return "" if row["usd"] is None else f"{row['usd']:.4f}" + ("+" if row["unpriced"] else "")
