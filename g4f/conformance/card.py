"""What a provider has shown it can do, and by which evidence: one line for each capability."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from g4f.config.schema import Provider
from g4f.conformance.checks import Checked
from g4f.conformance.heard import Heard, listen
from g4f.conformance.questions import as_recorded
from g4f.conformance.recording import Recording
from g4f.dialects.registry import operations
from g4f.exchange.capability import needs_of
from g4f.exchange.failure import AttemptFailed
from g4f.exchange.request import Dialect, Operation, Request


class Ability(StrEnum):
    """A line of the card."""

    TEXT = "text"
    STREAM = "stream"
    TOOLS = "tools"
    PARALLEL_TOOLS = "parallel tools"
    VISION = "vision"
    AUDIO = "audio"
    FILES = "files"
    REASONING = "reasoning"
    SIGNED = "signed reasoning"
    JSON = "structured output"
    CITATIONS = "citations"
    LOGPROBS = "logprobs"
    USAGE = "usage"
    CACHED = "cached tokens"
    ERRORS = "errors"
    COUNT_TOKENS = "count_tokens"
    EMBEDDINGS = "embeddings"
    MODERATION = "moderation"
    RERANK = "rerank"
    IMAGES = "images"
    SPEECH = "speech"
    TRANSCRIPTION = "transcription"


class Verdict(StrEnum):
    """What is known about an ability."""

    YES = "yes"
    BY_DIALECT = "by its dialect"
    DOCUMENTED = "documented"
    NO = "no"
    FAILED = "FAILED"
    UNKNOWN = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`evidence` names what was played, or says whose word it is. `claimed`: the provider's row says that it can."""

    ability: Ability
    verdict: Verdict
    evidence: tuple[str, ...] = ()
    claimed: bool = False


#: The abilities that are operations of their own.
OPERATIONS: Final = {
    Ability.COUNT_TOKENS: Operation.COUNT_TOKENS,
    Ability.EMBEDDINGS: Operation.EMBEDDINGS,
    Ability.MODERATION: Operation.MODERATION,
    Ability.RERANK: Operation.RERANK,
    Ability.IMAGES: Operation.IMAGE_GENERATION,
    Ability.SPEECH: Operation.SPEECH,
    Ability.TRANSCRIPTION: Operation.TRANSCRIPTION,
}
_CHAT: Final = frozenset({Operation.CHAT})
#: The words of a row's `capabilities`.
_CLAIMS: Final = {
    Ability.STREAM: "stream",
    Ability.TOOLS: "tools",
    Ability.VISION: "vision",
    Ability.AUDIO: "audio",
    Ability.FILES: "files",
    Ability.REASONING: "reasoning",
    Ability.JSON: "json",
}
_NEEDS: Final = {"vision": Ability.VISION, "audio": Ability.AUDIO, "files": Ability.FILES, "json": Ability.JSON}


def card(row: Provider, checked: Sequence[Checked]) -> list[Line]:
    """The lines of a provider's card, after its recordings were played."""
    shown: dict[Ability, list[Checked]] = {ability: [] for ability in Ability}
    for one in checked:
        for ability in abilities(_in_words_known(one), one.first):
            shown[ability].append(one)
    return [_line(ability, found, row) for ability, found in shown.items()]


def _in_words_known(one: Checked) -> Recording:
    """The recording; of a service with words of its own, what its adapter made of them."""
    if one.recording.adapter is None or one.told is None:
        return one.recording
    return replace(one.recording, body=one.told)


def abilities(recording: Recording, request: Request | None) -> Iterator[Ability]:
    """What a recording shows."""
    if not recording.answered:
        yield Ability.ERRORS
        return
    yield from (ability for ability, operation in OPERATIONS.items() if operation is recording.operation)
    if recording.operation is not Operation.CHAT or request is None:
        return
    try:
        heard = listen(recording, request)
    except AttemptFailed:
        return
    yield from heard_abilities(heard)
    if recording.stream:
        yield Ability.STREAM
    yield from (ability for need, ability in _NEEDS.items() if need in _needs(recording, request))


def _needs(recording: Recording, request: Request) -> frozenset[str]:
    """What the recorded request needed; that of a dialect which no client speaks to us has OpenAI's messages."""
    if recording.asked is None:
        return frozenset()
    native = as_recorded(recording)
    if native is None and isinstance(recording.asked.get("messages"), list):
        return needs_of(recording.asked)
    return request.needs


def heard_abilities(heard: Heard) -> Iterator[Ability]:
    """What an answer shows."""
    shows = {
        Ability.TEXT: heard.text or heard.refusal,
        Ability.TOOLS: heard.calls,
        Ability.PARALLEL_TOOLS: len(heard.calls) > 1,
        Ability.REASONING: heard.thoughts,
        Ability.SIGNED: heard.signed,
        Ability.CITATIONS: heard.citations,
        Ability.LOGPROBS: heard.logprobs,
        Ability.USAGE: heard.usage,
        Ability.CACHED: heard.usage and heard.usage.cached_tokens,
    }
    yield from (ability for ability, found in shows.items() if found)


def _line(ability: Ability, found: Sequence[Checked], row: Provider) -> Line:
    claimed = _CLAIMS.get(ability, "") in row.capabilities
    names = tuple(one.recording.name for one in found)
    failed = tuple(one.recording.name for one in found if one.findings)
    if failed:
        return Line(ability=ability, verdict=Verdict.FAILED, evidence=failed, claimed=claimed)
    own = tuple(one.recording.name for one in found if not one.recording.own)
    if own:
        return Line(ability=ability, verdict=Verdict.YES, evidence=own, claimed=claimed)
    denied = _denied(ability, row)
    if denied:
        return Line(ability=ability, verdict=Verdict.NO, evidence=(denied,))
    documented = Verdict.BY_DIALECT if row.adapter is None else Verdict.DOCUMENTED
    verdict = documented if names else Verdict.UNKNOWN
    return Line(ability=ability, verdict=verdict, evidence=names, claimed=claimed)


def _denied(ability: Ability, row: Provider) -> str | None:
    """By which word of the provider's row it cannot do something."""
    operation = OPERATIONS.get(ability)
    dialect = Dialect(row.dialect or Dialect.OPENAI)
    if operation is not None and row.adapter is None and operation not in operations(dialect, row.operations):
        spoken = operation in operations(dialect, None)
        return f"its row has no {operation}" if spoken else f"the dialect {dialect} has no {operation}"
    if operation is not None and row.adapter is not None and operation not in (row.operations or _CHAT):
        return f"its row has no {operation}"
    if ability is Ability.TEXT and row.adapter is not None and Operation.CHAT not in (row.operations or _CHAT):
        return f"its row has no {Operation.CHAT}"
    claim = _CLAIMS.get(ability)
    if claim is not None and row.capabilities and claim not in row.capabilities:
        return f"its row does not say {claim}"
    return None


def as_dict(lines: Iterable[Line]) -> dict[str, Any]:
    """A card for programs."""
    return {
        line.ability.value: {
            "verdict": line.verdict.value,
            "evidence": list(line.evidence),
            "claimed": line.claimed,
        }
        for line in lines
    }
