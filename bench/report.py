"""From samples to tables: medians over the rounds, differences to direct, ratios to g4f.

A ratio above 1 means that a candidate does more for the same CPU time than g4f. It is a fact of one run on one machine;
so are all absolute figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.workload import SCENARIOS, Kind, Scenario

OURS = "g4f"
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate in one scenario. `each_us` is CPU time for a request or a chunk; `added_*` is what comes on top of
    direct's latency, or a library's latency itself.

    None stands for what cannot be said: direct has no proxy, and what failed has no figures.
    """

    name: str
    rate: float | None
    each_us: float | None
    ratio: float | None
    added_p50_us: float | None
    added_p99_us: float | None
    rss: float | None
    errors: int


def rows(scenario: Scenario, samples: Mapping[str, Sequence[dict[str, Any]]]) -> list[Row]:
    """A scenario's rows: direct, the others from the cheapest to the dearest."""
    ours = _name(scenario, OURS)
    base = _each(scenario, samples[ours]) if ours in samples else None
    direct = [] if scenario.in_process else samples.get("direct", [])
    found = [_row(scenario, name, taken, direct, base) for name, taken in samples.items()]
    return sorted(found, key=lambda row: (row.name != "direct", row.each_us is None, row.each_us or 0.0))


def _row(
    scenario: Scenario,
    name: str,
    taken: Sequence[dict[str, Any]],
    direct: Sequence[dict[str, Any]],
    base: float | None,
) -> Row:
    each = _each(scenario, taken)
    field = "first_us" if scenario.streamed else "latency_us"
    is_direct = name == "direct"
    return Row(
        name=name,
        rate=_median([_units(scenario, one) / one["wall"] for one in taken]),
        each_us=each,
        ratio=base / each if base and each else None,
        added_p50_us=None if is_direct else _added(taken, direct, field, 0),
        added_p99_us=None if is_direct else _added(taken, direct, field, 1),
        rss=_median([one["rss"] for one in taken if one["rss"]]),
        errors=sum(sum(one["errors"].values()) for one in taken),
    )


def _units(scenario: Scenario, one: Mapping[str, Any]) -> int:
    return int(one["tokens"] if scenario.streamed else one["answers"])


def _each(scenario: Scenario, taken: Sequence[Mapping[str, Any]]) -> float | None:
    costs = [1e6 * one["cpu"] / _units(scenario, one) for one in taken if one["cpu"] and _units(scenario, one)]
    return _median(costs)


def _added(
    taken: Sequence[Mapping[str, Any]], direct: Sequence[Mapping[str, Any]], field: str, part: int
) -> float | None:
    mine = _median([one[field][part] for one in taken if one[field]])
    if not direct:
        return mine
    theirs = _median([one[field][part] for one in direct if one[field]])
    return mine - theirs if mine is not None and theirs is not None else None


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _name(scenario: Scenario, name: str) -> str:
    return f"client:{name}" if scenario.in_process else name


def markdown(results: Mapping[str, Any]) -> str:
    """All tables of a run, with what is on and off in each candidate below them."""
    parts = [_head(results["machine"])]
    parts += [_table(scenario, results) for scenario in SCENARIOS if scenario.name in results["samples"]]
    if results["starts"]:
        parts.append(_starts(results))
    parts.append(_notes(results))
    return "\n\n".join(parts) + "\n"


def _head(machine: Mapping[str, Any]) -> str:
    shared = "one core" if machine["upstream_core"] == machine["load_core"] else "a core each"
    return (
        f"Taken {machine['taken']} on {machine['system']}, {machine['cores']} cores, Python {machine['python']}, load "
        f"average {machine['load_average']:.1f} at the start; {machine['rounds']} round(s) of {machine['seconds']} s. "
        f"The proxy had a core for itself; mock upstream and load generator had {shared}."
    )


def _table(scenario: Scenario, results: Mapping[str, Any]) -> str:
    unit = "chunk" if scenario.streamed else "request"
    wait = "first token" if scenario.streamed else "latency"
    # A library has no way around it to be held against.
    wait = wait if scenario.in_process else f"added {wait}"
    titles = [
        "",
        f"{unit}s/s",
        f"CPU us/{unit}",
        "work per CPU, g4f = 1",
        f"{wait} p50 us",
        f"{wait} p99 us",
        "RSS MiB",
    ]
    offered = ""
    if scenario.kind is Kind.PACED:
        offered = f" ({scenario.concurrency * 1000 // scenario.pace_ms:,} chunks/s offered)"
    body = [_cells(row, results["titles"]) for row in rows(scenario, results["samples"][scenario.name])]
    return f"### {scenario.title}{offered}\n\n" + _lines([titles, *body])


def _cells(row: Row, titles: Mapping[str, str]) -> list[str]:
    failed = f" ({row.errors} failed)" if row.errors else ""
    return [
        titles.get(row.name, row.name) + failed,
        _number(row.rate),
        _number(row.each_us),
        _NONE if row.ratio is None else f"{row.ratio:.2f}",
        _number(row.added_p50_us),
        _number(row.added_p99_us),
        _number(row.rss),
    ]


def _starts(results: Mapping[str, Any]) -> str:
    body = []
    for name, taken in sorted(results["starts"].items(), key=lambda item: median(one[0] for one in item[1])):
        ready, idle = median(one[0] for one in taken), median(one[1] for one in taken)
        body.append([results["titles"].get(name, name), f"{ready:.2f}", _number(idle)])
    return "### Start\n\n" + _lines([["", "seconds to the first answer", "idle RSS MiB"], *body])


def _notes(results: Mapping[str, Any]) -> str:
    lines = []
    for key, note in results["notes"].items():
        version = results["versions"].get(key)
        kind = " (client)" if key.startswith("client:") else ""
        lines.append(f"- **{results['titles'][key]}{kind}**{f' {version}' if version else ''}: {note}")
    lines += [f"- {name}: left out, {reason}" for name, reason in results["skipped"].items()]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    if value is None:
        return _NONE
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _lines(table: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up in a terminal."""
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    out = []
    for position, line in enumerate(table):
        cells = [cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in _at(line, widths)]
        out.append("| " + " | ".join(cells) + " |")
        if position == 0:
            out.append(
                "|" + "|".join("-" * (w + 2) if not n else "-" * (w + 1) + ":" for n, w in enumerate(widths)) + "|"
            )
    return "\n".join(out)


def _at(line: Sequence[str], widths: Sequence[int]) -> list[tuple[int, tuple[str, int]]]:
    return list(enumerate(zip(line, widths, strict=True)))
