"""The plot of a run: what a request and a chunk cost each candidate, as SVG written by hand."""

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from bench.report import OURS, Row, rows
from bench.workload import SCENARIOS

#: The scenarios that are drawn, where a run has them.
DRAWN = ("1kb-64", "100kb-10", "stream-10", "paced-50", "chain-10", "client-10")

_WIDTH, _LEFT, _BAR, _GAP = 760, 110, 18, 6
_OURS, _OTHERS = "#c2410c", "#64748b"


def svg(results: Mapping[str, Any]) -> str:
    """Bars on a logarithmic scale: the costs of candidates differ by orders of magnitude."""
    parts: list[str] = []
    y = 40
    for scenario in SCENARIOS:
        if scenario.name not in DRAWN or scenario.name not in results["samples"]:
            continue
        unit = "chunk" if scenario.streamed else "request"
        measured = [row for row in rows(scenario, results["samples"][scenario.name]) if row.each_us]
        parts.append(_text(10, y, f"{scenario.title}: CPU us per {unit}", "bold"))
        for row in measured:
            y += _BAR + _GAP
            parts += _bar(row, y, results["titles"].get(row.name, row.name))
        y += 2 * _BAR + 2 * _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" font-family="sans-serif">'
    title = _text(10, 18, "CPU time, logarithmic scale; shorter is better")
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{y}" fill="white"/>', title, *parts, "</svg>", ""])


def _bar(row: Row, y: int, title: str) -> list[str]:
    cost = row.each_us or 1.0
    # From 1 us at the left to 100 ms at the right.
    width = max(2.0, (_WIDTH - _LEFT - 90) * min(math.log10(max(cost, 1.0)) / 5, 1.0))
    fill = _OURS if row.name.removeprefix("client:") == OURS else _OTHERS
    bar = f'<rect x="{_LEFT}" y="{y - 13}" width="{width:.1f}" height="{_BAR}" fill="{fill}"/>'
    return [_text(10, y, title), bar, _text(int(_LEFT + width + 6), y, f"{cost:,.0f}")]


def _text(x: int, y: int, text: str, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" font-size="13" font-weight="{weight}">{escape(text)}</text>'
