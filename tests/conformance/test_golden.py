"""What the documentation of each dialect shows, and recorded traffic where it is at hand, goes through the adapters
without a loss."""

from pathlib import Path

import pytest

from g4f.config.load import load_catalog
from g4f.conformance.belonging import bare, belongs, owner
from g4f.conformance.card import Ability, Verdict, card
from g4f.conformance.checks import Effort, check
from g4f.conformance.recording import Recording, golden, recordings
from g4f.conformance.replay import stage
from g4f.conformance.run import play
from g4f.exchange.request import Dialect

#: Enough to find what depends on the cuts at all; `g4fd provider test` does more.
QUICK = Effort(played=4, fed=20_000)
BESIDE = next(
    (found for parent in Path(__file__).resolve().parents if (found := parent / "shared" / "cassettes").is_dir()), None
)
#: The longest takes seconds, and is no other than the rest.
RECORDED = [recording for recording in recordings(BESIDE) if len(recording.body) < 50_000] if BESIDE else []


def named(recording: Recording) -> str:
    return recording.name


@pytest.mark.parametrize("recording", [*golden(), *RECORDED], ids=named)
async def test_nothing_of_a_recording_is_lost(recording: Recording) -> None:
    name, row = owner(recording, load_catalog().providers)
    async with stage(name, row) as there:
        checked = await check(there, recording, QUICK)
    assert checked.findings == []


@pytest.mark.parametrize("dialect", list(Dialect), ids=str)
def test_each_dialect_is_documented_in_all_that_a_chat_can_be(dialect: Dialect) -> None:
    row = bare(dialect)
    own = [recording for recording in golden() if belongs("Lab", row, recording)]
    lines = {line.ability: line for line in card(row, play("Lab", row, own, Effort(played=1, fed=1), lambda _: None))}
    shown = {ability for ability, line in lines.items() if line.verdict is Verdict.BY_DIALECT}
    assert shown >= {
        Ability.TEXT,
        Ability.STREAM,
        Ability.TOOLS,
        Ability.PARALLEL_TOOLS,
        Ability.VISION,
        Ability.REASONING,
        Ability.USAGE,
        Ability.ERRORS,
    }


@pytest.mark.parametrize(
    ("name", "abilities"),
    [
        ("Replicate", {Ability.TEXT, Ability.STREAM, Ability.USAGE, Ability.IMAGES, Ability.ERRORS}),
        ("ElevenLabs", {Ability.SPEECH, Ability.TRANSCRIPTION, Ability.ERRORS}),
        ("Copilot", {Ability.TEXT, Ability.STREAM, Ability.REASONING, Ability.CITATIONS, Ability.ERRORS}),
    ],
)
def test_a_service_with_words_of_its_own_is_documented_in_what_it_can_do(name: str, abilities: set[Ability]) -> None:
    row = load_catalog().providers[name]
    own = [recording for recording in golden() if belongs(name, row, recording)]
    done = play(name, row, own, Effort(played=1, fed=1), lambda _: None)
    assert {line.ability for line in card(row, done) if line.verdict is Verdict.DOCUMENTED} == abilities
    assert [checked.findings for checked in done if checked.findings] == []


def test_what_is_in_the_words_of_an_adapter_is_about_the_rows_of_that_adapter_only() -> None:
    recording = next(each for each in golden() if each.name == "replicate-chat-whole")
    rows = load_catalog().providers
    assert [name for name, row in rows.items() if belongs(name, row, recording)] == ["Replicate"]
    assert belongs("Mine", rows["Replicate"], recording)


def test_a_recording_belongs_to_the_provider_it_came_from() -> None:
    rows = load_catalog().providers
    recording = next(each for each in golden() if each.name == "anthropic-tools-stream")
    assert [name for name, row in rows.items() if belongs(name, row, recording)] == ["Anthropic"]
    assert not belongs("OpenAI", rows["OpenAI"], recording)
