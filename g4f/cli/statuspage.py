"""The page of `g4fd status`, as lines of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from g4f.config.units import shown_duration
from g4f.meter.reading import Counted

State = Mapping[str, Any]


def page(url: str, state: State, counts: Counted, *, before: Counted | None = None) -> list[str]:
    """The lines. With an earlier reading counts are rates a second, without one they are totals since the start."""
    rates = None if before is None else counts.since(before)
    lines = [_head(url, state), _load(state, rates or counts, per_second=rates is not None)]
    lines += _news(state)
    lines += ["", *_providers(state, rates or counts, per_second=rates is not None)]
    lines += ["", *_models(rates or counts, per_second=rates is not None)]
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
    if trial and trial.get("verdict") == "running":
        yield f"  on trial: {trial['percent']} % of the requests are served by generation {trial['generation']}"


def _providers(state: State, counts: Counted, *, per_second: bool) -> Iterator[str]:
    yield _row("PROVIDER", "CALLS/S" if per_second else "CALLS", "FAILED", "STATE")
    for provider in state["providers"]:
        name = provider["name"]
        told = "; ".join(_cooling(name, state["cooldowns"])) or "ok"
        yield _row(name, _count(counts.calls, name, per_second), _count(counts.failures, name, per_second), told)
    for cooldown in state["cooldowns"]:
        if cooldown["proxy"] is not None:
            yield _row(f"proxy {cooldown['proxy']}", "", "", f"{cooldown['failure']}, {_left(cooldown)}")


def _cooling(name: str, cooldowns: Sequence[State]) -> Iterator[str]:
    for found in cooldowns:
        if found["provider"] == name and found["proxy"] is None:
            about = " ".join(f"{word} {found[word]}" for word in ("key", "model") if found[word] is not None)
            yield f"{about}{': ' if about else ''}{found['failure']}, {_left(found)}"


def _left(cooldown: State) -> str:
    return f"again in {shown_duration(float(max(round(cooldown['for']), 1)))}"


def _models(counts: Counted, *, per_second: bool) -> Iterator[str]:
    yield _row("MODEL", "REQUESTS/S" if per_second else "REQUESTS", "ERRORS", "")
    for name in sorted(counts.requests, key=lambda name: -counts.requests[name]):
        yield _row(name, _count(counts.requests, name, per_second), _count(counts.errors, name, per_second), "")


def _count(counts: Mapping[str, float], name: str, per_second: bool) -> str:
    return f"{counts.get(name, 0.0):.1f}" if per_second else f"{counts.get(name, 0.0):.0f}"


def _row(name: str, first: str, second: str, rest: str) -> str:
    return f"  {name:<28} {first:>11} {second:>8}  {rest}".rstrip()
