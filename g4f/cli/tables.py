"""Rows for the terminal: as a table, and as bars."""

import re
import shutil
from collections.abc import Sequence

_BLOCKS = " ▏▎▍▌▋▊▉█"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be; those of numbers are set to the right."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    right = [all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in (heads, *rows):
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def chart(bars: Sequence[tuple[str, float]], unit: str) -> str:
    """A bar for each row, the longest as wide as the terminal allows."""
    labels = max(len(label) for label, _ in bars)
    values = [f"{value:,.4f}".rstrip("0").rstrip(".") for _, value in bars]
    room = max(shutil.get_terminal_size().columns - labels - max(len(value) for value in values) - 4, 10)
    highest = max(value for _, value in bars) or 1.0
    lines = [
        f"{label:<{labels}}  {_bar(value / highest * room):<{room}}  {text}"
        for (label, value), text in zip(bars, values, strict=True)
    ]
    return "\n".join([f"{'':<{labels}}  {unit}", *lines])


def _bar(length: float) -> str:
    eighths = round(length * 8)
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[0-9,.]*\+?", cell) is not None
