"""A whole test: the recordings of one provider, or all of them, played one after another."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from g4f.config.schema import Provider
from g4f.conformance.belonging import owner
from g4f.conformance.checks import Checked, Effort, check
from g4f.conformance.recording import Recording
from g4f.conformance.replay import stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A recording, by the row it was played to."""

    provider: str
    checked: Checked


def play(
    name: str, row: Provider, recordings: Iterable[Recording], effort: Effort, told: Callable[[Checked], None]
) -> list[Checked]:
    """Play recordings to one provider's adapter; `told` hears of each."""
    return asyncio.run(_play(name, row, recordings, effort, told))


def play_all(
    rows: Mapping[str, Provider], recordings: Iterable[Recording], effort: Effort, told: Callable[[Checked], None]
) -> list[Played]:
    """Play every recording to the provider it is about, or to its dialect's bare row where none is."""

    async def all_of_them() -> list[Played]:
        played: list[Played] = []
        for recording in recordings:
            name, row = owner(recording, rows)
            played += [
                Played(provider=name, checked=checked) for checked in await _play(name, row, [recording], effort, told)
            ]
        return played

    return asyncio.run(all_of_them())


async def _play(
    name: str, row: Provider, recordings: Iterable[Recording], effort: Effort, told: Callable[[Checked], None]
) -> list[Checked]:
    done: list[Checked] = []
    async with stage(name, row) as there:
        for recording in recordings:
            checked = await check(there, recording, effort)
            told(checked)
            done.append(checked)
    return done
