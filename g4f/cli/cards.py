"""How a test of a provider is told: its card, and what does not hold."""

from collections.abc import Sequence
from typing import Any

from g4f.config.schema import Provider
from g4f.conformance.card import Line, Verdict
from g4f.conformance.checks import Checked

#: Recordings that a line of the card names.
_NAMED = 2


def print_card(name: str, row: Provider, lines: Sequence[Line], *, model: str | None = None) -> None:
    """A provider's card."""
    how = f"dialect {row.dialect or 'openai'}" if row.adapter is None else f"adapter {row.adapter}"
    asked = f"  asked {model}" if model else ""
    print(f"{name}  {how}  {row.base_url or ''}{asked}".rstrip())
    for line in lines:
        claimed = "its row says yes" if line.claimed and line.verdict is not Verdict.YES else ""
        evidence = "; ".join(filter(None, (_evidence(line.evidence), claimed)))
        print(f"  {line.ability.value:<18} {line.verdict.value:<14} {evidence}".rstrip())


def _evidence(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def print_checked(checked: Checked) -> None:
    """A recording's one line."""
    well = "FAILED" if checked.findings else "ok"
    print(f"{well:<7} {checked.recording.name:<52} {checked.recording.status}", flush=True)


def print_findings(done: Sequence[Checked]) -> None:
    """What does not hold, what only callers of the same dialect are told, and the sum of it all."""
    print()
    for checked in done:
        for finding in checked.findings:
            caller = f"({finding.caller} caller)"
            print(f"FAILED  {checked.recording.name} {caller}: {finding.rule.value}: {finding.text}")
    lost = sorted({place for checked in done for place in checked.lost})
    if lost:
        print(f"Not told to callers of another dialect: {', '.join(lost)}.")
    dropped = sorted({name for checked in done for name in checked.dropped})
    if dropped:
        print(f"Not passed on of a request, and named in x-g4f-dropped: {', '.join(dropped)}.")
    recorded = sum(not checked.recording.own for checked in done)
    bad = sum(bool(checked.findings) for checked in done)
    verdict = f"{bad} of them lose or change something" if bad else "every rule holds"
    print(f"{recorded} recorded and {len(done) - recorded} documented exchanges played: {verdict}.")


def as_dict(checked: Checked) -> dict[str, Any]:
    """What became of a recording, for programs."""
    return {
        "recording": checked.recording.name,
        "source": checked.recording.source,
        "status": checked.recording.status,
        "documented": checked.recording.own,
        "findings": [
            {"rule": finding.rule.value, "caller": finding.caller, "text": finding.text} for finding in checked.findings
        ],
        "not_told": sorted(checked.lost),
        "dropped": sorted(checked.dropped),
    }
