"""What a request would do now, and why: the resolution in words and numbers that people and programs can read."""

from dataclasses import asdict, dataclass
from typing import Any

from g4f.gateway.snapshot import Snapshot
from g4f.router.health import Health
from g4f.router.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Explanation:
    """`targets` in the order of trying, `skipped` with a reason each, all times in seconds; `place` is the route's.
    `able` names some models that can do what none of the targets can."""

    model: str
    route: str | None
    place: str | None
    generation: int
    targets: list[dict[str, Any]]
    skipped: list[dict[str, Any]]
    able: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def explain(resolution: Resolution, snapshot: Snapshot, health: Health) -> Explanation:
    """The explanation of a resolution over a snapshot."""
    now = health.now()
    return Explanation(
        model=resolution.model,
        route=resolution.route,
        place=snapshot.places.get(resolution.route or ""),
        generation=snapshot.generation,
        targets=[
            {
                "provider": target.provider,
                "model": target.model,
                "key": target.key,
                "proxy": target.proxy,
                "retries": target.retries,
                "timeouts": asdict(target.timeouts),
                "wait": round(target.wait, 3),
            }
            for target in resolution.targets
        ],
        skipped=[
            {
                "provider": skip.provider,
                "model": skip.model,
                "key": skip.key,
                "reason": skip.reason.value,
                "detail": skip.detail,
                "for": None if skip.until is None else round(max(skip.until - now, 0.0), 3),
            }
            for skip in resolution.skipped
        ],
        able=list(resolution.able),
    )
