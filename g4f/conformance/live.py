"""The same card from the provider itself: a handful of tiny questions with the user's own key."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from g4f.config.schema import Config, Provider
from g4f.conformance.card import OPERATIONS, Ability, Line, Verdict, heard_abilities
from g4f.conformance.heard import Heard, fold
from g4f.conformance.probes import ABOUT_IN, MOST_OUT, PROBES, Probe
from g4f.conformance.questions import build
from g4f.conformance.replay import CONNECT
from g4f.dialects.face import Origin
from g4f.dialects.openai.wire import DONE
from g4f.dialects.registry import operations, upstream
from g4f.errors import RequestError
from g4f.exchange.failure import AttemptFailed, Failure, FailureKind
from g4f.exchange.request import Dialect, Operation, Request
from g4f.providers.registry import bind
from g4f.providers.transport import Pools
from g4f.providers.types import Adapter, Call

#: Seconds for one question.
PATIENCE: Final = 90.0
#: What says that the provider will not do what was asked; any other failure says nothing about what it can do.
_REFUSALS: Final = frozenset(
    {FailureKind.BAD_REQUEST, FailureKind.REJECTED, FailureKind.UNSUPPORTED, FailureKind.NOT_FOUND, FailureKind.EMPTY}
)
#: After these the other questions would only fail alike.
_HOPELESS: Final = frozenset(
    {FailureKind.AUTH, FailureKind.QUOTA, FailureKind.DNS, FailureKind.CONNECT, FailureKind.CONNECT_TIMEOUT}
)
_WRONG_MODEL: Final = "g4f-there-is-no-such-model"


class Hopeless(Exception):  # noqa: N818 - it says how things are
    """The provider cannot be asked at all."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.message}")


def cost(row: Provider, model: str) -> tuple[int, float | None]:
    """How many questions there are, and what they cost at most in US dollars, where the price is known."""
    count = len(PROBES) + 2
    price = row.prices.get(model)
    if price is None:
        return count, None
    return count, count * (ABOUT_IN * price.input + MOST_OUT * price.output) / 1e6


async def ask(name: str, row: Provider, config: Config, model: str) -> list[Line]:
    """The lines that the provider's own answers make. Raises Hopeless."""
    pools = Pools()
    adapter = bind(name, row, config, pools)
    try:
        asker = _Asker(name, adapter, model, row.keys[0].name if row.keys else None)
        lines = {line.ability: line for probe in PROBES for line in [await asker.probe(probe)]}
        for ability in asker.seen:
            if ability not in lines:
                lines[ability] = Line(ability=ability, verdict=Verdict.YES, evidence=("seen in its answers",))
        lines[Ability.ERRORS] = await asker.errors()
        if row.adapter is None and Operation.COUNT_TOKENS in operations(_dialect(row), row.operations):
            lines[Ability.COUNT_TOKENS] = await asker.count_tokens(_dialect(row))
    finally:
        await adapter.close()
    return [lines.get(ability) or _not_asked(ability) for ability in Ability]


def _dialect(row: Provider) -> Dialect:
    return Dialect(row.dialect or Dialect.OPENAI)


def _not_asked(ability: Ability) -> Line:
    detail = "another model's work: not asked" if ability in OPERATIONS else "not asked"
    return Line(ability=ability, verdict=Verdict.UNKNOWN, evidence=(detail,))


class _Asker:
    """Puts questions to one provider, and keeps what its answers showed beside what they were asked for."""

    def __init__(self, name: str, adapter: Adapter, model: str, key: str | None) -> None:
        self.seen: set[Ability] = set()
        self._name = name
        self._adapter = adapter
        self._model = model
        self._key = key
        self._new_name = False

    async def probe(self, probe: Probe) -> Line:
        request = build(Operation.CHAT, self._fields(probe.payload()), stream=probe.stream)
        try:
            heard = await self._heard(request)
        except AttemptFailed as failed:
            if self._wants_new_name(failed.failure):
                return await self.probe(probe)
            return _refused(probe.ability, failed.failure)
        self.seen.update(heard_abilities(heard))
        said = heard.text.strip() or ", ".join(f"{name}({arguments})" for name, arguments in heard.calls)
        verdict = Verdict.YES if probe.shows(heard) else Verdict.NO
        return Line(ability=probe.ability, verdict=verdict, evidence=(f"said {said[:60]!r}",))

    async def errors(self) -> Line:
        """Whether a model that does not exist is known to be none."""
        request = build(Operation.CHAT, self._fields(PROBES[0].payload()))
        try:
            await self._answer(request, _WRONG_MODEL)
        except AttemptFailed as failed:
            failure = failed.failure
            told = f"a wrong model is {failure.kind} ({failure.status}): {failure.message[:60]}"
            known = failure.kind in (FailureKind.NOT_FOUND, FailureKind.BAD_REQUEST, FailureKind.REJECTED)
            return Line(ability=Ability.ERRORS, verdict=Verdict.YES if known else Verdict.UNKNOWN, evidence=(told,))
        return Line(ability=Ability.ERRORS, verdict=Verdict.NO, evidence=("a wrong model was answered",))

    async def count_tokens(self, dialect: Dialect) -> Line:
        payload = {"messages": [{"role": "user", "content": "Say hello."}], "model": self._model}
        request = replace(build(Operation.CHAT, payload), operation=Operation.COUNT_TOKENS, dialect=dialect)
        try:
            counted = json.loads(await self._answer(request, self._model))
        except AttemptFailed as failed:
            return _refused(Ability.COUNT_TOKENS, failed.failure)
        return Line(ability=Ability.COUNT_TOKENS, verdict=Verdict.YES, evidence=(f"said {json.dumps(counted)[:60]}",))

    def _fields(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._new_name:
            return payload
        return {"max_completion_tokens" if key == "max_tokens" else key: value for key, value in payload.items()}

    def _wants_new_name(self, failure: Failure) -> bool:
        """OpenAI's newer models take the limit of an answer under another name only."""
        first, self._new_name = not self._new_name, "max_completion_tokens" in failure.message or self._new_name
        return first and self._new_name

    async def _heard(self, request: Request) -> Heard:
        wire = await self._answer(request, self._model)
        origin = Origin(request=request, provider=self._name, now=0)
        face = upstream(Dialect.OPENAI)
        if not request.stream:
            return fold(face.events_of_completion(wire, origin))
        return fold(list(face.decoder(origin).feed(wire + DONE)))

    async def _answer(self, request: Request, model: str) -> bytes:
        """The wire of an answer. Raises AttemptFailed, and Hopeless where asking more is useless."""
        call = Call(request=request, model=model, key=self._key, connect=CONNECT)
        try:
            async with asyncio.timeout(PATIENCE):
                if request.stream:
                    return b"".join([frame.wire async for frame in self._adapter.stream(call)])
                return (await self._adapter.complete(call)).wire
        except TimeoutError:
            message = f"no answer within {PATIENCE:g} s"
            raise AttemptFailed(Failure(kind=FailureKind.TIMEOUT, message=message)) from None
        except RequestError as error:
            raise AttemptFailed(Failure(kind=FailureKind.BAD_REQUEST, message=error.message)) from None
        except AttemptFailed as failed:
            if failed.failure.kind in _HOPELESS:
                raise Hopeless(failed.failure) from None
            raise


def _refused(ability: Ability, failure: Failure) -> Line:
    verdict = Verdict.NO if failure.kind in _REFUSALS else Verdict.UNKNOWN
    return Line(ability=ability, verdict=verdict, evidence=(f"{failure.kind}: {failure.message[:80]}",))


def models_of(name: str, row: Provider, config: Config) -> Iterator[str]:
    """The provider's own names of models that a configuration or its row mentions, the cheapest first."""
    known = dict.fromkeys(row.models.values())
    for public, model in (config.models or {}).items():
        for entry in (entry for tier in model.chain for entry in tier if entry.provider == name):
            known[entry.model or row.models.get(public, public)] = None
    chats = [model for model in known if not model.endswith("*")]
    yield from sorted(chats, key=lambda model: row.prices[model].output if model in row.prices else float("inf"))
