"""The counters of a scrape that an operator watches, read back from the text that Prometheus gets."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

_SAMPLE: Final = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_LABEL: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(slots=True, kw_only=True)
class Counted:
    """Counts since the daemon began, by model and by provider; `at` is when, in seconds of any steady clock."""

    at: float
    requests: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    failures: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def as_dict(self) -> dict[str, Any]:
        """The counts by model and by provider, for JSON."""
        models = {name: {"requests": n, "errors": self.errors.get(name, 0.0)} for name, n in self.requests.items()}
        calls = {name: {"calls": n, "failed": self.failures.get(name, 0.0)} for name, n in self.calls.items()}
        return {"models": models, "providers": calls}

    def since(self, before: "Counted") -> "Counted":
        """The rates a second between two readings. A counter that went back is one of a new process."""
        seconds = max(self.at - before.at, 1e-3)

        def rates(now: dict[str, float], then: dict[str, float]) -> dict[str, float]:
            return {name: max(count - then.get(name, 0.0), 0.0) / seconds for name, count in now.items()}

        return Counted(
            at=self.at,
            requests=rates(self.requests, before.requests),
            errors=rates(self.errors, before.errors),
            calls=rates(self.calls, before.calls),
            failures=rates(self.failures, before.failures),
        )


def counted(text: str, at: float) -> Counted:
    """The counters in the text of a scrape. Errors are statuses of 500 and above: the others are the callers' own."""
    found = Counted(at=at)
    for line in text.splitlines():
        sample = _SAMPLE.fullmatch(line)
        if sample is None:
            continue
        labels, value = dict(_LABEL.findall(sample["labels"] or "")), float(sample["value"])
        match sample["name"]:
            case "g4fd_requests_total" if labels.get("model"):
                found.requests[labels["model"]] += value
                found.errors[labels["model"]] += value if labels.get("status", "").startswith("5") else 0.0
            case "g4fd_attempts_total":
                found.calls[labels["provider"]] += value
                found.failures[labels["provider"]] += value if labels.get("outcome") == "failed" else 0.0
            case _:
                pass
    return found
