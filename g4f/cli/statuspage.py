"""The page of `g4fd status`, as lines of text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from g4f.config.units import shown_duration
from g4f.meter.reading import Counted

State = Mapping[str, Any]
#: A name, two numbers, and what there is to say.
Row = tuple[str, str, str, str]
#: What of the state is always shown.
SHOWN = frozenset(
    {
        *("version", "generation", "file", "models", "uptime_seconds"),
        *("open_requests", "loop_lag_seconds", "providers", "cooldowns"),
    }
)


def page(url: str, state: State, counts: Counted, *, before: Counted | None = None) -> list[str]:
    """The lines. With an earlier reading counts are rates a second, without one they are totals since the start."""
    rates = None if before is None else counts.since(before)
    lines = [_head(url, state), _load(state, rates or counts, per_second=rates is not None)]
    lines += _news(state)
    tables = [
        list(_providers(state, rates or counts, per_second=rates is not None)),
        list(_models(rates or counts, per_second=rates is not None)),
    ]
    width = max(len(row[0]) for rows in tables for row in rows)
    for rows in tables:
        lines += ["", *_aligned(rows, width)]
    return lines


def _head(url: str, state: State) -> str:
    up = shown_duration(float(state["uptime_seconds"] // 60 * 60 or state["uptime_seconds"]))
    where = f"{url}  up {up}" if state["uptime_seconds"] else url
    return (
        f"g4fd {state['version']}  {where}  generation {state['generation']}  {state['file']}, {state['models']} models"
    )


def _load(state: State, counts: Counted, *, per_second: bool) -> str:
    requests, errors = sum(counts.requests.values()), sum(counts.errors.values())
    unit = "/s" if per_second else ""
    lag = f"loop lag {state['loop_lag_seconds'] * 1000:.1f} ms"
    shape = ".1f" if per_second else ".0f"
    return f"  {state['open_requests']} open, {requests:{shape}}{unit} requests, {errors:{shape}}{unit} errors, {lag}"


def _news(state: State) -> Iterator[str]:
    """What not every daemon has, and what is out of the ordinary."""
    workers = state.get("workers") or ()
    if workers:
        open_requests = ", ".join(str(worker["open_requests"]) for worker in workers)
        yield f"  {len(workers)} workers: {open_requests} open"
    if state.get("draining"):
        yield "  DRAINING: no new requests are taken"
    refused = (state.get("reload") or {}).get("problem")
    if refused:
        yield f"  THE FILE IS REFUSED: {str(refused).splitlines()[0]}"
    trial = state.get("trial")
    if trial and trial.get("verdict") == "going_on":
        yield f"  on trial: {trial['percent']} % of the requests are served by generation {trial['generation']}"


def _providers(state: State, counts: Counted, *, per_second: bool) -> Iterator[Row]:
    yield "PROVIDER", "CALLS/S" if per_second else "CALLS", "FAILED", "STATE"
    for provider in state["providers"]:
        name = provider["name"]
        first, *more = _cooling(name, state["cooldowns"]) or ["ok"]
        yield name, _count(counts.calls, name, per_second), _count(counts.failures, name, per_second), first
        for told in more:
            yield "", "", "", told
    for cooldown in state["cooldowns"]:
        if cooldown["proxy"] is not None:
            yield f"proxy {cooldown['proxy']}", "", "", f"{cooldown['failure']}, {_left(cooldown)}"


def _cooling(name: str, cooldowns: Sequence[State]) -> list[str]:
    """What of a provider cools down; what several workers say of the same once, with the longest time."""
    longest: dict[str, State] = {}
    for found in sorted(cooldowns, key=lambda cooldown: float(cooldown["for"])):
        if found["provider"] == name and found["proxy"] is None:
            about = " ".join(f"{word} {found[word]}" for word in ("key", "model") if found[word] is not None)
            longest[f"{about}{': ' if about else ''}{found['failure']}"] = found
    return [f"{about}, {_left(found)}" for about, found in longest.items()]


def _left(cooldown: State) -> str:
    return f"again in {shown_duration(float(max(round(cooldown['for']), 1)))}"


def _models(counts: Counted, *, per_second: bool) -> Iterator[Row]:
    yield "MODEL", "REQUESTS/S" if per_second else "REQUESTS", "ERRORS", ""
    for name in sorted(counts.requests, key=lambda name: -counts.requests[name]):
        yield name, _count(counts.requests, name, per_second), _count(counts.errors, name, per_second), ""


def _count(counts: Mapping[str, float], name: str, per_second: bool) -> str:
    return f"{counts.get(name, 0.0):.1f}" if per_second else f"{counts.get(name, 0.0):.0f}"


def _aligned(rows: Iterable[Row], width: int) -> Iterator[str]:
    for name, first, second, rest in rows:
        yield f"  {name:<{width}} {first:>10} {second:>7}  {rest}".rstrip()
