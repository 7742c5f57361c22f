"""Usage as a report: the books added up by whatever one wants to compare.

Read from the running daemon's ledger, or from its file while it runs or not.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from g4f.meter.ledger import LedgerError


class By(StrEnum):
    """What rows are told apart by. The values are columns of the ledger."""

    DAY = "day"
    KEY = "caller"
    MODEL = "model"
    PROVIDER = "provider"
    UPSTREAM = "upstream"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`since` and `until` are days (2026-11-21), both included; None is open. `key` and `model` are exact names."""

    by: tuple[By, ...] = (By.DAY,)
    since: str | None = None
    until: str | None = None
    key: str | None = None
    model: str | None = None


#: The words for them.
WORDS: Final = MappingProxyType({"key" if by is By.KEY else by.value: by for by in By})


def columns(text: str) -> tuple[By, ...]:
    """What words with commas between them mean (`key,model`). Raises ValueError with words for the user."""
    words = [word.strip() for word in text.split(",")]
    if len(set(words)) < len(words) or not set(words) <= WORDS.keys():
        raise ValueError(f"{text[:80]!r}: write some of {', '.join(WORDS)}, each once, with commas between them.")
    return tuple(WORDS[word] for word in words)


#: Runs a query with its values and returns the rows. Raises LedgerError.
Select = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

_AMOUNTS = "calls", "answered", "input_tokens", "output_tokens", "nano_usd", "unpriced", "uncounted"


def report(query: Query, select: Select) -> list[dict[str, Any]]:
    """The rows of a report, each with its names and its amounts; `usd` is null where no price is known at all.

    `calls` are upstream calls, `answered` those whose answer reached its client whole. Raises LedgerError.
    """
    names = ", ".join(column.value for column in query.by)
    conditions = {"day >= ?": query.since, "day <= ?": query.until, "caller = ?": query.key, "model = ?": query.model}
    wanted = {text: value for text, value in conditions.items() if value is not None}
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    # Only names of columns, from the enumeration above, are put into the text.
    rows = select(
        f"SELECT {names}, SUM(calls), SUM(calls * (outcome = 'answered')), SUM(input_tokens), "  # noqa: S608
        f"SUM(output_tokens), SUM(nano_usd), SUM(unpriced), SUM(uncounted) "
        f"FROM usage {where} GROUP BY {names} ORDER BY {names}",
        tuple(wanted.values()),
    )
    return [_row(query.by, row) for row in rows]


def _row(by: Sequence[By], row: Sequence[Any]) -> dict[str, Any]:
    names = {("key" if column is By.KEY else column.value): value for column, value in zip(by, row, strict=False)}
    amounts = dict(zip(_AMOUNTS, row[len(by) :], strict=True))
    nano_usd, unpriced = amounts.pop("nano_usd"), amounts["unpriced"]
    amounts["usd"] = None if unpriced and not nano_usd else nano_usd / 1e9
    return {**names, **amounts}


def select_from(path: Path) -> Select:
    """Reads the ledger in a file, without changing it."""

    def select(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        if not path.exists():
            raise LedgerError(f"{path} does not exist")
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as base:
                return base.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: {error}") from None

    return select
