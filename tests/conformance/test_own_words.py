"""Each rule of a conformance test finds what is broken at a service with words of its own, too."""

import asyncio
import dataclasses

import pytest

from g4f.config.load import load_catalog
from g4f.conformance.checks import Checked, Effort, Rule, check
from g4f.conformance.recording import Recording, golden
from g4f.conformance.replay import Stage, stage
from g4f.conformance.socket import framed, read_text
from g4f.exchange.failure import AttemptFailed

QUICK = Effort(played=12, fed=1)
BY_NAME = {recording.name: recording for recording in golden()}
COPILOT, REPLICATE = BY_NAME["copilot-chat-stream"], BY_NAME["replicate-chat-looked-at"]
SPEECH = BY_NAME["elevenlabs-speech"]


class TakesTheEndOfASocketForTheEnd:
    def __init__(self, true):
        self.true = true

    async def stream(self, call):
        try:
            async for frame in self.true.stream(call):
                yield frame
        except AttemptFailed:
            return


class TurnsSoundIntoAnother:
    def __init__(self, true):
        self.true = true

    async def stream(self, call):
        async for frame in self.true.stream(call):
            yield dataclasses.replace(frame, wire=frame.wire.replace(b"L", b"l"))


async def checked(recording: Recording, provider: str, spoil=None) -> Checked:
    row = load_catalog().providers[provider]
    async with stage(provider, row) as there:
        if spoil is not None:
            there = Stage(provider, row, spoil(there._adapter), there.player)
        return await check(there, recording, QUICK)


def rules(found: Checked) -> set[Rule]:
    return {finding.rule for finding in found.findings}


@pytest.mark.parametrize(
    ("spoil", "recording", "provider", "broken"),
    [
        (TakesTheEndOfASocketForTheEnd, COPILOT, "Copilot", Rule.BROKEN),
        (TurnsSoundIntoAnother, SPEECH, "ElevenLabs", Rule.KEPT),
    ],
)
async def test_an_adapter_that_breaks_a_rule_is_found(spoil, recording, provider, broken):
    assert rules(await checked(recording, provider, spoil)) == {broken}


@pytest.mark.parametrize(
    ("recording", "provider"),
    [(COPILOT, "Copilot"), (BY_NAME["replicate-chat-whole"], "Replicate"), (SPEECH, "ElevenLabs")],
)
async def test_a_question_in_other_words_than_the_documented_ones_is_told(recording, provider):
    other = dataclasses.replace(recording, asked={**recording.asked, "more": True})
    assert rules(await checked(other, provider)) == {Rule.ASKED}


async def test_an_answer_of_which_a_part_is_not_passed_on_is_told():
    more = COPILOT.body.replace(b'{"event": "done"', b'{"event": "shown", "text": "zebra"}\n{"event": "done"')
    found = await checked(dataclasses.replace(COPILOT, body=more), "Copilot")
    assert rules(found) == {Rule.KEPT}


async def test_what_is_answered_before_is_answered_before():
    before = REPLICATE.earlier[0]
    failed = (before, (200, before[1].replace(b'"starting"', b'"failed"')))
    assert rules(await checked(dataclasses.replace(REPLICATE, earlier=failed), "Replicate")) == {Rule.WHOLE}


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
async def test_a_message_of_any_length_is_framed_and_read(length):
    text = b"a" * length
    head = framed([text])[: -length or None]
    assert framed([text]) == head + text
    assert len(head) == (2 if length < 126 else 4 if length < 65536 else 10)
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(text))
    reader = asyncio.StreamReader()
    reader.feed_data(bytes((head[0], head[1] | 0x80)) + head[2:] + mask + masked)
    assert await read_text(reader) == text
