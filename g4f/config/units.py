"""Durations (`300ms`, `5s`, `1h30m`), sizes (`64KiB`, `32MiB`) and moments (`2026-12-31`) as people write them.

A unit is always written: a bare number would leave the reader guessing, and YAML 1.1 reads `1:30` as 90.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_PART: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_DURATION: Final = re.compile(rf"(?:{_PART.pattern})+")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_SIZE: Final = re.compile(r"([0-9]{1,15})(B|kB|KB|MB|GB|KiB|MiB|GiB)")
_BYTES: Final = {
    "B": 1,
    "kB": 1000,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}

#: The same rules as regular expressions for editors (JSON Schema, ECMA 262).
DURATION_PATTERN: Final = r"^([0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h|d))+$"
SIZE_PATTERN: Final = r"^[0-9]{1,15}(B|kB|KB|MB|GB|KiB|MiB|GiB)$"
MOMENT_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"

_MOMENT: Final = re.compile(MOMENT_PATTERN.replace("$", r"\Z"))


def seconds(text: str, *, zero: bool = False) -> float:
    """`1h30m` -> 5400.0. Raises ValueError when it is not a duration, is zero (unless `zero` allows it), or is longer
    than a year."""
    if not _DURATION.fullmatch(text):
        raise ValueError("not a duration: write a number and a unit, such as 300ms, 30s, 5m or 1h30m")
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if total <= 0 and not zero:
        raise ValueError("a duration has to be more than zero")
    if total > 365 * 86400:
        raise ValueError("a duration of more than a year is not a limit; leave it out instead")
    return total


def moment(text: str) -> float:
    """`2026-12-31T18:00:00Z` -> Unix time in seconds; a date alone is the end of that day in UTC.

    Raises ValueError when it is neither, or a time without its zone.
    """
    try:
        parsed = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
        if parsed is not None and "T" not in text:
            return (parsed.replace(tzinfo=UTC) + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError):
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ValueError('not a date: write "2026-12-31", or with its zone "2026-12-31T18:00:00Z"')
    return parsed.timestamp()


def size(text: str) -> int:
    """`64KiB` -> 65536. Raises ValueError when it is not a size or is zero."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError("not a size: write a whole number and a unit, such as 64KiB or 32MiB")
    total = int(match[1]) * _BYTES[match[2]]
    if total <= 0:
        raise ValueError("a size has to be more than zero")
    return total


def shown_duration(total: float) -> str:
    """5400.0 -> `1h30m`: as a person would write it."""
    if total < 1:
        return f"{total * 1000:g}ms" if total else "0s"
    parts, left = [], total
    for unit in ("d", "h", "m"):
        count, left = divmod(left, _SECONDS[unit])
        if count:
            parts.append(f"{count:g}{unit}")
    if left:
        parts.append(f"{round(left, 3):g}s")
    return "".join(parts)


def shown_size(total: int) -> str:
    """65536 -> `64KiB`: in the largest unit that leaves a whole number."""
    for unit in ("GiB", "MiB", "KiB"):
        if total % _BYTES[unit] == 0:
            return f"{total // _BYTES[unit]}{unit}"
    return f"{total}B"
