"""Each rule of a conformance test finds an adapter that breaks it."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from g4f.conformance.belonging import bare
from g4f.conformance.checks import Checked, Effort, Rule, check
from g4f.conformance.player import Player
from g4f.conformance.recording import Recording, golden
from g4f.conformance.replay import Stage, stage
from g4f.exchange.answer import Completion, Frame
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect
from g4f.providers.types import Adapter, Call

QUICK = Effort(played=12, fed=1)
BY_NAME = {recording.name: recording for recording in golden()}
CHAT = BY_NAME["openai-reasoning-stream"]


class Spoilt:
    """An adapter that is asked through another, and does one thing wrongly."""

    name = "Lab"

    def __init__(self, true: Adapter) -> None:
        self.true = true

    async def complete(self, call: Call) -> Completion:
        return await self.true.complete(call)

    async def stream(self, call: Call) -> AsyncIterator[Frame]:
        async for frame in self.true.stream(call):
            yield frame

    async def models(self, *, key: str | None, connect: float) -> list[str]:
        return []

    async def close(self) -> None:
        await self.true.close()


class TakesTheEndOfBytesForTheEnd(Spoilt):
    async def stream(self, call: Call) -> AsyncIterator[Frame]:
        try:
            async for frame in self.true.stream(call):
                yield frame
        except AttemptFailed:
            return


class LosesThoughts(Spoilt):
    async def stream(self, call: Call) -> AsyncIterator[Frame]:
        async for frame in self.true.stream(call):
            yield dataclasses.replace(frame, wire=frame.wire.replace(b"reasoning", b"nothing").replace(b"seven", b""))


class LosesWhatComesInPieces(Spoilt):
    async def stream(self, call: Call) -> AsyncIterator[Frame]:
        count = 0
        async for frame in self.true.stream(call):
            count += 1
            yield dataclasses.replace(frame, wire=frame.wire + b": %d\n" % player_pieces(self))


class KnowsNoErrors(Spoilt):
    async def complete(self, call: Call) -> Completion:
        try:
            return await self.true.complete(call)
        except AttemptFailed as failed:
            failure = Failure(kind=FailureKind.SERVER_ERROR, message="?", status=failed.failure.status)
            raise AttemptFailed(failure) from None


def player_pieces(spoilt: Spoilt) -> int:
    return len(PLAYERS[spoilt].reply.pieces)


PLAYERS: dict[Spoilt, Player] = {}


@asynccontextmanager
async def spoilt(make: Callable[[Adapter], Spoilt], dialect: Dialect = Dialect.OPENAI) -> AsyncIterator[Stage]:
    row = bare(dialect)
    async with stage("Lab", row) as there:
        adapter = make(there._adapter)
        PLAYERS[adapter] = there.player
        yield Stage("Lab", row.model_copy(update={"adapter": "lab"}), adapter, there.player)
        PLAYERS.clear()


def rules(checked: Checked) -> set[Rule]:
    return {finding.rule for finding in checked.findings}


@pytest.mark.parametrize(
    ("make", "recording", "broken"),
    [
        (TakesTheEndOfBytesForTheEnd, CHAT, Rule.BROKEN),
        (LosesThoughts, CHAT, Rule.KEPT),
        (LosesWhatComesInPieces, CHAT, Rule.SPLITS),
        (KnowsNoErrors, BY_NAME["openai-error-401"], Rule.ERRORS),
    ],
)
async def test_an_adapter_that_breaks_a_rule_is_found(make, recording: Recording, broken: Rule) -> None:
    async with spoilt(make) as there:
        assert broken in rules(await check(there, recording, QUICK))


async def test_an_adapter_that_keeps_the_rules_is_not_accused() -> None:
    async with spoilt(Spoilt) as there:
        assert (await check(there, CHAT, QUICK)).findings == []


async def test_an_answer_cut_before_its_end_is_not_whole() -> None:
    cut = dataclasses.replace(CHAT, body=CHAT.body[: CHAT.body.rindex(b'"finish_reason"')])
    async with stage("Lab", bare(Dialect.OPENAI)) as there:
        assert rules(await check(there, cut, QUICK)) == {Rule.WHOLE}


async def test_a_recorded_request_that_we_would_refuse_is_told() -> None:
    asked = {"model": "gpt-5", "messages": "Hello!"}
    async with stage("Lab", bare(Dialect.OPENAI)) as there:
        checked = await check(there, dataclasses.replace(CHAT, asked=asked), QUICK)
    assert rules(checked) == {Rule.ADMITTED}


async def test_an_answer_asked_for_elsewhere_is_told() -> None:
    moved = dataclasses.replace(CHAT, path="/v1/chat/answers")
    async with stage("Lab", bare(Dialect.OPENAI)) as there:
        assert rules(await check(there, moved, QUICK)) == {Rule.ASKED}


async def test_what_only_the_own_dialect_has_words_for_is_named() -> None:
    more = dataclasses.replace(CHAT, body=CHAT.body.replace(b'"id":', b'"service_tier": "priority-zebra", "id":'))
    async with stage("Lab", bare(Dialect.OPENAI)) as there:
        checked = await check(there, more, QUICK)
    assert checked.findings == []
    assert "service_tier" in checked.lost
