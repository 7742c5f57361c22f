"""What has to hold of a provider's adapter, whatever the provider: each rule is played on one recording."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any, Final

from g4f.conformance import cuts
from g4f.conformance.losses import losses, matters
from g4f.conformance.questions import as_recorded, questions
from g4f.conformance.recording import Recording
from g4f.conformance.replay import SECRET, Outcome, Stage
from g4f.errors import RequestError
from g4f.exchange.failure import FailureKind
from g4f.exchange.request import Operation, Request

_K = FailureKind
#: What a status may mean; any other kind says less than the provider did.
_MEANINGS: Final = {
    400: {
        _K.BAD_REQUEST, _K.AUTH, _K.CONTEXT_LENGTH, _K.CONTENT_FILTER, _K.NOT_FOUND, _K.QUOTA, _K.REJECTED,
        _K.UNSUPPORTED,
    },
    401: {_K.AUTH},
    402: {_K.QUOTA},
    403: {_K.AUTH, _K.QUOTA, _K.CONTENT_FILTER, _K.CHALLENGE, _K.NOT_FOUND},
    404: {_K.NOT_FOUND, _K.BAD_REQUEST},
    408: {_K.TIMEOUT},
    413: {_K.CONTEXT_LENGTH, _K.BAD_REQUEST, _K.REJECTED},
    422: {_K.REJECTED, _K.BAD_REQUEST, _K.CONTEXT_LENGTH},
    429: {_K.RATE_LIMITED, _K.QUOTA, _K.OVERLOADED},
    500: {_K.SERVER_ERROR},
    502: {_K.SERVER_ERROR},
    503: {_K.OVERLOADED, _K.SERVER_ERROR},
    504: {_K.GATEWAY_TIMEOUT, _K.SERVER_ERROR},
    529: {_K.OVERLOADED},
}  # fmt: skip


class Rule(StrEnum):
    """What is checked. The value is the rule in words."""

    ADMITTED = "what it answers is not refused here"
    ASKED = "it is asked where the provider was, with its key"
    WHOLE = "a whole answer is one"
    ERRORS = "an error is known for what it is"
    SPLITS = "the same, however it is split"
    BROKEN = "an answer that breaks off is no answer"
    KEPT = "nothing of the answer is lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that does not hold, for a caller of a dialect."""

    rule: Rule
    caller: str
    text: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """What became of one recording. `lost` are the places of what callers of another dialect are not told, `dropped`
    of what of their request the provider was not. `told` is the answer to `first`, in its own words."""

    recording: Recording
    findings: list[Finding] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    first: Request | None = None
    told: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is tried for each recording and caller, beside every byte once: `played` bounds the cuts that are played
    over a socket, and `fed` the bytes that are read of an answer cut in two, and only in two, again and again."""

    played: int = 40
    fed: int = 500_000

    def read(self, size: int) -> int:
        """How many cuts of an answer of `size` bytes are read."""
        return max(self.fed // size, self.played)


#: Every cut, whatever it takes.
THOROUGH: Final = Effort(played=1_000_000, fed=1 << 60)

Play = Callable[[Sequence[bytes]], Awaitable[Outcome]]


async def check(stage: Stage, recording: Recording, effort: Effort) -> Checked:
    """Play a recording in every way."""
    checked = Checked(recording=recording)
    if (refusal := _refused(recording)) is not None:
        checked.findings.append(Finding(rule=Rule.ADMITTED, caller=recording.dialect.value, text=refusal))
    for request in questions(recording):
        checked.first = checked.first or request

        play = partial(stage.play, recording, request)
        outcome = await play([recording.wire(recording.body)])
        checked.told = outcome.wire if checked.told is None else checked.told
        found = [*_asked(stage, recording), *_ended(recording, outcome)]
        if not found and recording.answered:
            found += await _split(stage, recording, request, play, effort)
            lost = losses(recording.body, outcome.wire)
            checked.lost.update(place for place in lost if not matters(place))
            if recording.operation is Operation.SPEECH and outcome.wire != recording.body:
                found.append((Rule.KEPT, "the sound is another one"))
            found += [(Rule.KEPT, f"{place} does not reach the caller") for place in lost if matters(place)]
        checked.dropped.update(outcome.dropped)
        caller = request.dialect.value
        checked.findings += [Finding(rule=rule, caller=caller, text=text) for rule, text in found]
    return checked


Told = tuple[Rule, str]


def _refused(recording: Recording) -> str | None:
    """Why our own door turns away what the provider answered."""
    try:
        as_recorded(recording)
    except RequestError as error:
        return error.message if recording.answered else None
    return None


def _asked(stage: Stage, recording: Recording) -> list[Told]:
    asked = stage.player.asked
    if asked is None:
        return [(Rule.ASKED, "nothing was asked at all")]
    found: list[Told] = []
    path = asked.path.partition("?")[0]
    if recording.path and path.rpartition("/")[2] != recording.path.rpartition("/")[2]:
        found.append((Rule.ASKED, f"asked at {path}, recorded at {recording.path}"))
    if recording.question is not None and recording.asked is not None and _json(asked.body) != recording.asked:
        found.append((Rule.ASKED, "asked in other words than the documented ones"))
    if not any(SECRET in value for value in (asked.path, *asked.headers.values())):
        found.append((Rule.ASKED, "the key was not sent"))
    if SECRET.encode() in asked.body:
        found.append((Rule.ASKED, "the key is in the body"))
    return found


def _ended(recording: Recording, outcome: Outcome) -> list[Told]:
    failure = outcome.failure
    if recording.answered:
        return [] if failure is None else [(Rule.WHOLE, f"read as {failure.kind}: {failure.message}")]
    if failure is None:
        return [(Rule.ERRORS, f"a {recording.status} was read as an answer")]
    found: list[Told] = []
    meant = _MEANINGS.get(recording.status)
    if meant is not None and failure.kind not in meant:
        found.append((Rule.ERRORS, f"a {recording.status} was read as {failure.kind}"))
    if failure.status != recording.status or not failure.message:
        found.append((Rule.ERRORS, f"a {recording.status} lost its status or its message"))
    if SECRET in f"{failure}":
        found.append((Rule.ERRORS, "the key is in the error"))
    return found


async def _split(stage: Stage, recording: Recording, request: Request, play: Play, effort: Effort) -> list[Told]:
    body = recording.wire(recording.body)
    whole = await play([body])
    found: list[Told] = []

    async def same(ways: Iterable[Sequence[bytes]], play: Play = play) -> None:
        for pieces in ways:
            if not found and await play(pieces) != whole:
                found.append((Rule.SPLITS, f"another answer in pieces of {_sizes(pieces)} bytes"))

    await same(cuts.in_two(body, effort.played))
    await same(cuts.in_many(body, effort.played // 8, recording.name))
    await same([cuts.evenly(body, effort.played * 16)])
    if not (recording.stream and request.stream):
        return found
    if stage.row.adapter is None:

        async def read_only(pieces: Sequence[bytes]) -> Outcome:
            return replace(stage.read(recording, request, pieces), dropped=whole.dropped)

        await same([cuts.evenly(body, len(body)), *cuts.at_every_byte(body)], read_only)
        await same(cuts.in_two(body, effort.read(len(body))), read_only)
    found += [] if recording.on_socket else await _reframed(recording, play, whole)
    for early in cuts.broken_off(recording.body, effort.played):
        outcome = await play([recording.wire(early)])
        if outcome.failure is None and not outcome.settled and outcome.wire != whole.wire:
            found.append(
                (Rule.BROKEN, f"taken for whole when it ends after {len(early)} of {len(recording.body)} bytes")
            )
            break
    return found


async def _reframed(recording: Recording, play: Play, whole: Outcome) -> list[Told]:
    found: list[Told] = []
    if await play([cuts.with_crlf(recording.body)]) != whole:
        found.append((Rule.SPLITS, "another answer with CRLF"))
    if "event-stream" in recording.media_type and await play([cuts.with_comments(recording.body)]) != whole:
        found.append((Rule.SPLITS, "another answer with comments between its events"))
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _sizes(pieces: Sequence[bytes]) -> str:
    sizes = [str(len(piece)) for piece in pieces]
    return " + ".join(sizes if len(sizes) < 10 else [*sizes[:3], "...", sizes[-1]])
